package rules

import (
	"math"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/custom"
)

// customRules are the custom rules of a definition, by what they are about;
// nil: there are none.
type customRules struct{ machine, line, plant *custom.Set }

// anyReading: what machines may send was checked when the rules were read.
var anyReading = &custom.Fields{}

func newCustomRules(rules []custom.Rule) (c customRules) {
	if len(rules) > 0 {
		// What another version understood and this one does not, is left out.
		c.machine, _ = custom.NewSet(rules, custom.EachMachine, anyReading)
		c.line, _ = custom.NewSet(rules, custom.EachLine, anyReading)
		c.plant, _ = custom.NewSet(rules, custom.EachPlant, anyReading)
	}
	return c
}

// Why an alert changes.
const (
	becauseCondition reason = "condition"
	becauseExcluded  reason = "excluded"  // its plant
	becauseRuleGone  reason = "rule_gone" // or what it was about
)

// watch returns what set remembers of one of its things, with what was
// remembered before; nil: there is no rule.
func watch(set, old *custom.Set, was *custom.Watch, counter plant.Counter, counts bool) *custom.Watch {
	if set == nil {
		return nil
	}
	w := set.NewWatch(counter.Field, counter.Scrap, counts)
	set.Adopt(w, old, was)
	return w
}

// speaker is who an evaluation is about; it hears what it came to.
type speaker struct {
	state   *State
	plant   *plantState
	line    *line    // nil: the plant
	machine *machine // nil: the line
	sample  *plant.Sample
	why     reason
	now     custom.Now
}

var _ custom.Listener = (*speaker)(nil)

// speak begins an evaluation, at t.
func (s *State) speak(p *plantState, l *line, m *machine, t plant.Instant) *speaker {
	k := &s.speaker
	*k = speaker{state: s, plant: p, line: l, machine: m, why: becauseCondition}
	n := &k.now
	n.At, n.Plant, n.Labels = t, p.id, p.conf.Labels
	n.Phase, n.PhaseSince, n.Relapsed = p.Phase.Phase.String(), p.Phase.Since, p.Phase.Relapsed
	n.Normal, n.Recovery = math.NaN(), math.NaN()
	switch {
	case m != nil:
		n.Line, n.Machine = l.id, m.id
		n.State, n.StateSince, n.LastMade = m.Word, m.WordSince, m.LastInc
		n.Means, n.LineState, n.LineReason = m.Means.String(), l.State.String(), string(l.Reason)
		n.Scheduled = l.scheduled()
	case l != nil:
		n.Line, n.State, n.StateSince, n.LastMade = l.id, l.State.String(), l.Since, l.lastIncrement()
		n.LineReason, n.Scheduled, n.Unsure = string(l.Reason), l.scheduled(), l.unsure()
		n.Unmetered = l.unmetered()
		n.Shift = l.Shift
		if l.base.perHour > 0 {
			n.Normal = l.base.perHour
		}
	default:
		n.Lines = p.countLines
		if v := p.Phase.Last; v != nil && v.Recovery != nil {
			n.Recovery = *v.Recovery
		}
	}
	return k
}

// Alerted implements custom.Listener.
func (k *speaker) Alerted(c custom.Change, at, since plant.Instant, a *plant.Alert) {
	t := plant.Transition{
		Kind: plant.KindAlert, Plant: k.plant.id, At: at, From: plant.AlertInactive, To: plant.AlertFiring,
		Reason: string(k.why), Since: since, Alert: a,
	}
	if k.line != nil {
		t.Line = k.line.id
	}
	if k.machine != nil {
		t.Machine = k.machine.id
	}
	if c == custom.Ends {
		t.From, t.To = t.To, t.From
	}
	k.state.emit(t)
	k.state.touch(k.plant)
}

// Failed implements custom.Listener.
func (k *speaker) Failed(r *custom.Rule, why error) {
	f := RuleFailure{Rule: r.Name, Plant: k.plant.id, At: k.now.At, Why: why.Error()}
	if k.line != nil {
		f.Line = k.line.id
	}
	if k.machine != nil {
		f.Machine = k.machine.id
	}
	s := k.state
	if f.First = !s.failed[r.Name]; f.First {
		if s.failed == nil {
			s.failed = map[string]bool{}
		}
		s.failed[r.Name] = true
		f.Sample = describe(k.sample)
	}
	s.res.Failures = append(s.res.Failures, f)
}

