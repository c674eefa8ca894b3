package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
)

func TestTheLoopsMemoryOutlivesIt(t *testing.T) {
	name := filepath.Join(t.TempDir(), memoryFile)
	if mem, err := readMemory(name); err != nil || len(mem.Machines) > 0 {
		t.Errorf("before the first start: %+v, %v", mem, err)
	}
	want := collector.Memory{Machines: []collector.MachineMemory{
		{MachineID: collector.MachineID{Plant: "p 1", Line: "l", Machine: "机"}, Discovered: true},
		{MachineID: collector.MachineID{Plant: "q", Line: "l", Machine: "m"}, Retained: 1<<64 - 1},
	}}
	for range 2 {
		if err := writeMemory(name, want); err != nil {
			t.Fatal(err)
		}
	}
	got, err := readMemory(name)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	if err := os.Truncate(name, 20); err != nil {
		t.Fatal(err)
	}
	if _, err := readMemory(name); err == nil {
		t.Error("a torn file was read as if it were whole")
	}
}
