package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// slotLength is the length of an output slot.
const slotLength = 15 * time.Minute

// period is a window or a slot, half open: (From, To].
type period struct {
	From plant.Instant
	To   plant.Instant
	// Ended: the clock of the frames has passed To; Late is what the plant's
	// lateness clock showed then.
	Ended bool
	Late  time.Duration
	Lines []tally // by the line's place in the plant
}

// tally is what one line did in one period.
type tally struct {
	Made, Scrap float64
	// Averages over the line's output machines.
	Observed, Down time.Duration
}

// periods are the periods of a plant that are not closed yet, oldest first,
// without a gap. cut gives the period that follows an instant.
type periods struct {
	open []period
	last plant.Instant // end of the newest closed one, or where the first begins
	cut  func(from plant.Instant) plant.Instant
}

// reach makes periods up to the one that holds t.
func (ps *periods) reach(t plant.Instant, lines int) {
	from := ps.last
	if n := len(ps.open); n > 0 {
		from = ps.open[n-1].To
	}
	for from < t {
		to := ps.cut(from)
		ps.open = append(ps.open, period{From: from, To: to, Lines: make([]tally, lines)})
		from = to
	}
}

// at returns the open period that holds t, or nil where it is closed or
// before the first.
func (ps *periods) at(t plant.Instant, lines int) *period {
	if t <= ps.last {
		return nil
	}
	ps.reach(t, lines)
	lo, hi := 0, len(ps.open)-1
	for lo < hi {
		if mid := (lo + hi) / 2; ps.open[mid].To < t {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return &ps.open[lo]
}

// each calls f with every open period that shares time with (from, to], and
// how much.
func (ps *periods) each(from, to plant.Instant, lines int, f func(p *period, shared time.Duration)) {
	if to <= ps.last {
		return
	}
	ps.reach(to, lines)
	for i := len(ps.open) - 1; i >= 0; i-- {
		p := &ps.open[i]
		if p.To <= from {
			return
		}
		if shared := min(p.To, to).Sub(max(p.From, from)); shared > 0 {
			f(p, shared)
		}
	}
}

// endsBefore reports whether the oldest period ends before t.
func (ps *periods) endsBefore(t plant.Instant) bool { return len(ps.open) > 0 && ps.open[0].To < t }

// close removes the oldest period and returns it.
func (ps *periods) close() period {
	p := ps.open[0]
	ps.last = p.To
	ps.open = ps.open[1:]
	return p
}

// slotEnd is the end of the quarter of an hour that follows from.
func slotEnd(from plant.Instant) plant.Instant {
	q := plant.Instant(slotLength)
	return (from/q + 1) * q
}

// days knows where a plant's production days begin.
type days struct {
	zone   *time.Location
	starts time.Duration // after local midnight
}

// equal compares zones by name: each registry loads its own.
func (d days) equal(o days) bool { return d.starts == o.starts && d.zone.String() == o.zone.String() }

// start is when the production day of a calendar date begins. A wall time
// that comes twice is the first; a missing one is the moment the clocks change.
func (d days) start(year int, month time.Month, day int) plant.Instant {
	h, m := int(d.starts/time.Hour), int(d.starts%time.Hour/time.Minute)
	t := time.Date(year, month, day, h, m, 0, 0, d.zone)
	if t.Hour() != h || t.Minute() != m {
		// The wall time is missing: the change lies between the two offsets.
		_, before := t.Add(-24 * time.Hour).Zone()
		wall := time.Date(year, month, day, h, m, 0, 0, time.UTC)
		after := wall.Add(-time.Duration(before) * time.Second)
		return plant.InstantOf(transition(d.zone, after.Add(-4*time.Hour), after.Add(4*time.Hour)))
	}
	// The wall time may come twice: look for the same one an hour or so before.
	for _, back := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if e := t.Add(-back); e.Hour() == h && e.Minute() == m && e.Day() == t.Day() {
			return plant.InstantOf(e)
		}
	}
	return plant.InstantOf(t)
}

// transition finds the moment between a and b where zone changes its offset.
func transition(zone *time.Location, a, b time.Time) time.Time {
	_, before := a.In(zone).Zone()
	for b.Sub(a) > time.Second {
		mid := a.Add(b.Sub(a) / 2)
		if _, off := mid.In(zone).Zone(); off == before {
			a = mid
		} else {
			b = mid
		}
	}
	return b.Truncate(time.Second)
}

// day returns the production day that holds the moment just after t.
func (d days) day(t plant.Instant) (from, to plant.Instant) {
	y, m, n := t.Time().In(d.zone).Date()
	for back := 1; back >= -1; back-- {
		from, to = d.start(y, m, n-back), d.start(y, m, n-back+1)
		if from <= t && t < to {
			return from, to
		}
	}
	return from, to
}

// windowEnd is the end of the window that follows from, cut at the end of its
// production day. A window of several days ends on a day whose number since
// 1970 they divide.
func (d days) windowEnd(from plant.Instant, w plant.Span) plant.Instant {
	begin, end := d.day(from)
	if w.Days == 0 {
		n := plant.Instant((from - begin) / plant.Instant(w.Fixed))
		return min(begin+(n+1)*plant.Instant(w.Fixed), end)
	}
	for d.number(end)%w.Days != 0 {
		_, end = d.day(end)
	}
	return end
}

// number counts production days since 1970 by their calendar date.
func (d days) number(start plant.Instant) int {
	y, m, n := start.Time().In(d.zone).Date()
	return int(time.Date(y, m, n, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// firstWindow is the first boundary at or after t.
func (d days) firstWindow(t plant.Instant, w plant.Span) plant.Instant {
	begin, _ := d.day(t)
	if w.Days == 0 {
		n := (t - begin + plant.Instant(w.Fixed) - 1) / plant.Instant(w.Fixed)
		_, end := d.day(t)
		return min(begin+n*plant.Instant(w.Fixed), end)
	}
	if begin == t && d.number(t)%w.Days == 0 {
		return t
	}
	return d.windowEnd(t, w)
}
