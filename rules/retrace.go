package rules

import (
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// retrace tells what became of a line whose machine, as its newest sample shows,
// does not run. Where it was the last of them to, the line has stood since then,
// through edges of the calendar that passed meanwhile.
func (s *State) retrace(m *machine, now plant.LineState) {
	l := m.line
	if m.Status = now; l.produces() == plant.Running {
		return
	}
	from := l.ranUntil()
	if from < l.piece.From {
		from = s.retraceEdges(l, from)
	}
	due, all := l.stallDue(&l.piece)
	if now != plant.Stalled || !all || from < due {
		s.lineChanged(m, plant.ShortStop, from, becauseNoPart)
	}
	if now == plant.Stalled {
		s.lineChanged(m, now, max(due, from), becauseUnexplained)
	}
}

// retraceEdges tells how a line stood from then until the piece of time that
// holds now, and when that began.
func (s *State) retraceEdges(l *line, from plant.Instant) plant.Instant {
	for from < l.piece.From {
		p := l.sched.At(from)
		l.stands(plant.ShortStop)
		s.restate(l, &p, from, becauseNoPart)
		if due, all := l.stallDue(&p); all && p.Kind == calendar.Working && due < p.To {
			l.stands(plant.Stalled)
			s.restate(l, &p, max(due, from), becauseUnexplained)
		}
		from = p.To
	}
	for _, m := range l.output {
		if m.Status != plant.LineUnknown {
			m.Status = m.judge()
		}
	}
	return from
}

// stands sets the status of the output machines that are heard.
func (l *line) stands(status plant.LineState) {
	for _, m := range l.output {
		if m.Status != plant.LineUnknown {
			m.Status = status
		}
	}
}

// ranUntil is when the last of the output machines that are heard stopped
// running. Their clocks may differ, so it need not be the one heard last.
func (l *line) ranUntil() (until plant.Instant) {
	for _, m := range l.output {
		if m.Status != plant.LineUnknown && m.LastInc != 0 {
			until = max(until, m.LastInc.Add(l.run))
		}
	}
	return until
}

// stallDue is when the last of the output machines that are heard fell stalled in
// a scheduled piece of time, and whether, by its newest sample, each of them did.
func (l *line) stallDue(p *calendar.Piece) (due plant.Instant, all bool) {
	all = true
	for _, m := range l.output {
		if m.Status != plant.LineUnknown {
			own := m.stallDue(p)
			due, all = max(due, own), all && own <= m.Good
		}
	}
	return due, all
}
