package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// plantState is one enrolled plant. What is saved in a snapshot is in its
// memory; the rest follows from the definition.
type plantState struct {
	plantMemory
	id      string
	conf    *plant.Plant
	ord     int
	lines   []*line
	days    days
	windows periods
	slots   periods
	outputs []*machine    // of its commissioned lines
	due     plant.Instant // of its entry in the heap; 0: none
	stale   bool          // counting must be looked at again
	dirty   bool
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

// book adds an amount to the line, at to, or spread evenly over (from, to].
// What belongs to a closed period is late: it revises history, not this.
func (s *State) book(m *machine, amount float64, from, to plant.Instant, scrap bool) {
	if amount == 0 || !m.line.counts {
		return
	}
	p, i := m.line.plant, m.line.index
	add := func(t *tally, a float64) {
		if scrap {
			t.Scrap += a
		} else {
			t.Made += a
		}
	}
	for _, ps := range []*periods{&p.windows, &p.slots} {
		if from == to {
			if w := ps.at(to, len(p.lines)); w != nil {
				add(&w.Lines[i], amount)
			} else {
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

// observe notes the time between two good samples as observed, where they are
// at most three intervals apart.
func (s *State) observe(m *machine, before, t plant.Instant) {
	if before != 0 && t.Sub(before) <= m.hole() {
		s.observed(m, before, t)
		return
	}
	m.Seen = t
}

// observed notes (from, to] as observed, and as down time where no part came
// for T_run. Averaged over the line's output machines.
func (s *State) observed(m *machine, from, to plant.Instant) {
	l := m.line
	if !l.counts || to <= from {
		return
	}
	n := time.Duration(len(l.output))
	down := m.Status == plant.ShortStop || m.Status == plant.Stalled
	for _, ps := range []*periods{&l.plant.windows, &l.plant.slots} {
		ps.each(from, to, len(l.plant.lines), func(w *period, shared time.Duration) {
			w.Lines[l.index].Observed += shared / n
			if down {
				w.Lines[l.index].Down += shared / n
			}
		})
	}
}

// seenAfter closes what every output machine has been seen after.
func (s *State) seenAfter(p *plantState, t plant.Instant) {
	if p.windows.cut == nil {
		return
	}
	p.windows.reach(t, len(p.lines))
	p.slots.reach(t, len(p.lines))
	if !p.windows.endsBefore(t) && !p.slots.endsBefore(t) {
		return
	}
	all := t
	for _, m := range p.outputs {
		all = min(all, m.Newest)
	}
	for p.windows.endsBefore(all) {
		s.closeWindow(p)
	}
	for p.slots.endsBefore(all) {
		s.closeSlot(p)
	}
	s.plan(p)
}

// tickPlant fires when a period of the plant ends, or has waited for late
// samples long enough.
func (s *State) tickPlant(p *plantState) {
	n := len(p.lines)
	for _, ps := range []*periods{&p.windows, &p.slots} {
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
	s.plan(p)
}

func (s *State) waitedOut(p *plantState, ps *periods) bool {
	return len(ps.open) > 0 && ps.open[0].Ended && p.waited(s)-ps.open[0].Late >= s.th.lateness
}

// plan schedules the plant's next deadline: the end of a period, or the end
// of the wait for the oldest one.
func (s *State) plan(p *plantState) {
	if p.windows.cut == nil {
		return
	}
	due := min(s.nextEnd(&p.windows), s.nextEnd(&p.slots))
	for _, ps := range []*periods{&p.windows, &p.slots} {
		if p.Counting && len(ps.open) > 0 && ps.open[0].Ended {
			due = min(due, s.at.Add(s.th.lateness-(p.waited(s)-ps.open[0].Late)))
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
		length := w.To.Sub(w.From)
		s.res.Slots = append(s.res.Slots, plant.OutputSlot{
			Plant: p.id, Line: l.id, At: w.To, Made: t.Made, Scrap: t.Scrap,
			Expected:  l.conf.Normal.PerHour * length.Hours(),
			Scheduled: length.Seconds(), Observed: min(t.Observed, length).Seconds(), Downtime: min(t.Down, length).Seconds(),
		})
	}
}
