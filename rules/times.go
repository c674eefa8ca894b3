package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// LineTimes are the times that a line's states follow from (docs/rules.md).
type LineTimes struct {
	Run   time.Duration // T_run: running for less than this after a part
	Stall time.Duration // T_stall: stalled from this on
	Grace time.Duration // of a late start
	// Silence is after how long without a sample a machine of the line is
	// silent; 0: machines report on change, and are judged by their gateway.
	Silence time.Duration
	// LastPart is when the newest part was made, by event time.
	LastPart plant.Instant
}

// LineTimes returns the times of a line; false where nobody enrolled it.
func (s *State) LineTimes(plantID, lineID string) (LineTimes, bool) {
	p := s.plants[plantID]
	if p == nil {
		return LineTimes{}, false
	}
	for _, l := range p.lines {
		if l.id != lineID {
			continue
		}
		t := LineTimes{Run: l.run, Stall: l.stall, Grace: max(p.th.grace, l.stall), LastPart: l.lastIncrement()}
		if m := l.machines[0]; !m.onChange {
			t.Silence = m.silence
		}
		return t, true
	}
	return LineTimes{}, false
}
