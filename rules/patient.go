package rules

import "github.com/seed-00829101/heartline/plant"

// Patient has the state wait with its slots, however long, until every output
// machine of a plant was seen the plant's lateness after their end: for
// histories whose machines do not come side by side. The first slot is that of
// the oldest sample. Call it before the first Step, end with Flush.
func (s *State) Patient() { s.patient = true }

// Flush closes every slot up to and with that of the newest sample, and
// returns them. The Result is valid until the next call.
func (s *State) Flush() *Result {
	s.res.reset()
	for _, p := range s.order {
		var newest plant.Instant
		for _, m := range p.outputs {
			newest = max(newest, m.Newest)
		}
		for len(p.slots.open) > 0 && p.slots.open[0].From < newest {
			s.closeSlot(p)
		}
	}
	return &s.res
}

// Late is how many amounts came for slots that were closed already.
func (s *State) Late() uint64 { return s.late }

// reachBack makes the slots from that of t on, where none has closed yet.
func (ps *periods) reachBack(t plant.Instant, lines int) {
	if ps.cut == nil || t > ps.last || ps.closed {
		return
	}
	earlier := periods{last: slotEnd(t - 1).Add(-slotLength), cut: ps.cut}
	earlier.reach(ps.last, lines)
	ps.last, ps.open = earlier.last, append(earlier.open, ps.open...)
}
