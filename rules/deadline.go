package rules

import (
	"container/heap"

	"github.com/seed-00829101/heartline/plant"
)

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

// deadlines is a heap by time, then by the order of the registry.
type deadlines []deadline

func (d deadlines) Len() int      { return len(d) }
func (d deadlines) Swap(i, j int) { d[i], d[j] = d[j], d[i] }
func (d deadlines) Less(i, j int) bool {
	if d[i].at != d[j].at {
		return d[i].at < d[j].at
	}
	return d[i].ord < d[j].ord
}

// Push and Pop implement heap.Interface; use schedule and due.
func (d *deadlines) Push(x any) { *d = append(*d, x.(deadline)) }
func (d *deadlines) Pop() any {
	old := *d
	x := old[len(old)-1]
	old[len(old)-1] = deadline{}
	*d = old[:len(old)-1]
	return x
}

// due takes the first deadline at or before at.
func (d *deadlines) due(at plant.Instant) (deadline, bool) {
	if len(*d) == 0 || (*d)[0].at > at {
		return deadline{}, false
	}
	return heap.Pop(d).(deadline), true
}

// schedule makes the machine be looked at, at the latest then.
func (s *State) schedule(m *machine, at plant.Instant) {
	if m.due != 0 && m.due <= at {
		return
	}
	m.due = at
	heap.Push(&s.deadlines, deadline{at: at, ord: m.ord, machine: m})
}

// schedulePlant makes the plant be looked at exactly then; 0: not at all.
func (s *State) schedulePlant(p *plantState, at plant.Instant) {
	if p.due == at {
		return
	}
	p.due = at
	if at != 0 {
		heap.Push(&s.deadlines, deadline{at: at, ord: p.ord, plant: p})
	}
}
