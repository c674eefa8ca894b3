package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// closeShift takes the plant's oldest shift, or the time between two, and says
// what its lines made of it. One that shares time with an exclusion is in no
// figure; a line that had no scheduled time in it has none.
func (s *State) closeShift(p *plantState) {
	w := p.shifts.close()
	x, works := p.sched.ShiftAt(w.From)
	if !works || x.From != w.From || x.To != w.To || p.excludedIn(w.From, w.To) {
		return
	}
	for _, l := range p.lines {
		if !l.counts {
			continue
		}
		f := l.shiftFigures(&w, w.To, x.Name)
		if f.PlannedBusy == 0 {
			continue
		}
		l.Shift = &f
		s.res.Shifts = append(s.res.Shifts, f)
		s.touch(p)
		s.heedLine(l, w.To, false)
	}
}

// excludedIn reports whether the plant was excluded at any time of (from, to].
func (p *plantState) excludedIn(from, to plant.Instant) bool {
	return p.Phase.Phase == plant.Excluded && p.Phase.Since < to || p.Phase.NotBefore > from
}

// shiftFigures works out a shift of the line as of until, at most its end.
func (l *line) shiftFigures(w *period, until plant.Instant, name string) plant.ShiftFigures {
	t := &w.Lines[l.index]
	busy := l.sched.Scheduled(w.From, until)
	seen := min(t.Observed, busy)
	if busy-seen < averaged {
		seen = busy
	}
	down := min(t.Down, seen)
	f := plant.ShiftFigures{
		Plant: l.plant.id, Line: l.id, Shift: name, From: w.From, To: w.To, Until: until,
		PlannedBusy: busy.Seconds(), Observed: seen.Seconds(), Production: (seen - down).Seconds(), Downtime: down.Seconds(),
		IdealCycle: time.Duration(l.conf.IdealCycle).Seconds(), Good: t.Made, Produced: t.Made, Proxy: l.conf.Counter.Proxy,
	}
	if f.ScrapCounted = l.countsScrap(w.From); f.ScrapCounted {
		f.Produced += t.Scrap
	}
	f.Work()
	return f
}

// countsScrap reports whether each output machine that was heard after from
// has said how much scrap it made.
func (l *line) countsScrap(from plant.Instant) bool {
	counts := false
	for _, m := range l.output {
		if m.Good > from {
			if counts = m.Scrapped > from; !counts {
				return false
			}
		}
	}
	return counts
}

// seenUntil is now, or the newest sample of the output machines where the time
// since then may still be observed.
func (l *line) seenUntil(now plant.Instant) plant.Instant {
	until := now
	for _, m := range l.output {
		if m.Good != 0 && now.Sub(m.Good) <= m.hole() {
			until = min(until, m.Good)
		}
	}
	return until
}

// currentShift is the shift that holds now, as it stands; nil where there is none,
// or nothing was seen of it yet.
func (s *State) currentShift(l *line) *plant.ShiftFigures {
	p := l.plant
	if !l.counts || p.shifts.cut == nil || p.excludedIn(s.at-1, s.at) {
		return nil
	}
	x, works := p.sched.ShiftAt(s.at)
	if !works {
		return nil
	}
	for i := range p.shifts.open {
		if w := &p.shifts.open[i]; w.From == x.From && w.To == x.To {
			f := l.shiftFigures(w, max(l.seenUntil(s.at), w.From), x.Name)
			return &f
		}
	}
	return nil
}

// shiftEnd is the end of the shift, or of the time between two, that follows
// from.
func (p *plantState) shiftEnd(from plant.Instant) plant.Instant {
	x, _ := p.sched.ShiftAt(from)
	return x.To
}

// continueShifts takes over the open shifts where they are still the same
// ones. Otherwise the one that holds now begins anew: its coverage says that
// the time until now was not seen.
func (p *plantState) continueShifts(open []period, last, now plant.Instant) {
	if x, works := p.sched.ShiftAt(now); works {
		p.shifts.last = x.From
	} else {
		p.shifts.last = now
	}
	same := len(open) > 0
	for i := range open {
		same = same && p.shiftEnd(open[i].From) == open[i].To
	}
	if same {
		p.shifts.open, p.shifts.last = open, last
	}
}
