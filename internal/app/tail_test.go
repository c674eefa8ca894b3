package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// madeFrames are frames from 1 on.
type madeFrames struct {
	frames [][]byte
	seen   uint64
}

// Next implements frameReader.
func (m *madeFrames) Next(context.Context) (uint64, []byte, error) {
	m.seen++
	return m.seen, m.frames[m.seen-1], nil
}

// An import between what brokers sent does not push that out of the tail.
func TestTheTailCountsWhatBrokersMayDeliverAgain(t *testing.T) {
	s := plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: 1e18, Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: 1}}}
	frame := func(live, imported int) []byte {
		var b collector.FrameBuilder
		for range live {
			if err := b.AddSample(&s, s.Stamp, "factory", collector.Packet{}); err != nil {
				t.Fatal(err)
			}
		}
		for range imported {
			if err := b.AddImported(&s, s.Stamp, collector.ImportSource); err != nil {
				t.Fatal(err)
			}
		}
		return bytes.Clone(b.Seal(1))
	}
	frames := [][]byte{frame(5, 0), frame(5, 0), frame(0, 100), nil, frame(2, 100), []byte("damaged"), frame(3, 0)}
	for records, want := range map[int]uint64{1: 7, 3: 7, 4: 5, 5: 5, 6: 2, 10: 2, 11: 1, 100: 1} {
		open := func(from uint64) (frameReader, error) { return &madeFrames{frames: frames, seen: from - 1}, nil }
		got, err := tailFrom(t.Context(), open, 1, uint64(len(frames)), records)
		if err != nil || got != want {
			t.Errorf("%d records: from frame %d, %v; want %d", records, got, err, want)
		}
	}
}

// loaded is a queue with a snapshot.
type loaded struct {
	memory
	snapshot []byte
}

func (l *loaded) LoadSnapshot(_ context.Context, read func(uint64, io.Reader) error) error {
	return read(7, bytes.NewReader(l.snapshot))
}

// A worker that begins with an old snapshot is behind before its first frame.
func TestTheRulesAreBehindFromTheirSnapshotOn(t *testing.T) {
	state := rules.NewState(nil)
	state.Step(rules.Event{Kind: rules.Tick, Seq: 7, At: 1e18})
	l, err := &loaded{}, error(nil)
	if l.snapshot, err = writeSnapshot(state, fleet.NewLive(state)); err != nil {
		t.Fatal(err)
	}
	w := &worker{queue: l, stats: new(workerStats)}
	if err := w.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if at, seq := w.stats.at.Load(), w.stats.seq.Load(); at != 1e18 || seq != 7 {
		t.Errorf("the rules are said to be at %d, frame %d", at, seq)
	}
}

// Frames that are given up while the tail is read are gone, and no more: the
// tail begins behind them.
func TestTheTailBeginsBehindWhatIsGone(t *testing.T) {
	a := New(Options{Loaded: &config.Loaded{}, Log: slog.New(slog.DiscardHandler), Clock: time.Now})
	openQueue(t, a)
	for range 3 {
		if _, err := a.queue.AppendControl(t.Context(), new(collector.FrameBuilder).Seal(1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.queue.Trim(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	frames, err := a.framesFrom(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if seq, data, err := frames.Next(t.Context()); seq != 3 || data == nil || err != nil {
		t.Errorf("frame %d, %d bytes, %v; want frame 3", seq, len(data), err)
	}
}

// What the memory of machines does not hold is read, however long ago it was.
func TestTheTailGoesBackToTheMemory(t *testing.T) {
	a := New(Options{Loaded: &config.Loaded{}, Log: slog.New(slog.DiscardHandler), Clock: time.Now})
	openQueue(t, a)
	const frames = tailFrames + 100
	for range frames {
		if _, err := a.queue.AppendControl(t.Context(), new(collector.FrameBuilder).Seal(1)); err != nil {
			t.Fatal(err)
		}
	}
	for memory, want := range map[uint64]uint64{0: frames - tailFrames + 1, 42: 43, frames: frames - tailFrames + 1} {
		first, n := uint64(0), uint64(0)
		for seq := range a.tail(t.Context(), memory) {
			if n++; first == 0 {
				first = seq
			}
		}
		if first != want || n != frames-want+1 {
			t.Errorf("after frame %d: %d frames from %d, want from %d", memory, n, first, want)
		}
	}
	for seq, ok := range map[uint64]bool{frames: true, 42: true, frames + 1: false} {
		if _, err := a.follows(t.Context(), seq); (err == nil) != ok {
			t.Errorf("a memory of frame %d: %v", seq, err)
		}
	}
	if err := a.queue.Trim(t.Context(), 50); err != nil {
		t.Fatal(err)
	}
	_, gone := a.follows(t.Context(), 49)
	if _, err := a.follows(t.Context(), 50); gone == nil || err != nil {
		t.Error("a memory whose next frame is gone is used, or one whose is not is none")
	}
}
