package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// changeTolerance is the tolerance of clocks of machines that report on change:
// three intervals of one that says none.
const changeTolerance = 3 * time.Minute

// steady is how a machine's stamps lie behind our clock; one ahead of it lies
// nothing behind.
type steady struct {
	Lag  time.Duration `json:"lag"`  // of its newest sample
	Mark time.Duration `json:"mark"` // no sample since From was further from it than the tolerance
	From plant.Instant `json:"from"` // both by our clock
	To   plant.Instant `json:"to"`
}

// take notes the lag of a newest sample, and returns by how much the machine's
// clock was set ahead since the one before: its stamps lay as far behind for
// three intervals, and now lie more than three intervals less behind. Those of
// a backlog do not lie as far behind for so long.
func (k *steady) take(at plant.Instant, lag, tolerance time.Duration) (set time.Duration) {
	if k.Lag-lag > tolerance && k.To.Sub(k.From) >= tolerance {
		set = k.Lag - lag
	}
	if k.To == 0 || (lag-k.Mark).Abs() > tolerance {
		k.Mark, k.From = lag, at
	}
	k.Lag, k.To = lag, at
	return set
}

func (m *machine) tolerance() time.Duration {
	if m.onChange {
		return changeTolerance
	}
	return 3 * m.interval
}

// clockSet moves what the machine's counters and ages remember by as much as its
// clock was set ahead: the hours that its stamps left out were never lived, so
// nothing was made in them, nothing observed, and nothing stood.
func (m *machine) clockSet(by time.Duration) {
	for _, t := range [...]*plant.Instant{&m.Good, &m.LastInc, &m.Anew, &m.Count.At, &m.Count.RiseAt, &m.Scrap.At, &m.Scrap.RiseAt} {
		if *t != 0 {
			*t = t.Add(by)
		}
	}
}
