package rules

import (
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// hole is a time between two good samples that is not observed; From is 0
// before the first one.
type hole struct {
	From plant.Instant `json:"from,omitempty"`
	To   plant.Instant `json:"to"`
}

// maxHoles bounds the holes that late samples may still mend.
const maxHoles = 16

// observe notes the time between two good samples as observed, where they are
// at most three intervals apart, and else as a hole.
func (s *State) observe(m *machine, before, t plant.Instant) {
	if before != 0 && t.Sub(before) <= m.hole() {
		s.observed(m, before, t, m.runsUntil())
		return
	}
	m.keepOpen()
	if len(m.Holes) == maxHoles {
		m.Holes = slices.Delete(m.Holes, 0, 1)
	}
	m.Holes = append(m.Holes, hole{before, t})
}

// keepOpen forgets the holes of which nothing is open any more.
func (m *machine) keepOpen() {
	p := m.line.plant
	closed := min(p.windows.last, p.slots.last, p.shifts.last)
	m.Holes = slices.DeleteFunc(m.Holes, func(h hole) bool { return h.To <= closed })
}

// split takes a good sample that came late: what it leaves of a hole on either
// side is observed where it is short enough. Of a machine that reports on change
// it proves nothing about what else was missed.
func (s *State) split(m *machine, t plant.Instant) {
	if m.onChange {
		return
	}
	i := slices.IndexFunc(m.Holes, func(h hole) bool { return h.From < t && t < h.To })
	if i < 0 {
		return
	}
	h := m.Holes[i]
	m.Holes = slices.Delete(m.Holes, i, i+1)
	for _, part := range []hole{{t, h.To}, {h.From, t}} {
		if part.From != 0 && part.To.Sub(part.From) <= m.hole() {
			s.observed(m, part.From, part.To, m.runsUntil())
		} else if len(m.Holes) < maxHoles {
			m.Holes = slices.Insert(m.Holes, i, part)
		}
	}
}

// fill notes what of (from, to] is a hole as observed: a difference covers it.
// The machine ran until then.
func (s *State) fill(m *machine, from, to, until plant.Instant) {
	for i := len(m.Holes) - 1; i >= 0 && m.Holes[i].To > from; i-- {
		h := m.Holes[i]
		if h.From >= to {
			continue
		}
		s.observed(m, max(h.From, from), min(h.To, to), until)
		m.Holes = slices.Delete(m.Holes, i, i+1)
		if h.From < from {
			m.Holes = slices.Insert(m.Holes, i, hole{h.From, from})
		}
	}
}
