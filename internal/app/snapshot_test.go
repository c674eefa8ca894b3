package app

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// writeSnapshot is a snapshot made at once.
func writeSnapshot(state *rules.State, live *fleet.Live) ([]byte, error) {
	head, err := snapshotHead(live)
	if err != nil {
		return nil, err
	}
	rest, err := state.Marshal()
	return append(head, rest...), err
}

func TestSnapshotsOfTheRulesAndTheFleet(t *testing.T) {
	reg := &plant.Registry{Plants: []*plant.Plant{{ID: "a", Lines: []*plant.Line{{ID: "l", Machines: []string{"m"}}}}}}
	reg.Index()
	def := &rules.Definition{Version: "v1", Registry: reg}
	state := rules.NewState(def)
	state.Step(rules.Event{Kind: rules.Tick, Seq: 7, At: 1e18})
	live := fleet.NewLive(state)
	live.Frame(def, 1e18, []plant.Transition{{Kind: plant.KindPhase, Plant: "a", At: 1e18, To: "resumed"}}, nil)
	whole, err := writeSnapshot(state, live)
	if err != nil {
		t.Fatal(err)
	}
	before, err := state.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	ofFleet, err := live.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	second := binary.BigEndian.AppendUint64(slices.Clone(secondMark), uint64(len(before)))
	second = append(append(second, before...), ofFleet...)
	for name, c := range map[string]struct {
		data    []byte
		resumed int // -1: refused
	}{
		"whole":                              {whole, 1},
		"as it was written as a whole":       {second, 1},
		"... the fleet cut short":            {second[:len(second)-5], -1},
		"of a time before there was a fleet": {before, 0},
		"nothing":                            {nil, -1},
		"cut short":                          {whole[:len(whole)/3], -1},
		"the rules cut short":                {whole[:len(whole)-5], -1},
		"the mark alone":                     {snapshotMark, -1},
		"rubbish":                            {[]byte("rubbish"), -1},
	} {
		got, figures, err := readSnapshot(bytes.NewReader(c.data), nil)
		if c.resumed < 0 {
			if plant.CodeOf(err) != plant.CodeDamaged {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Seq() != 7 {
			t.Errorf("%s: frame %d, want 7", name, got.Seq())
		}
		if now := figures.Now(); now[0].Resumed != c.resumed {
			t.Errorf("%s: %d resumed, want %d", name, now[0].Resumed, c.resumed)
		}
	}
}
