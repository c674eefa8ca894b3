package rules

import (
	"math"

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
	now := l.now()
	s.restate(l, &now, s.at, why)
	s.touch(l.plant)
}
