package rules

import (
	"math"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
	"github.com/seed-00829101/heartline/rules/custom"
)

// plantState is one enrolled plant. What is saved in a snapshot is in its
// memory; the rest follows from the definition.
type plantState struct {
	plantMemory
	id      string
	conf    *plant.Plant
	ord     int
	index   int     // its place in the registry
	owed    *Saving // that has not got this plant yet; nil: none
	lines   []*line
	th      *thresholds
	days    calendar.Days
	sched   *calendar.Schedule // without maintenance of single lines
	windows periods
	slots   periods
	shifts  periods       // and the times between them
	outputs []*machine    // of its commissioned lines
	due     plant.Instant // of its entry in the heap; 0: none
	stale   bool          // counting must be looked at again
	nextEnd plant.Instant // no period ends before, and those up to it are made
	dirty   bool
}

// periods are all that the plant's time is cut into.
func (p *plantState) periods() [3]*periods {
	return [3]*periods{&p.windows, &p.slots, &p.shifts}
}

// plantMemory is what a plant remembers.
type plantMemory struct {
	Enrolled plant.Instant `json:"enrolled"`
	// The lateness clock: Waited is what it shows as of WaitedAt. It stands
	// still while we do not listen or a backlog drains.
	Waited   time.Duration `json:"waited"`
	WaitedAt plant.Instant `json:"waited_at"`
	Counting bool          `json:"counting"`
	Draining int           `json:"draining,omitempty"` // output machines that drain a backlog
	Phase    phaseMemory   `json:"phase"`
	// Declared is what people said and is not over, and the exclusion of the
	// registry.
	Declared []plant.Declaration `json:"declared,omitempty"`
	// Past is the newest of what is over, and notes; newest last.
	Past []plant.Declaration `json:"past,omitempty"`
	// Rules is what custom rules remember; nil: there are none.
	Rules *custom.Watch `json:"rules,omitempty"`
}

// waited is what the plant's lateness clock shows now.
func (p *plantState) waited(s *State) time.Duration {
	if p.Counting {
		return p.Waited + s.at.Sub(p.WaitedAt)
	}
	return p.Waited
}

func (p *plantState) settle(s *State) { p.Waited, p.WaitedAt = p.waited(s), s.at }

// recount looks whether time counts towards lateness: we listen, hear the
// brokers of all output machines, and no backlog drains.
func (p *plantState) recount(s *State) {
	p.settle(s)
	p.stale = false
	p.Counting = s.listening && p.Draining == 0 && !p.deaf(s)
	s.plan(p)
}

func (p *plantState) deaf(s *State) bool {
	heard := false
	for _, m := range p.outputs {
		if m.Heard != 0 {
			heard = true
			if s.broker(m.Broker).Down {
				return true
			}
		}
	}
	return !heard && s.allDown()
}

// allDown reports whether there are brokers and every one of them is away.
func (s *State) allDown() bool {
	for _, b := range s.links {
		if !b.Down {
			return false
		}
	}
	return len(s.links) > 0
}

// drains notes that an output machine began or ceased to drain a backlog.
func (s *State) drains(p *plantState, draining bool) {
	if draining {
		p.Draining++
	} else {
		p.Draining--
	}
	p.recount(s)
}

// book adds an amount to the line, at to, or spread evenly over the scheduled
// time of (from, to]; where there is none, at to.
// What belongs to a closed period is late: it revises history, not this.
func (s *State) book(m *machine, amount float64, from, to plant.Instant, scrap bool) {
	l := m.line
	if amount == 0 || !l.counts {
		return
	}
	if m.Rules != nil {
		s.rules.machine.Made(m.Rules, to, amount, scrap)
	}
	if l.Rules != nil {
		s.rules.line.Made(l.Rules, to, amount, scrap)
	}
	if from == to || l.piece.From <= from && to <= l.piece.To && l.piece.Kind == calendar.Working {
		s.bookEvenly(l, amount, from, to, scrap)
		return
	}
	whole := l.sched.Scheduled(from, to)
	if whole == 0 {
		s.bookEvenly(l, amount, to, to, scrap)
		return
	}
	l.sched.Each(from, to, func(x calendar.Piece) {
		if x.Kind == calendar.Working {
			s.bookEvenly(l, amount*float64(x.To-x.From)/float64(whole), x.From, x.To, scrap)
		}
	})
}

// bookEvenly books at to, or spread over all of (from, to].
func (s *State) bookEvenly(l *line, amount float64, from, to plant.Instant, scrap bool) {
	p, i := l.plant, l.index
	if s.history != nil && !scrap {
		s.history.Add(p.id, l.id, from, to, amount)
	}
	add := func(t *tally, a float64) {
		if scrap {
			t.Scrap += a
		} else {
			t.Made += a
		}
	}
	for _, ps := range p.periods() {
		if from == to {
			if w := ps.at(to, len(p.lines)); w != nil {
				add(&w.Lines[i], amount)
			} else if ps == &p.slots {
				s.late++
			}
			continue
		}
		whole := to.Sub(from)
		ps.each(from, to, len(p.lines), func(w *period, shared time.Duration) {
			add(&w.Lines[i], amount*float64(shared)/float64(whole))
		})
	}
}

// observed notes (from, to] as observed, and as down time what of it is after
// until, when the machine's newest part is T_run old. Averaged over the line's
// output machines.
func (s *State) observed(m *machine, from, to, until plant.Instant) {
	l := m.line
	if !l.counts || to <= from {
		return
	}
	runs := min(max(from, until), to)
	if l.piece.From <= from && to <= l.piece.To {
		l.observed(from, runs, l.piece.Kind == calendar.Working, false)
		l.observed(runs, to, l.piece.Kind == calendar.Working, true)
		return
	}
	l.sched.Each(from, runs, func(x calendar.Piece) { l.observed(x.From, x.To, x.Kind == calendar.Working, false) })
	l.sched.Each(runs, to, func(x calendar.Piece) { l.observed(x.From, x.To, x.Kind == calendar.Working, true) })
}

// runsUntil is when the machine's newest part is T_run old.
func (m *machine) runsUntil() plant.Instant {
	if m.LastInc == 0 {
		return 0
	}
	return m.LastInc.Add(m.line.run)
}

func (l *line) observed(from, to plant.Instant, scheduled, down bool) {
	if from >= to {
		return
	}
	n := time.Duration(len(l.output))
	for _, ps := range l.plant.periods() {
		if w := ps.holding(from, to); w != nil {
			w.Lines[l.index].observed(to.Sub(from)/n, scheduled, down)
			continue
		}
		ps.each(from, to, len(l.plant.lines), func(w *period, shared time.Duration) {
			w.Lines[l.index].observed(shared/n, scheduled, down)
		})
	}
}

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
