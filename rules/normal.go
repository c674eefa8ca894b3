package rules

import (
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// lineBase is where a line's normal output comes from, in the order of the
// glossary: what is zero or nil does not exist.
type lineBase struct {
	perHour float64
	perDay  float64 // serves windows of days only
	shifts  []shiftBase
	days    bool // the windows are of days
	found   []*LineBaseline
}

// shiftBase is a mean or a median per shift and day of the week.
type shiftBase struct {
	origin string
	by     map[shiftKey]float64
}

type shiftKey struct {
	day  plant.Weekday
	name string
}

func (m *planner) baseline(p *plantState, l *plant.Line) lineBase {
	b := lineBase{perHour: l.Normal.PerHour, days: p.th.window.Days > 0}
	found := m.baselines[[2]string{p.id, l.ID}]
	b.found = found
	for _, origin := range []string{OriginReferenceDay, OriginReferenceShift, OriginLearned} {
		for _, x := range found {
			if x.Origin != origin {
				continue
			}
			if origin == OriginReferenceDay {
				b.perDay = x.PerDay
				continue
			}
			by := make(map[shiftKey]float64, len(x.Shifts))
			for _, y := range x.Shifts {
				by[shiftKey{y.Day, y.Shift}] = y.Normal
			}
			b.shifts = append(b.shifts, shiftBase{origin, by})
		}
	}
	return b
}

// normal is the line's normal output in (from, until], part of the window
// (from, to], and its origin; "" where there is no baseline.
func (l *line) normal(from, to, until plant.Instant) (float64, string) {
	b := &l.base
	if b.perHour > 0 {
		return b.perHour * l.sched.Scheduled(from, until).Hours(), OriginFixed
	}
	if b.perDay > 0 && b.days {
		return l.daily(from, to, until), OriginReferenceDay
	}
	for i := range b.shifts {
		if v, ok := l.byShift(&b.shifts[i], from, until); ok {
			return v, b.shifts[i].origin
		}
	}
	return 0, ""
}

// of is the figure from that origin; nil: it is fixed, or there is none.
func (b *lineBase) of(origin string) *LineBaseline {
	for _, x := range b.found {
		if x.Origin == origin {
			return x
		}
	}
	return nil
}

// holds is the figure that comes first; nil: there is none.
func (b *lineBase) holds() *LineBaseline {
	switch {
	case b.perHour > 0:
		return &LineBaseline{Origin: OriginFixed, PerHour: b.perHour}
	case b.perDay > 0 && b.days:
		return b.of(OriginReferenceDay)
	case len(b.shifts) > 0:
		return b.of(b.shifts[0].origin)
	}
	return nil
}

// expected is normal in a slot: for a daily mean its part of the day.
func (l *line) expected(from, to plant.Instant) (float64, string) {
	if l.base.perHour == 0 && l.base.perDay > 0 && l.base.days {
		begin, end := l.plant.days.Day(from)
		if l.sched.Scheduled(begin, end) == 0 {
			return 0, OriginReferenceDay
		}
		return l.base.perDay * float64(l.sched.Scheduled(from, to)) / float64(l.sched.Scheduled(begin, end)), OriginReferenceDay
	}
	return l.normal(from, to, to)
}

// daily is the daily mean for each production day with scheduled time in the
// window, pro rata while it is open. It knows no half days.
func (l *line) daily(from, to, until plant.Instant) float64 {
	days := 0.0
	for at := from; at < to; {
		_, end := l.plant.days.Day(at)
		if l.sched.Scheduled(at, end) > 0 {
			days++
		}
		at = end
	}
	whole := l.sched.Scheduled(from, to)
	if whole == 0 {
		return 0
	}
	return l.base.perDay * days * float64(l.sched.Scheduled(from, until)) / float64(whole)
}

// byShift adds up the shifts that share scheduled time with (from, to], each
// pro rata; false where one of them has no figure.
func (l *line) byShift(b *shiftBase, from, to plant.Instant) (sum float64, ok bool) {
	for _, x := range l.sched.Shifts(from, to) {
		shared := l.sched.Scheduled(max(from, x.From), min(to, x.To))
		if shared == 0 {
			continue
		}
		v, known := b.by[shiftOf(&x)]
		if !known {
			return 0, false
		}
		sum += v * float64(shared) / float64(l.sched.Scheduled(x.From, x.To))
	}
	return sum, true
}

// shiftOf names a shift in baselines.
func shiftOf(x *calendar.Shift) shiftKey { return shiftKey{x.Like, x.Name} }
