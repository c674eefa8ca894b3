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
	Last time.Duration `json:"last"` // of its last one, which may be late
	// From is since when the lag does not leap: it stays within the tolerance of
	// Mark, or leaves it no faster than that in as much time.
	From   plant.Instant `json:"from"`
	Mark   time.Duration `json:"mark"`
	MarkAt plant.Instant `json:"mark_at"`
	// Cut is by how much its newest stamp was too far ahead of ours to be
	// believed; ours, behind, was taken instead.
	Cut time.Duration `json:"cut,omitempty"`
}

// take notes the lag of a sample that came now, after one that came at heard. Of a
// newest one it returns by how much the machine's clock was set ahead since the
// newest before it: its stamps lay as far behind for three intervals, and now lie
// more than three intervals less behind. Those of a backlog do not lie as far
// behind for so long.
func (k *steady) take(at, heard plant.Instant, lag, tolerance time.Duration, newest bool) (set time.Duration) {
	far := func(from time.Duration) bool { return (lag - from).Abs() > tolerance }
	if newest && k.Lag-lag > tolerance && (k.Last-k.Lag).Abs() <= tolerance && heard.Sub(k.From) >= tolerance {
		set = k.Lag - lag
	}
	moved := far(k.Mark)
	if leaps := heard == 0 || far(k.Last) || moved && at.Sub(k.MarkAt) < tolerance; leaps {
		k.From, moved = at, true
	}
	if moved {
		k.Mark, k.MarkAt = lag, at
	}
	if k.Last = lag; newest {
		k.Lag = lag
	}
	return set
}

// ours returns by how much our own clock was set ahead since the newest sample, at
// most gap: that one's stamp was cut, the next is cut less, and meanwhile nobody
// was heard, for as long as our clock left out.
func (k *steady) ours(gap, cut, deaf, tolerance time.Duration) (set time.Duration) {
	if k.Cut-cut > tolerance && deaf > tolerance {
		set = min(deaf, gap)
	}
	k.Cut = cut
	return set
}

// deaf is how long we could not hear since the machine was heard last.
func (s *State) deaf(m *machine) time.Duration {
	if m.Heard == 0 {
		return 0
	}
	return s.at.Sub(m.Heard) - (s.observable(s.broker(m.Broker)) - m.HeardObs)
}

// clocks looks whether the machine's clock or ours was set since its newest
// sample; the sample at t came after one that came at heard.
func (s *State) clocks(m *machine, heard, t plant.Instant, cut, deaf time.Duration, newest bool) {
	set := m.Steady.take(s.at, heard, max(s.at.Sub(t), 0), m.tolerance(), newest)
	if set == 0 && newest {
		set = m.Steady.ours(t.Sub(m.Newest), cut, deaf, m.tolerance())
	} else if newest {
		m.Steady.Cut = cut
	}
	if set > 0 {
		m.clockSet(set)
	}
}

func (m *machine) tolerance() time.Duration {
	if m.onChange {
		return changeTolerance
	}
	return 3 * m.interval
}

// clockSet moves what the machine's counters and ages remember by as much as a
// clock was set ahead: the hours that its stamps left out were never lived, so
// nothing was made in them, nothing observed, and nothing stood.
func (m *machine) clockSet(by time.Duration) {
	for _, t := range [...]*plant.Instant{&m.Good, &m.LastInc, &m.Anew, &m.Count.At, &m.Count.RiseAt, &m.Scrap.At, &m.Scrap.RiseAt} {
		if *t != 0 {
			*t = t.Add(by)
		}
	}
}
