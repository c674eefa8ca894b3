package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/pulse"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

// A replayed letter is taken once also where the rest of the file is of another
// version.
func TestTheLoopsMemoryIsReadWithoutWhatWasSeenOfMachines(t *testing.T) {
	name := filepath.Join(t.TempDir(), memoryFile)
	want := collector.Memory{Seq: 7, Letters: []uint64{1, 2}}
	pieces := [][]byte{{99, 0, 0, 0}, nil}
	if err := writeMemory(name, want, func() (piece []byte, err error) {
		piece, pieces = pieces[0], pieces[1:]
		return piece, nil
	}); err != nil {
		t.Fatal(err)
	}
	got, tracker, err := readMemory(name, pulse.Config{})
	if d := cmp.Diff(want, got); plant.CodeOf(err) != plant.CodeDamaged || tracker != nil || d != "" {
		t.Errorf("%v %v %s", err, tracker, d)
	}
}

// A queue that begins anew gives the numbers of letters out again.
func TestAMemoryOfAnotherQueueIsForgotten(t *testing.T) {
	a := New(Options{Loaded: &config.Loaded{}, Log: slog.New(slog.DiscardHandler), Clock: time.Now})
	openQueue(t, a)
	a.cfg.DataDir = t.TempDir()
	name := filepath.Join(a.cfg.DataDir, memoryFile)
	saving := pulse.New(pulse.Config{}).Save(1)
	if err := writeMemory(name, collector.Memory{Seq: 7, Letters: []uint64{1}}, func() ([]byte, error) { return saving.Next(), nil }); err != nil {
		t.Fatal(err)
	}
	if mem, tracker := a.loadMemory(t.Context()); mem.Seq != 0 || len(mem.Letters) > 0 || tracker == nil {
		t.Errorf("%+v", mem)
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("once the queue has 7 frames it would be taken for its own: %v", err)
	}
}

func TestAMemoryThatCannotBeWrittenLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	full := errors.New("no space left on device")
	if err := writeMemory(filepath.Join(dir, memoryFile), collector.Memory{}, func() ([]byte, error) { return nil, full }); !errors.Is(err, full) {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
}

// Where there is no time for the last memory, the queue keeps what follows the one
// before.
func TestAStopWithoutAMemoryGivesNoFramesUp(t *testing.T) {
	a, q := importingApp(t, func() {})
	a.watch = &watch{tracker: pulse.New(pulse.Config{})}
	a.keeper.memoryAt(5)
	if err := a.loop.Between(t.Context(), func() {}); err != nil { // it has begun
		t.Fatal(err)
	}
	q.gate.Lock()
	defer q.gate.Unlock()
	ctx, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	a.saveMemory(ctx)
	if a.keeper.memory != 5 {
		t.Errorf("frames may be given up to %d, want 5", a.keeper.memory)
	}
}

func TestTheMemoryOutlivesTheLoop(t *testing.T) {
	name := filepath.Join(t.TempDir(), memoryFile)
	want := collector.Memory{Seq: 1<<64 - 1, Machines: []collector.MachineMemory{
		{MachineID: collector.MachineID{Plant: "p 1", Line: "l", Machine: "机"}, Discovered: true},
		{MachineID: collector.MachineID{Plant: "q", Line: "l", Machine: "m"}, Retained: 1<<64 - 1},
	}}
	tracker := pulse.New(pulse.Config{})
	for i := range 100 {
		s := plant.Sample{Plant: "p 1", Line: "l", Machine: "机", Seq: uint64(2 * i), HasSeq: true, Stamp: plant.Instant(i + 1)}
		tracker.Observe(&s, s.Stamp)
	}
	for range 2 {
		saving := tracker.Save(100)
		if err := writeMemory(name, want, func() ([]byte, error) { return saving.Next(), nil }); err != nil {
			t.Fatal(err)
		}
	}
	got, read, err := readMemory(name, pulse.Config{})
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Fatalf("%v %s", err, d)
	}
	if m, _ := read.Machine(want.Machines[0].MachineID); m.Samples != 100 || m.Missing != 99 {
		t.Errorf("read %+v", m)
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := os.WriteFile(name, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := readMemory(name, pulse.Config{}); err == nil {
			t.Errorf("%d of %d bytes were read as if they were whole", n, len(whole))
		}
	}
}
