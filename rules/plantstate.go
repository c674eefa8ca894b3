package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
	"github.com/seed-00829101/heartline/rules/custom"
)

// plantState is one enrolled plant. What is saved in a snapshot is in its
// memory; the rest follows from the definition.
type plantState struct {
	plantMemory
	id    string
	conf  *plant.Plant
	ord   int
	index int     // its place in the registry
	owed  *Saving // that has not got this plant yet; nil: none
	lines []*line
	// machines are those of all lines.
	machines map[machineID]*machine
	th       *thresholds
	days     calendar.Days
	sched    *calendar.Schedule // without maintenance of single lines
	windows  periods
	slots    periods
	shifts   periods       // and the times between them
	outputs  []*machine    // of its commissioned lines
	due      plant.Instant // of its entry in the heap; 0: none
	stale    bool          // counting must be looked at again
	nextEnd  plant.Instant // no period ends before, and those up to it are made
	dirty    bool
}

// machineID names a machine of a plant.
type machineID struct{ line, machine string }

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
	if from == to || l.piece.From <= from && to <= l.piece.To && l.piece.Kind == calendar.Working {
		s.bookMade(m, amount, from, to, scrap)
		return
	}
	whole := l.sched.Scheduled(from, to)
	if whole == 0 {
		s.bookMade(m, amount, to, to, scrap)
		return
	}
	l.sched.Each(from, to, func(x calendar.Piece) {
		if x.Kind == calendar.Working {
			s.bookMade(m, amount*float64(x.To-x.From)/float64(whole), x.From, x.To, scrap)
		}
	})
}

// bookMade is bookEvenly, and tells custom rules.
func (s *State) bookMade(m *machine, amount float64, from, to plant.Instant, scrap bool) {
	word := custom.Made
	if scrap {
		word = custom.Scrapped
	}
	if m.Rules != nil {
		s.rules.machine.Counted(m.Rules, word, from, to, amount)
	}
	if m.line.Rules != nil {
		s.rules.line.Counted(m.line.Rules, word, from, to, amount)
	}
	s.bookEvenly(m.line, amount, from, to, scrap)
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
