package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/decode"
	"github.com/seed-00829101/heartline/plant"
)

// The plan names every field that a sample can have: the one that is counted
// may be the last.
func TestThePlanOfAnImportNamesEveryField(t *testing.T) {
	s := plant.Sample{Plant: "p", Line: "l", Machine: "m"}
	for i := range decode.MaxFields {
		s.Fields = append(s.Fields, plant.Field{Name: fmt.Sprintf("f%d", i)})
	}
	found := scanned{machines: map[collector.MachineID]*scannedMachine{}}
	found.add(&source{}, &s)
	found.add(&source{}, &s)
	got := found.plan("x").Machines[0].Fields
	if len(got) != decode.MaxFields || !slices.Contains(got, s.Fields[decode.MaxFields-1].Name) {
		t.Errorf("the plan names %d fields of %d", len(got), decode.MaxFields)
	}
}
