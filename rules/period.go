package rules

import (
	"sort"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
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
	// Averages over the line's output machines, of scheduled time.
	Observed, Down time.Duration
	// Beside is what was observed of the other time.
	Beside time.Duration
}

// observed adds time that was observed.
func (t *tally) observed(d time.Duration, scheduled, down bool) {
	if !scheduled {
		t.Beside += d
		return
	}
	t.Observed += d
	if down {
		t.Down += d
	}
}

// periods are the periods of a plant that are not closed yet, oldest first,
// without a gap. cut gives the period that follows an instant.
type periods struct {
	open []period
	last plant.Instant // end of the newest closed one, or where the first begins
	cut  func(from plant.Instant) plant.Instant
	// closed: one has closed, so there is no way back before last.
	closed bool
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

// holding is the newest open period where it holds all of (from, to], as it
// mostly does; else nil.
func (ps *periods) holding(from, to plant.Instant) *period {
	if n := len(ps.open); n > 0 {
		if p := &ps.open[n-1]; p.From <= from && to <= p.To {
			return p
		}
	}
	return nil
}

// at returns the open period that holds t, or nil where it is closed or
// before the first.
func (ps *periods) at(t plant.Instant, lines int) *period {
	if t <= ps.last {
		return nil
	}
	if p := ps.holding(t-1, t); p != nil {
		return p
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
	if p := ps.holding(from, to); p != nil {
		f(p, to.Sub(from))
		return
	}
	ps.reach(to, lines)
	i := len(ps.open) - 1
	if i > 0 && ps.open[i].From >= to { // long before the newest
		i = sort.Search(i, func(i int) bool { return ps.open[i].From >= to }) - 1
	}
	for ; i >= 0; i-- {
		p := &ps.open[i]
		if p.To <= from {
			return
		}
		if shared := min(p.To, to).Sub(max(p.From, from)); shared > 0 {
			f(p, shared)
		}
	}
}

// oldestEnd is the end of the oldest open period; of the newest closed one
// where none is open.
func (ps *periods) oldestEnd() plant.Instant {
	if len(ps.open) == 0 {
		return ps.last
	}
	return ps.open[0].To
}

// endsBefore reports whether the oldest period ends before t.
func (ps *periods) endsBefore(t plant.Instant) bool { return len(ps.open) > 0 && ps.open[0].To < t }

// close removes the oldest period and returns it.
func (ps *periods) close() period {
	p := ps.open[0]
	ps.last, ps.closed = p.To, true
	ps.open = ps.open[1:]
	return p
}

// slotEnd is the end of the quarter of an hour that follows from.
func slotEnd(from plant.Instant) plant.Instant {
	q := plant.Instant(slotLength)
	return (from/q + 1) * q
}

// windowEnd is the end of the window that follows from, cut at the end of its
// production day. A window of several days ends on a day whose number since
// 1970 they divide.
func windowEnd(d calendar.Days, from plant.Instant, w plant.Span) plant.Instant {
	begin, end := d.Day(from)
	if w.Days == 0 {
		n := plant.Instant((from - begin) / plant.Instant(w.Fixed))
		return min(begin+(n+1)*plant.Instant(w.Fixed), end)
	}
	for d.Number(end)%w.Days != 0 {
		_, end = d.Day(end)
	}
	return end
}

// firstWindow is the first boundary at or after t.
func firstWindow(d calendar.Days, t plant.Instant, w plant.Span) plant.Instant {
	begin, end := d.Day(t)
	if w.Days == 0 {
		n := (t - begin + plant.Instant(w.Fixed) - 1) / plant.Instant(w.Fixed)
		return min(begin+n*plant.Instant(w.Fixed), end)
	}
	if begin == t && d.Number(t)%w.Days == 0 {
		return t
	}
	return windowEnd(d, t, w)
}
