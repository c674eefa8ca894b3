package app

import (
	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// documents collects what the steps through one frame decided, for one
// document in the queue. Its slices are reused.
type documents struct {
	doc     collector.Verdicts
	windows []rules.Window
}

func (d *documents) begin() {
	d.doc.Transitions = d.doc.Transitions[:0]
	d.doc.Windows = d.doc.Windows[:0]
	d.doc.Slots = d.doc.Slots[:0]
	d.doc.Lines = d.doc.Lines[:0]
	d.windows = d.windows[:0]
}

func (d *documents) add(r *rules.Result) {
	d.doc.Transitions = append(d.doc.Transitions, r.Transitions...)
	d.doc.Slots = append(d.doc.Slots, r.Slots...)
	d.windows = append(d.windows, r.Windows...)
}

func (d *documents) empty() bool {
	return len(d.doc.Transitions) == 0 && len(d.windows) == 0 && len(d.doc.Slots) == 0
}

// marshal completes the document with what the registry and the lines' views
// add, and returns it as JSON.
func (d *documents) marshal(at plant.Instant, state *rules.State) ([]byte, error) {
	def := state.Definition()
	d.doc.At, d.doc.Definition = at, def.Version
	for _, w := range d.windows {
		out := collector.PlantWindow{Plant: w.Plant, Phase: w.Phase, Relapsed: w.Relapsed, Verdict: w.Verdict}
		if p := def.Registry.Plant(w.Plant); p != nil {
			out.Labels = p.Labels
		}
		d.doc.Windows = append(d.doc.Windows, out)
	}
	for i := range d.doc.Transitions {
		t := &d.doc.Transitions[i]
		if t.Kind != plant.KindLine {
			continue
		}
		status := collector.LineStatus{Plant: t.Plant, Line: t.Line, At: t.At, Reason: t.Reason, Since: t.Since}
		status.Output = lineOutput(state, t.Plant, t.Line)
		if err := status.State.UnmarshalText([]byte(t.To)); err != nil {
			return nil, err
		}
		d.doc.Lines = append(d.doc.Lines, status)
	}
	return d.doc.Marshal()
}

// lineOutput is what the line made so far in its plant's open window.
func lineOutput(state *rules.State, plantID, line string) *float64 {
	v, _ := state.View(plantID)
	for i := range v.Lines {
		if v.Lines[i].ID == line {
			return &v.Lines[i].Output
		}
	}
	return nil
}
