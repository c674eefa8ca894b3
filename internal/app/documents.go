package app

import (
	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// maxItems is how many transitions, windows, slots and so on one document
// holds at most: a megabyte or so. After a long time away very many windows
// close at once.
const maxItems = 2000

// documents collects what the steps through one frame decided, for the
// documents in the queue. Its slices are reused.
type documents struct {
	doc     collector.Verdicts
	windows []rules.Window
}

func (d *documents) begin() {
	d.doc.Transitions = d.doc.Transitions[:0]
	d.doc.Windows = d.doc.Windows[:0]
	d.doc.Slots = d.doc.Slots[:0]
	d.doc.Lines = d.doc.Lines[:0]
	d.doc.Declared = d.doc.Declared[:0]
	d.doc.Flags = d.doc.Flags[:0]
	d.doc.Shifts = d.doc.Shifts[:0]
	d.doc.Resumption = nil
	d.windows = d.windows[:0]
}

func (d *documents) add(r *rules.Result) {
	d.doc.Transitions = append(d.doc.Transitions, r.Transitions...)
	d.doc.Slots = append(d.doc.Slots, r.Slots...)
	d.doc.Declared = append(d.doc.Declared, r.Declared...)
	d.doc.Flags = append(d.doc.Flags, r.Flags...)
	d.doc.Shifts = append(d.doc.Shifts, r.Shifts...)
	d.windows = append(d.windows, r.Windows...)
}

// addSlots adds slots of an import.
func (d *documents) addSlots(slots []plant.OutputSlot) { d.doc.Slots = append(d.doc.Slots, slots...) }

func (d *documents) empty() bool {
	return d.doc.Empty() && len(d.windows) == 0
}

// parts completes what was collected with what the registry and the lines'
// views add, and cuts it into documents: the same ones for the same frame.
func (d *documents) parts(at plant.Instant, state *rules.State) ([]collector.Verdicts, error) {
	def := state.Definition()
	for _, w := range d.windows {
		out := collector.PlantWindow{Plant: w.Plant, Phase: w.Phase, Relapsed: w.Relapsed, Verdict: w.Verdict}
		if p := def.Registry.Plant(w.Plant); p != nil {
			out.Labels = p.Labels
		}
		d.doc.Windows = append(d.doc.Windows, out)
	}
	if err := d.addLines(state); err != nil {
		return nil, err
	}
	rest := d.doc
	var out []collector.Verdicts
	for !rest.Empty() {
		left := maxItems
		part := collector.Verdicts{At: at, Definition: def.Version}
		part.Transitions, left = cut(&rest.Transitions, left)
		part.Lines, left = cut(&rest.Lines, left)
		part.Windows, left = cut(&rest.Windows, left)
		part.Slots, left = cut(&rest.Slots, left)
		part.Declared, left = cut(&rest.Declared, left)
		part.Flags, left = cut(&rest.Flags, left)
		part.Shifts, left = cut(&rest.Shifts, left)
		part.Resumption, _ = cut(&rest.Resumption, left)
		out = append(out, part)
	}
	return out, nil
}

// cut takes up to n items from the front of from, and returns them and what is
// left of n.
func cut[T any](from *[]T, n int) ([]T, int) {
	k := min(n, len(*from))
	head := (*from)[:k:k]
	*from = (*from)[k:]
	return head, n - k
}

// addLines adds the states that lines changed to.
func (d *documents) addLines(state *rules.State) error {
	for i := range d.doc.Transitions {
		t := &d.doc.Transitions[i]
		if t.Kind != plant.KindLine {
			continue
		}
		status := collector.LineStatus{Plant: t.Plant, Line: t.Line, At: t.At, Reason: t.Reason, Since: t.Since}
		status.Output = lineOutput(state, t.Plant, t.Line)
		if err := status.State.UnmarshalText([]byte(t.To)); err != nil {
			return err
		}
		d.doc.Lines = append(d.doc.Lines, status)
	}
	return nil
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
