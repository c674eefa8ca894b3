package rules

import "github.com/seed-00829101/heartline/plant"

// deadline is an entry in the heap: of a machine that may fall silent, or of
// a plant whose period may end. An entry counts only while its owner's due
// says the same; it is never later than what it waits for, so that firing it
// early just schedules it again.
type deadline struct {
	at      plant.Instant
	ord     int // breaks ties: the order of the registry
	machine *machine
	plant   *plantState
}

// deadlines is a binary heap by time, then by the order of the registry. It is
// container/heap for one type: that one allocates with every push and pop.
type deadlines []deadline

func (d deadlines) less(i, j int) bool {
	if d[i].at != d[j].at {
		return d[i].at < d[j].at
	}
	return d[i].ord < d[j].ord
}

func (d *deadlines) push(x deadline) {
	*d = append(*d, x)
	h := *d
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less(i, up) {
			return
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
}

func (d *deadlines) pop() deadline {
	h := *d
	n := len(h) - 1
	first := h[0]
	h[0], h[n] = h[n], deadline{}
	h = h[:n]
	*d = h
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			return first
		}
		if down+1 < n && h.less(down+1, down) {
			down++
		}
		if !h.less(down, i) {
			return first
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}

// due takes the first deadline at or before at.
func (d *deadlines) due(at plant.Instant) (deadline, bool) {
	if len(*d) == 0 || (*d)[0].at > at {
		return deadline{}, false
	}
	return d.pop(), true
}

// schedule makes the machine be looked at, at the latest then.
func (s *State) schedule(m *machine, at plant.Instant) {
	if m.due != 0 && m.due <= at {
		return
	}
	m.due = at
	s.deadlines.push(deadline{at: at, ord: m.ord, machine: m})
}

// schedulePlant makes the plant be looked at exactly then; 0: not at all.
func (s *State) schedulePlant(p *plantState, at plant.Instant) {
	if p.due == at {
		return
	}
	p.due = at
	if at != 0 {
		s.deadlines.push(deadline{at: at, ord: p.ord, plant: p})
	}
}
