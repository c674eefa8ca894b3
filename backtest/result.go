package backtest

import (
	"cmp"
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// Result is what the rules said, in order of time, then of plant and line. Of
// several changes of one plant or line at one instant the last stands.
type Result struct {
	Phases []Phase `json:"phases"`
	Lines  []Line  `json:"lines"`
	// Alerts of custom rules; absent where there are none.
	Alerts []Alert `json:"alerts,omitempty"`
	// Shifts is what lines made of shifts, with Options.Shifts.
	Shifts []plant.ShiftFigures `json:"shifts,omitempty"`
}

// Phase is a change of a plant's phase.
type Phase struct {
	Plant        string        `json:"plant"`
	At           plant.Instant `json:"at"`
	From         string        `json:"from"`
	To           string        `json:"to"`
	Relapsed     bool          `json:"relapsed"`
	First        bool          `json:"first"`
	Recovery     *float64      `json:"recovery"` // null: not evaluated, or without bound
	RecoveryLow  *float64      `json:"recovery_low"`
	RecoveryHigh *float64      `json:"recovery_high"`
}

// Line is a change of a line's state.
type Line struct {
	Plant  string        `json:"plant"`
	Line   string        `json:"line"`
	At     plant.Instant `json:"at"`
	From   string        `json:"from"`
	To     string        `json:"to"`
	Since  plant.Instant `json:"since"`
	Reason string        `json:"reason"`
}

// Alert is a change of a custom rule's alert.
type Alert struct {
	Plant   string        `json:"plant"`
	Line    string        `json:"line,omitempty"`
	Machine string        `json:"machine,omitempty"`
	At      plant.Instant `json:"at"`
	From    string        `json:"from"`
	To      string        `json:"to"`
	Since   plant.Instant `json:"since"`
	Reason  string        `json:"reason"`
	plant.Alert
}

// add takes the transitions of one plant, in the order they were made.
func (r *Result) add(ts []plant.Transition) {
	for i := range ts {
		t := &ts[i]
		if t.Kind == plant.KindLine {
			r.Lines = append(r.Lines, Line{Plant: t.Plant, Line: t.Line, At: t.At, From: t.From, To: t.To, Since: t.Since, Reason: t.Reason})
			continue
		}
		if t.Kind == plant.KindAlert {
			a := Alert{Plant: t.Plant, Line: t.Line, Machine: t.Machine, At: t.At, From: t.From, To: t.To, Since: t.Since, Reason: t.Reason}
			if t.Alert != nil {
				a.Alert = *t.Alert
			}
			r.Alerts = append(r.Alerts, a)
			continue
		}
		p := Phase{Plant: t.Plant, At: t.At, From: t.From, To: t.To, Relapsed: t.Relapsed, First: t.First}
		if v := t.Verdict; v != nil {
			p.Recovery, p.RecoveryLow, p.RecoveryHigh = v.Recovery, v.RecoveryLow, v.RecoveryHigh
		}
		r.Phases = append(r.Phases, p)
	}
}

// of is what the alert is of: machine, line or plant, and rule.
func (a *Alert) of() thing { return thing{a.Plant, a.Line, a.Machine, a.Rule, ""} }

// finish puts the result in order, and lets the last of several changes at one
// instant stand: from what was before the first of them.
func (r *Result) finish() {
	slices.SortStableFunc(r.Phases, func(a, b Phase) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Plant, b.Plant))
	})
	slices.SortStableFunc(r.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Plant, b.Plant), cmp.Compare(a.Line, b.Line))
	})
	slices.SortStableFunc(r.Alerts, func(a, b Alert) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Plant, b.Plant), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Machine, b.Machine), cmp.Compare(a.Rule, b.Rule))
	})
	r.Alerts = merge(r.Alerts, func(before, a *Alert) bool {
		if before.At != a.At || before.of() != a.of() {
			return false
		}
		a.From = before.From
		return true
	}, func(a *Alert) bool { return a.From != a.To })
	slices.SortStableFunc(r.Shifts, func(a, b plant.ShiftFigures) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Plant, b.Plant), cmp.Compare(a.Line, b.Line))
	})
	r.Phases = merge(r.Phases, func(before, p *Phase) bool {
		if before.At != p.At || before.Plant != p.Plant {
			return false
		}
		p.From, p.First = before.From, before.First || p.First
		return true
	}, func(p *Phase) bool { return p.From != p.To || p.First })
	r.Lines = merge(r.Lines, func(before, l *Line) bool {
		if before.At != l.At || before.Plant != l.Plant || before.Line != l.Line {
			return false
		}
		l.From = before.From
		return true
	}, func(l *Line) bool { return l.From != l.To })
}

// merge keeps the last of neighbours that take each other's place, where that
// is a change at all.
func merge[T any](all []T, replaces func(before, it *T) bool, changes func(*T) bool) []T {
	out := make([]T, 0, len(all)) // never nil: [] in JSON
	for i := range all {
		if n := len(out); n > 0 && replaces(&out[n-1], &all[i]) {
			out = out[:n-1]
		}
		out = append(out, all[i])
	}
	return slices.DeleteFunc(out, func(x T) bool { return !changes(&x) })
}