// heedSample evaluates the rules of a machine, and of its line, on a good
// sample of t. gap says that nothing is known of the time since the good sample
// before, changed that the machine says another word than in the one before.
func (s *State) heedSample(m *machine, x *plant.Sample, t plant.Instant, gap, changed bool) {
	if m.Rules != nil {
		if gap && m.delta(x) {
			s.rules.machine.Hole(m.Rules, custom.Made, t)
		}
		if gap {
			s.rules.machine.Unheard(m.Rules, t)
		}
		s.rules.machine.Sample(m.Rules, t, x.Fields)
		if changed {
			s.rules.machine.Changed(m.Rules, t)
		}
		if m.line.plant.Phase.Phase != plant.Excluded {
			k := s.speak(m.line.plant, m.line, m, t)
			k.sample = x
			s.rules.machine.Evaluate(m.Rules, &k.now, custom.Moment{Evaluates: true, Gap: gap}, k)
			k.sample = nil
		}
	}
	if l := m.line; l.Rules != nil && m.counts {
		if gap && m.delta(x) {
			s.rules.line.Hole(l.Rules, custom.Made, t)
		}
		s.heedLine(l, t, true)
	}
}

// heedLine evaluates the rules of a line at t. exact: all stayed as it was since
// they were evaluated last.
func (s *State) heedLine(l *line, t plant.Instant, exact bool) {
	if l.Rules == nil || l.plant.Phase.Phase == plant.Excluded || !l.Judged {
		return
	}
	k := s.speak(l.plant, l, nil, t)
	s.rules.line.Evaluate(l.Rules, &k.now, custom.Moment{Evaluates: true, Exact: exact}, k)
}

// heedTransition evaluates what a change of a phase or a line's state may
// change.
func (s *State) heedTransition(t *plant.Transition) {
	p := s.plants[t.Plant]
	if p == nil {
		return
	}
	if t.Kind == plant.KindPhase && t.To == plant.Excluded.String() {
		s.dropAlerts(p, t.At)
		return
	}
	known := t.From != plant.LineUnknown.String() && t.To != plant.LineUnknown.String() // both say "unknown"
	for _, l := range p.lines {
		if l.Rules != nil && l.id == t.Line {
			if known {
				s.rules.line.Changed(l.Rules, t.At)
			}
			s.heedLine(l, t.At, t.To != plant.LineUnknown.String())
		}
	}
	if p.Rules != nil && p.Phase.Phase != plant.Excluded {
		if t.Kind == plant.KindPhase && known {
			s.rules.plant.Changed(p.Rules, t.At)
		}
		k := s.speak(p, nil, nil, t.At)
		s.rules.plant.Evaluate(p.Rules, &k.now, custom.Moment{Evaluates: true, Exact: true}, k)
	}
	s.plan(p)
}

// heedTime lets time pass for the rules of a plant and of those of its lines
// that nobody hears: for the others it passes with their samples.
func (s *State) heedTime(p *plantState) {
	if p.Phase.Phase == plant.Excluded {
		return
	}
	for _, l := range p.lines {
		if l.Rules != nil && l.deaf() {
			k := s.speak(p, l, nil, s.at)
			s.rules.line.Evaluate(l.Rules, &k.now, custom.Moment{Exact: true}, k)
		}
	}
	if p.Rules != nil {
		k := s.speak(p, nil, nil, s.at)
		s.rules.plant.Evaluate(p.Rules, &k.now, custom.Moment{Exact: true}, k)
	}
}

// nextAlert is when heedTime has something to do next.
func (s *State) nextAlert(p *plantState) plant.Instant {
	next := plant.Instant(math.MaxInt64)
	if p.Phase.Phase == plant.Excluded {
		return next
	}
	if p.Rules != nil {
		if due := s.rules.plant.Due(p.Rules); due != 0 {
			next = due
		}
	}
	for _, l := range p.lines {
		if l.Rules == nil || !l.deaf() {
			continue
		}
		if due := s.rules.line.Due(l.Rules); due != 0 {
			next = min(next, due)
		}
	}
	return next
}

// dropAlerts ends every alert of a plant.
func (s *State) dropAlerts(p *plantState, at plant.Instant) {
	for _, l := range p.lines {
		for _, m := range l.machines {
			if m.Rules != nil {
				k := s.speak(p, l, m, at)
				k.why = becauseExcluded
				s.rules.machine.Drop(m.Rules, at, k)
			}
		}
		if l.Rules != nil {
			k := s.speak(p, l, nil, at)
			k.why = becauseExcluded
			s.rules.line.Drop(l.Rules, at, k)
		}
	}
	if p.Rules != nil {
		k := s.speak(p, nil, nil, at)
		k.why = becauseExcluded
		s.rules.plant.Drop(p.Rules, at, k)
	}
}
