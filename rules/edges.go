package rules

import (
	"math"
	"slices"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// nextEdge is when the calendar of one of the plant's lines, or what people
// declared, may change next. math.MaxInt64: never.
func (p *plantState) nextEdge(now plant.Instant) plant.Instant {
	next := plant.Instant(math.MaxInt64)
	for _, l := range p.lines {
		next = min(next, l.piece.To)
	}
	for i := range p.Declared {
		for _, at := range []plant.Instant{p.Declared[i].From, p.Declared[i].To} {
			if at > now {
				next = min(next, at)
			}
		}
	}
	return next
}

// turn takes the plant's lines over edges of the calendar that have come, and
// what people declared into force.
func (s *State) turn(p *plantState) {
	for _, l := range p.lines {
		if s.at < l.piece.To {
			continue
		}
		was := l.piece
		if l.piece = l.sched.At(s.at); l.piece.Kind != was.Kind || l.piece.Why != was.Why {
			s.turned(l, edgeReason(was.Kind, l.piece.Kind))
		}
	}
	s.declared(p)
}

func edgeReason(from, to calendar.Kind) reason {
	switch {
	case to == calendar.Off:
		return becauseShiftEnd
	case from == calendar.Off:
		return becauseShiftStart
	}
	return becauseStopEnd
}

// turned judges a line anew where what is planned has changed.
func (s *State) turned(l *line, why reason) {
	for _, m := range l.output {
		if m.Status != plant.LineUnknown {
			m.Status = m.judge()
		}
	}
	s.restate(l, l.kind(), s.at, why)
	s.touch(l.plant)
}

// registryExclusion is the ID of the exclusion that the registry holds.
const registryExclusion = "registry"

// declare puts the registry's exclusion among what was declared.
func (p *plantState) declare() {
	p.Declared = slices.DeleteFunc(slices.Clone(p.Declared), func(d plant.Declaration) bool { return d.ID == registryExclusion })
	e := p.conf.Excluded
	if e == nil {
		return
	}
	d := plant.Declaration{ID: registryExclusion, Kind: plant.DeclareExclude, Plant: p.id, Reason: e.Reason, From: p.Enrolled}
	if !e.From.IsZero() {
		d.From = max(d.From, calendar.Wall(p.days.Zone, e.From.Date, e.From.Clock.After))
	}
	d.To = calendar.Wall(p.days.Zone, e.To.Date, e.To.Clock.After)
	p.Declared = append(p.Declared, d)
}

// maxDeclared bounds what may be declared ahead of one plant.
const maxDeclared = 1000

// declaration takes what a person said. What is over, or of a plant that
// nobody enrolled, changes nothing.
func (s *State) declaration(d *plant.Declaration) {
	p := s.plants[d.Plant]
	if p == nil || d.Kind == plant.DeclareNote {
		return
	}
	if d.Kind == plant.DeclareWithdraw {
		p.Declared = slices.DeleteFunc(p.Declared, func(o plant.Declaration) bool { return o.ID == d.ID })
	} else if d.To > s.at && d.From < d.To && len(p.Declared) < maxDeclared {
		p.Declared = append(p.Declared, *d)
	}
	s.declared(p)
	s.plan(p)
}

// declared brings into force what was declared, as of now.
func (s *State) declared(p *plantState) {
	if len(p.Declared) == 0 && p.Phase.Phase != plant.Excluded && !p.stopped() {
		return
	}
	p.Declared = slices.DeleteFunc(p.Declared, func(d plant.Declaration) bool { return d.To <= s.at && d.ID != registryExclusion })
	excluded := ""
	for i := range p.Declared {
		if d := &p.Declared[i]; d.Kind == plant.DeclareExclude && d.From <= s.at && s.at < d.To {
			excluded = d.Reason
		}
	}
	s.exclude(p, excluded)
	for _, l := range p.lines {
		stop := ""
		for i := range p.Declared {
			d := &p.Declared[i]
			if (d.Kind == plant.DeclarePlannedStop || d.Kind == plant.DeclareChangeover) && (d.Line == "" || d.Line == l.id) && d.From <= s.at && s.at < d.To {
				stop = d.Kind
			}
		}
		if stop != l.stop {
			if l.stop = stop; stop == "" {
				l.Again = s.at
			}
			s.turned(l, becauseStopEnd)
		}
	}
}

// stopped reports whether a declared stop holds for any line.
func (p *plantState) stopped() bool {
	return slices.ContainsFunc(p.lines, func(l *line) bool { return l.stop != "" })
}

// exclude takes a plant out of every figure, for a reason, or back in where
// there is none: then it is judged anew, from the phase before.
func (s *State) exclude(p *plantState, why string) {
	m := &p.Phase
	from := m.Phase
	switch {
	case why != "" && from != plant.Excluded:
		if from != plant.PhaseUnknown {
			m.Before = from
		}
		m.Phase = plant.Excluded
	case why == "" && from == plant.Excluded:
		why = "exclusion_ended"
		m.Phase, m.NotBefore = plant.PhaseUnknown, s.at
	default:
		return
	}
	m.Since, m.Relapsed = s.at, false
	m.Up, m.Down, m.Undecidable = held{}, held{}, 0
	s.emit(plant.Transition{Kind: plant.KindPhase, Plant: p.id, At: s.at, From: from.String(), To: m.Phase.String(), Reason: why, Since: s.at})
	s.touch(p)
}
