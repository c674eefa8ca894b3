package rules

import (
	"math"

	"github.com/seed-00829101/heartline/plant"
)

// seenAfter closes what every output machine has been seen after.
func (s *State) seenAfter(p *plantState, t plant.Instant) {
	if p.windows.cut == nil {
		return
	}
	if t <= p.nextEnd {
		return
	}
	p.nextEnd = math.MaxInt64
	for _, ps := range p.periods() {
		ps.reach(t, len(p.lines))
		p.nextEnd = min(p.nextEnd, ps.oldestEnd())
	}
	if t <= p.nextEnd {
		return
	}
	all := t
	for _, m := range p.outputs {
		all = min(all, m.Newest)
	}
	if s.patient {
		all = all.Add(-p.th.lateness)
	}
	for p.windows.endsBefore(all) {
		s.closeWindow(p)
	}
	for p.slots.endsBefore(all) {
		s.closeSlot(p)
	}
	for p.shifts.endsBefore(all) {
		s.closeShift(p)
	}
	s.plan(p)
}

// tickPlant fires when a period of the plant ends, or has waited for late
// samples long enough.
func (s *State) tickPlant(p *plantState) {
	n := len(p.lines)
	s.heedTime(p)
	s.turn(p)
	if p.windows.cut == nil {
		s.plan(p)
		return
	}
	for _, ps := range p.periods() {
		ps.reach(s.at, n)
		for i := len(ps.open) - 1; i >= 0 && !ps.open[i].Ended; i-- {
			if w := &ps.open[i]; w.To <= s.at {
				w.Ended, w.Late = true, p.waited(s)
			}
		}
	}
	for s.waitedOut(p, &p.windows) {
		s.closeWindow(p)
	}
	for s.waitedOut(p, &p.slots) {
		s.closeSlot(p)
	}
	for s.waitedOut(p, &p.shifts) {
		s.closeShift(p)
	}
	s.plan(p)
}

func (s *State) waitedOut(p *plantState, ps *periods) bool {
	return !s.patient && len(ps.open) > 0 && ps.open[0].Ended && p.waited(s)-ps.open[0].Late >= p.th.lateness
}

// plan schedules the plant's next deadline: the end of a period, the end of
// the wait for the oldest one, or an edge of its calendar.
func (s *State) plan(p *plantState) {
	due := min(p.nextEdge(s.at), s.nextAlert(p))
	if p.windows.cut == nil {
		s.schedulePlant(p, due)
		return
	}
	for _, ps := range p.periods() {
		due = min(due, s.nextEnd(ps))
		if p.Counting && !s.patient && len(ps.open) > 0 && ps.open[0].Ended {
			due = min(due, s.at.Add(p.th.lateness-(p.waited(s)-ps.open[0].Late)))
		}
	}
	s.schedulePlant(p, due)
}

// nextEnd is the end of the oldest period whose end is yet to come.
func (s *State) nextEnd(ps *periods) plant.Instant {
	n := len(ps.open)
	if n == 0 {
		return ps.cut(ps.last)
	}
	if ps.open[n-1].Ended {
		return ps.cut(ps.open[n-1].To)
	}
	i := n - 1
	for i > 0 && !ps.open[i-1].Ended {
		i--
	}
	return ps.open[i].To
}

func (s *State) closeSlot(p *plantState) {
	w := p.slots.close()
	for i, l := range p.lines {
		if !l.counts {
			continue
		}
		t := w.Lines[i]
		s.pace(l, w.From, w.To, &t)
		length, scheduled := w.To.Sub(w.From), l.sched.Scheduled(w.From, w.To)
		normal, origin := l.expected(w.From, w.To)
		s.res.Slots = append(s.res.Slots, plant.OutputSlot{
			Plant: p.id, Line: l.id, At: w.To, Made: t.Made, Scrap: t.Scrap, Expected: normal, Baseline: origin, Proxy: l.conf.Counter.Proxy,
			Scheduled: scheduled.Seconds(), Observed: min(t.Observed+t.Beside, length).Seconds(), Downtime: min(t.Down, length).Seconds(),
		})
	}
}
