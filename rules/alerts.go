package rules

import (
	"fmt"
	"strings"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
	"github.com/seed-00829101/heartline/rules/custom"
)

// AlertView is an alert of a custom rule that fires now.
type AlertView struct {
	Plant   string `json:"plant"`
	Line    string `json:"line,omitempty"`
	Machine string `json:"machine,omitempty"`
	// At is when it fired, Since when its condition began to hold.
	At    plant.Instant `json:"at"`
	Since plant.Instant `json:"since"`
	plant.Alert
}

// RuleFailure is a custom rule that could not be evaluated on odd data.
type RuleFailure struct {
	Rule                 string
	Plant, Line, Machine string
	At                   plant.Instant
	Why                  string
	// First says that it is the first of this rule since the rules were read;
	// Sample is then what it failed on.
	First  bool
	Sample string
}

// describe writes what a sample says, for a person.
func describe(x *plant.Sample) string {
	if x == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "ts=%s", x.Stamp)
	if x.State != "" {
		fmt.Fprintf(&b, " state=%q", x.State)
	}
	for i := range x.Fields {
		f := &x.Fields[i]
		if b.Len() > 1000 {
			return b.String() + " ..."
		}
		switch f.Kind {
		case plant.Int:
			fmt.Fprintf(&b, " %s=%d", f.Name, f.Int)
		case plant.Float:
			fmt.Fprintf(&b, " %s=%g", f.Name, f.Float)
		case plant.Bool:
			fmt.Fprintf(&b, " %s=%t", f.Name, f.Bool)
		default:
			fmt.Fprintf(&b, " %s=%.100q", f.Name, f.Str)
		}
	}
	return b.String()
}

// firing are the alerts of p that fire now: its own, then those of its lines and
// their machines.
func (p *plantState) firing() (out []AlertView) {
	add := func(w *custom.Watch, line, machine string) {
		if w == nil {
			return
		}
		w.Firing(func(a *custom.Alert) {
			out = append(out, AlertView{Plant: p.id, Line: line, Machine: machine, At: a.Fired, Since: a.Since, Alert: *a.Says})
		})
	}
	add(p.Rules, "", "")
	for _, l := range p.lines {
		add(l.Rules, l.id, "")
		for _, m := range l.machines {
			add(m.Rules, l.id, m.id)
		}
	}
	return out
}

// allFiring are those of all plants.
func (s *State) allFiring() (out []AlertView) {
	if s.rules == (customRules{}) {
		return nil
	}
	for _, p := range s.order {
		out = append(out, p.firing()...)
	}
	return out
}

// endGone ends, now, those of before whose rule, or what they were about, is
// gone with a definition.
func (s *State) endGone(before []AlertView) {
	if len(before) == 0 {
		return
	}
	type key struct{ plant, line, machine, rule string }
	still := map[key]bool{}
	for _, a := range s.allFiring() {
		still[key{a.Plant, a.Line, a.Machine, a.Rule}] = true
	}
	for _, a := range before {
		if still[key{a.Plant, a.Line, a.Machine, a.Rule}] {
			continue
		}
		says := a.Alert
		s.emit(plant.Transition{
			Kind: plant.KindAlert, Plant: a.Plant, Line: a.Line, Machine: a.Machine, At: max(s.at, a.At),
			From: plant.AlertFiring, To: plant.AlertInactive, Reason: string(becauseRuleGone), Since: a.At, Alert: &says,
		})
	}
}

// countLines is how many of the plant's lines are in that state.
func (p *plantState) countLines(state string) (n int) {
	for _, l := range p.lines {
		is := l.State
		if !l.counts {
			is = plant.Commissioning
		}
		if state == "all" || is.String() == state {
			n++
		}
	}
	return n
}

func (l *line) scheduled() bool { return l.now().Kind == calendar.Working }

// unsure reports whether an output machine is not heard: what was made meanwhile
// is not known.
func (l *line) unsure() bool {
	for _, m := range l.output {
		if m.Lost != "" || m.Good == 0 {
			return true
		}
	}
	return false
}

// unmetered reports whether the machine that meters the line's power is not
// heard.
func (l *line) unmetered() bool {
	for _, m := range l.machines {
		if l.meters(m) {
			return m.Lost != "" || m.Good == 0
		}
	}
	return true
}

// meterRead tells custom rules what the line drew from before to t, in the unit of
// the total, or of the gauge times an hour. A gauge says nothing of a gap.
func (s *State) meterRead(m *machine, before, t plant.Instant, last, v float64) {
	l := m.line
	switch gap := t.Sub(before) > m.hole(); {
	case l.Rules == nil:
	case l.conf.Power.Kind == plant.KindTotal:
		s.rules.line.Counted(l.Rules, custom.Energy, before, t, max(v-last, 0))
	case gap:
		s.rules.line.Hole(l.Rules, custom.Energy, t)
	default:
		s.rules.line.Counted(l.Rules, custom.Energy, before, t, v*t.Sub(before).Hours())
	}
}

// deaf reports whether no output machine is heard.
func (l *line) deaf() bool {
	for _, m := range l.output {
		if m.Lost == "" && m.Good != 0 {
			return false
		}
	}
	return true
}
