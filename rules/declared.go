package rules

import (
	"slices"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

const (
	// MaxDeclared bounds what may be in force and ahead of one plant at once.
	MaxDeclared = 100
	// maxPast is how many declarations that are over, and notes, a plant
	// remembers: for people to read, the rules have no use for them.
	maxPast = 20
)

// declare puts the registry's exclusion among what was declared.
func (p *plantState) declare() {
	p.Declared = slices.DeleteFunc(slices.Clone(p.Declared), func(d plant.Declaration) bool { return d.ID == plant.RegistryExclusion })
	e := p.conf.Excluded
	if e == nil {
		return
	}
	d := plant.Declaration{ID: plant.RegistryExclusion, Kind: plant.DeclareExclude, Plant: p.id, Reason: e.Reason, From: p.Enrolled}
	if !e.From.IsZero() {
		d.From = max(d.From, calendar.Wall(p.days.Zone, e.From.Date, e.From.Clock.After))
	}
	d.To = calendar.Wall(p.days.Zone, e.To.Date, e.To.Clock.After)
	p.Declared = append(p.Declared, d)
}

// declaration takes what a person said, once. What is over, or of a plant that
// nobody enrolled, changes nothing.
func (s *State) declaration(d *plant.Declaration) {
	p := s.plants[d.Plant]
	if p != nil {
		p.changes()
	}
	switch {
	case p == nil:
		return
	case d.Kind == plant.DeclareWithdraw:
		i := slices.IndexFunc(p.Declared, func(o plant.Declaration) bool { return o.ID == d.ID && o.ID != plant.RegistryExclusion })
		if i < 0 {
			return
		}
		ended := p.Declared[i]
		ended.To, ended.EndedBy = s.at, d.By
		p.Declared = slices.Delete(p.Declared, i, i+1)
		p.remember(ended)
		d = &ended
	case p.knows(d.ID):
		return
	case d.Kind == plant.DeclareNote:
		p.remember(*d)
	case d.Over(s.at) || d.Over(d.From) || len(p.Declared) >= MaxDeclared:
		return
	default:
		p.Declared = append(p.Declared, *d)
	}
	s.res.Declared = append(s.res.Declared, *d)
	s.declared(p)
	s.plan(p)
	s.touch(p)
}

// knows reports whether the declaration with that ID has been taken already.
func (p *plantState) knows(id string) bool {
	same := func(d plant.Declaration) bool { return d.ID == id }
	return slices.ContainsFunc(p.Declared, same) || slices.ContainsFunc(p.Past, same)
}

func (p *plantState) remember(d plant.Declaration) {
	p.Past = append(p.Past, d)
	if n := len(p.Past) - maxPast; n > 0 {
		p.Past = slices.Delete(p.Past, 0, n)
	}
}

// declared brings into force what was declared, as of now.
func (s *State) declared(p *plantState) {
	if len(p.Declared) == 0 && p.Phase.Phase != plant.Excluded && !p.stopped() {
		return
	}
	s.declarationsEnd(p)
	excluded := ""
	for i := range p.Declared {
		if d := &p.Declared[i]; d.Kind == plant.DeclareExclude && d.Holds(s.at) {
			excluded = d.Reason
		}
	}
	s.exclude(p, excluded)
	for _, l := range p.lines {
		stop := ""
		for i := range p.Declared {
			d := &p.Declared[i]
			if (d.Kind == plant.DeclarePlannedStop || d.Kind == plant.DeclareChangeover) && (d.Line == "" || d.Line == l.id) && d.Holds(s.at) {
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

// declarationsEnd takes out what is over.
func (s *State) declarationsEnd(p *plantState) {
	over := func(d plant.Declaration) bool { return d.Over(s.at) && d.ID != plant.RegistryExclusion }
	if !slices.ContainsFunc(p.Declared, over) {
		return
	}
	for _, d := range p.Declared {
		if over(d) {
			p.remember(d)
		}
	}
	p.Declared = slices.DeleteFunc(p.Declared, over)
	s.touch(p)
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
