package app

import (
	"fmt"
	"testing"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// After a long time away one frame closes very many windows: what it led to
// is cut into documents that the queue takes, and nothing is left out.
func TestManyResultsAreCutIntoDocuments(t *testing.T) {
	const windows, slots, transitions = 100_000, 50_001, 4_500
	var d documents
	d.begin()
	for i := range windows {
		d.add(&rules.Result{Windows: []rules.Window{{Plant: fmt.Sprint("plant-", i)}}})
	}
	for i := range slots {
		d.add(&rules.Result{Slots: []plant.OutputSlot{{Plant: fmt.Sprint("plant-", i)}}})
	}
	for i := range transitions {
		d.add(&rules.Result{Transitions: []plant.Transition{{ID: fmt.Sprintf("7-%d", i), Kind: plant.KindLine, To: "running"}}})
	}
	parts, err := d.parts(plant.Instant(1), rules.NewState(nil))
	if err != nil {
		t.Fatal(err)
	}
	var w, s, tr, lines int
	for i := range parts {
		p := &parts[i]
		if n := len(p.Windows) + len(p.Slots) + len(p.Transitions) + len(p.Lines); n > maxItems || n == 0 {
			t.Errorf("part %d holds %d items", i, n)
		}
		for _, x := range p.Transitions {
			if want := fmt.Sprintf("7-%d", tr); x.ID != want {
				t.Fatalf("transition %s comes where %s should", x.ID, want)
			}
			tr++
		}
		w, s, lines = w+len(p.Windows), s+len(p.Slots), lines+len(p.Lines)
		data, err := p.Marshal()
		if err != nil || len(data) > 4<<20 {
			t.Errorf("part %d has %d bytes, %v", i, len(data), err)
		}
	}
	if w != windows || s != slots || tr != transitions || lines != transitions {
		t.Errorf("the parts hold %d windows, %d slots, %d transitions and %d lines", w, s, tr, lines)
	}
}
