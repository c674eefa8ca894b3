package app

import (
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

func (w *worker) tellAll(ts []plant.Transition) {
	if len(ts) == 0 {
		return
	}
	for i := range ts {
		w.tell(&ts[i])
	}
	w.audience.Decided(ts)
	w.showChanged()
}

func (w *worker) showChanged() {
	ids := w.state.TakeDirty()
	if len(ids) == 0 {
		return
	}
	views := make([]rules.PlantView, 0, len(ids))
	var gone []string
	for _, id := range ids {
		if v, ok := w.state.View(id); ok {
			views = append(views, v)
		} else {
			gone = append(gone, id)
		}
	}
	w.audience.Changed(views)
	if len(gone) > 0 {
		w.audience.Gone(gone)
	}
}

// tell logs a transition, one line each.
func (w *worker) tell(t *plant.Transition) {
	args := []any{"plant", t.Plant}
	if a := t.Alert; a != nil {
		args = append([]any{"rule", a.Rule, "severity", a.Severity}, args...)
	}
	if t.Line != "" {
		args = append(args, "line", t.Line)
	}
	if t.Machine != "" {
		args = append(args, "machine", t.Machine)
	}
	args = append(args, "from", t.From, "to", t.To, "at", t.At.String(), "reason", t.Reason)
	if t.Since != 0 {
		args = append(args, "since", t.Since.String())
	}
	if v := t.Verdict; v != nil && v.Recovery != nil {
		args = append(args, "recovery", *v.Recovery)
	}
	if t.First {
		args = append(args, "first", true)
	}
	if t.Relapsed {
		args = append(args, "relapsed", true)
	}
	w.log.Info(t.Kind+" "+t.To, append(args, "id", t.ID)...)
}
