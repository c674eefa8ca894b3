package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/pulse"
	"github.com/seed-00829101/heartline/plant"
)

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
