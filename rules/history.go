package rules

import (
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

const (
	// A baseline is learned from minLearned of the last maxLearned shifts of
	// a day of the week, which are looked for among so many days.
	minLearned  = 4
	maxLearned  = 6
	learnedDays = 366
)

// History collects what lines made in the past that baselines are made of.
// Add and Seen take it in any order; Baselines works it out. Not safe for
// concurrent use.
type History struct {
	lines map[[2]string]*lineHistory
	order []*lineHistory // by the registry
}

// lineHistory is what one line made, by production day and by shift.
type lineHistory struct {
	line       *line
	conf       Config
	from, to   plant.Instant // what matters
	days       map[plant.Date]*amount
	shifts     map[shiftOn]*amount
	day        dayCache
	shiftCache []calendar.Shift // those near the last amount
	cached     [2]plant.Instant
}

type shiftOn struct {
	date plant.Date
	name string
}

type amount struct {
	made float64
	seen bool // a good sample
}

type dayCache struct {
	from, to plant.Instant
	at       *amount
}

// NewHistory returns a History for the lines of def that have no fixed normal
// figure and a rule to take one from history. def must be indexed.
func NewHistory(def *Definition) *History {
	h := &History{lines: map[[2]string]*lineHistory{}}
	made := newPlanner(&Definition{Registry: def.Registry, Rules: def.Rules})
	for _, pc := range def.Registry.Plants {
		conf := def.Rules.For(pc)
		if conf.Baseline.Reference.IsZero() && !conf.Baseline.Learned {
			continue
		}
		days := calendar.Days{Zone: pc.Location(), Starts: pc.DayStart()}
		for _, lc := range pc.Lines {
			if lc.Normal.Set {
				continue
			}
			l := &line{id: lc.ID, conf: lc, sched: made.schedule(pc, lc.ID), plant: &plantState{id: pc.ID, conf: pc, days: days}}
			x := &lineHistory{line: l, conf: conf, days: map[plant.Date]*amount{}, shifts: map[shiftOn]*amount{}}
			x.from, x.to = x.span()
			h.lines[[2]string{pc.ID, lc.ID}] = x
			h.order = append(h.order, x)
		}
	}
	return h
}

// Empty reports whether no line takes its normal output from history.
func (h *History) Empty() bool { return len(h.order) == 0 }

// Span is the time that the baselines are made of, of all lines together.
func (h *History) Span() (from, to plant.Instant) {
	for i, x := range h.order {
		if i == 0 || x.from < from {
			from = x.from
		}
		to = max(to, x.to)
	}
	return from, to
}

func (x *lineHistory) span() (from, to plant.Instant) {
	days := x.line.plant.days
	var first, last plant.Date
	if r := x.conf.Baseline.Reference; !r.IsZero() {
		first, last = r.From, r.To
	}
	if x.conf.Baseline.Learned {
		d := x.conf.DisruptionDate
		if begin := plant.DateNumber(d.Number() - learnedDays); first.IsZero() || begin.Compare(first) < 0 {
			first = begin
		}
		if before := plant.DateNumber(d.Number() - 1); last.Compare(before) < 0 {
			last = before
		}
	}
	// A shift of the last date may end on the next one.
	return days.Start(first).Add(-24 * time.Hour), days.Start(plant.DateNumber(last.Number() + 2))
}

// Add notes that a line made so much, spread evenly over (from, to], or at to.
func (h *History) Add(plantID, lineID string, from, to plant.Instant, made float64) {
	x := h.lines[[2]string{plantID, lineID}]
	if x == nil || to <= x.from || from > x.to {
		return
	}
	if from >= to {
		from = to - 1
	}
	x.each(from, to, func(a *amount, share float64) { a.made += made * share })
}

// Seen notes a good sample of a line's output machine.
func (h *History) Seen(plantID, lineID string, at plant.Instant) {
	x := h.lines[[2]string{plantID, lineID}]
	if x == nil || at <= x.from || at > x.to {
		return
	}
	x.each(at-1, at, func(a *amount, _ float64) { a.seen = true })
}

// each calls f with the days and the shifts that share time with (from, to],
// and what share of it they have.
func (x *lineHistory) each(from, to plant.Instant, f func(a *amount, share float64)) {
	length := float64(to - from)
	for at := from; at < to; {
		if at < x.day.from || at >= x.day.to {
			x.day.from, x.day.to = x.line.plant.days.Day(at)
			x.day.at = take(x.days, x.line.plant.days.Date(at))
		}
		end := min(x.day.to, to)
		f(x.day.at, float64(end-at)/length)
		at = end
	}
	if from < x.cached[0] || to > x.cached[1] {
		x.cached = [2]plant.Instant{min(from, x.day.from), max(to, x.day.to)}
		x.shiftCache = x.line.sched.Shifts(x.cached[0], x.cached[1])
	}
	for i := range x.shiftCache {
		if y := &x.shiftCache[i]; y.From < to && from < y.To {
			f(take(x.shifts, shiftOn{y.Date, y.Name}), float64(min(y.To, to)-max(y.From, from))/length)
		}
	}
}

func take[K comparable](m map[K]*amount, key K) *amount {
	a := m[key]
	if a == nil {
		a = new(amount)
		m[key] = a
	}
	return a
}

// Baselines works out what the history says, in the order of the registry:
// for each line one for each rule that can be met.
func (h *History) Baselines() *Baselines {
	out := &Baselines{Lines: []LineBaseline{}}
	for _, x := range h.order {
		for _, b := range []LineBaseline{x.daily(), x.byShift(), x.learned()} {
			if b.PerDay > 0 || len(b.Shifts) > 0 {
				out.Lines = append(out.Lines, b)
			}
		}
	}
	return out
}

func (x *lineHistory) baseline(origin string) LineBaseline {
	return LineBaseline{Plant: x.line.plant.id, Line: x.line.id, Origin: origin}
}

// daily is the mean of all days of the reference period, scheduled or not,
// but for those without any good sample.
func (x *lineHistory) daily() LineBaseline {
	b, r := x.baseline(OriginReferenceDay), x.conf.Baseline.Reference
	if r.Per != PerDay {
		return b
	}
	b.From, b.To = r.From, r.To
	sum := 0.0
	for n := r.From.Number(); n <= r.To.Number(); n++ {
		if a := x.days[plant.DateNumber(n)]; a != nil && a.seen {
			sum += a.made
			b.Days++
		}
	}
	if b.Days > 0 {
		b.PerDay = sum / float64(b.Days)
	}
	return b
}

// byShift is the mean of the reference period per day of the week and shift.
func (x *lineHistory) byShift() LineBaseline {
	b, r := x.baseline(OriginReferenceShift), x.conf.Baseline.Reference
	if r.Per != PerShift {
		return b
	}
	b.From, b.To = r.From, r.To
	x.perShift(&b, x.found(r.From.Number(), r.To.Number()), func(last []float64) (float64, bool) {
		sum := 0.0
		for _, v := range last {
			sum += v
		}
		return sum / float64(len(last)), true
	})
	return b
}

// learned is the median of at least four of the last six shifts of the same
// name and day of the week before the disruption. On a holiday there is none,
// unless an exception has it worked.
func (x *lineHistory) learned() LineBaseline {
	b := x.baseline(OriginLearned)
	if !x.conf.Baseline.Learned {
		return b
	}
	before := x.conf.DisruptionDate.Number()
	b.From, b.To = plant.DateNumber(before-learnedDays), plant.DateNumber(before-1)
	x.perShift(&b, x.lastSix(before), median)
	return b
}

// found are the outputs of the shifts that start on those dates and had a good
// sample, in order.
func (x *lineHistory) found(first, last int) map[shiftKey][]float64 {
	out := map[shiftKey][]float64{}
	for n := first; n <= last; n++ {
		for _, y := range x.line.sched.StartingOn(plant.DateNumber(n)) {
			if a := x.shifts[shiftOn{y.Date, y.Name}]; a != nil && a.seen {
				out[shiftOf(&y)] = append(out[shiftOf(&y)], a.made)
			}
		}
	}
	return out
}

// lastSix are those of the last six shifts of a kind that had a good sample,
// where at least four had.
func (x *lineHistory) lastSix(before int) map[shiftKey][]float64 {
	slots, out := map[shiftKey]int{}, map[shiftKey][]float64{}
	for n := before - 1; n >= before-learnedDays; n-- {
		for _, y := range x.line.sched.StartingOn(plant.DateNumber(n)) {
			key := shiftOf(&y)
			if slots[key] == maxLearned {
				continue
			}
			slots[key]++
			if a := x.shifts[shiftOn{y.Date, y.Name}]; a != nil && a.seen {
				out[key] = append(out[key], a.made)
			}
		}
	}
	return out
}

// median of at least minLearned values.
func median(values []float64) (float64, bool) {
	if len(values) < minLearned {
		return 0, false
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2, true
}

// perShift fills b with what of makes of the outputs of each shift.
func (x *lineHistory) perShift(b *LineBaseline, found map[shiftKey][]float64, of func([]float64) (float64, bool)) {
	for key, values := range found {
		if v, ok := of(values); ok {
			b.Shifts = append(b.Shifts, ShiftBaseline{Day: key.day, Shift: key.name, Normal: v, Of: len(values)})
			b.Days = max(b.Days, len(values))
		}
	}
	slices.SortFunc(b.Shifts, func(p, q ShiftBaseline) int {
		if p.Day != q.Day {
			return int(p.Day) - int(q.Day)
		}
		return slices.Compare([]byte(p.Shift), []byte(q.Shift))
	})
}

// Collect makes everything that the state books from now on go to h as well.
func (s *State) Collect(h *History) { s.history = h }
