package app

import (
	"bytes"
	"context"
	"io"
	"iter"
	"testing"

	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/rules"
)

// kept is a queue that keeps one snapshot.
type kept struct {
	frames
	seq  uint64
	data []byte
}

func (k *kept) SaveSnapshot(ctx context.Context, seq uint64, pieces iter.Seq2[[]byte, error]) error {
	var data []byte
	for piece, err := range pieces {
		if err != nil {
			return err
		}
		data = append(data, piece...)
	}
	k.seq, k.data = seq, data
	return ctx.Err()
}

// A stop that is asked for while a snapshot is made and the worker is in the
// middle of a frame is no failure of the snapshot: the worker goes on to the
// next frame, hears of the stop, and saves the last one.
func TestAStopDoesNotEndASnapshot(t *testing.T) {
	state := rules.NewState(nil)
	state.Step(rules.Event{Kind: rules.Tick, Seq: 7, At: 1e18})
	for name, end := range map[string]func(*saving) (written, error){
		"waited for": func(s *saving) (written, error) { return s.finish(context.Background()) },
		"piece by piece": func(s *saving) (end written, err error) {
			for ended := false; !ended && err == nil; {
				end, ended, err = s.advance()
			}
			return end, err
		},
	} {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		q := new(kept)
		s, err := beginSaving(ctx, q, state, fleet.NewLive(state))
		if err != nil {
			t.Fatal(err)
		}
		got, err := end(s)
		if err != nil || got.err != nil {
			t.Errorf("%s: %v, %v", name, got.err, err)
			continue
		}
		if again, _, err := readSnapshot(bytes.NewReader(q.data), nil); err != nil || again.Seq() != 7 || q.seq != 7 {
			t.Errorf("%s: a snapshot of frame %d, %v", name, q.seq, err)
		}
	}
}

// One that is given up never becomes a snapshot, however far it came.
func TestASnapshotThatIsGivenUpIsNone(t *testing.T) {
	state := rules.NewState(nil)
	state.Step(rules.Event{Kind: rules.Tick, Seq: 7, At: 1e18})
	for pieces := range 3 {
		q := new(kept)
		s, err := beginSaving(t.Context(), q, state, fleet.NewLive(state))
		if err != nil {
			t.Fatal(err)
		}
		for range pieces {
			if err := s.make(); err != nil && err != io.EOF {
				t.Fatal(err)
			}
			if s.ahead != nil {
				s.pieces <- s.ahead
				s.ahead = nil
			}
		}
		if s.made {
			t.Fatal("it is whole")
		}
		if end := s.giveUp(); end.err == nil || q.data != nil {
			t.Errorf("after %d pieces: %v, %d bytes", pieces, end.err, len(q.data))
		}
	}
}
