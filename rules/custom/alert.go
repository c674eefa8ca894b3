package custom

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Alert is how far an alert of one rule has come, for one machine, line or
// plant.
type Alert struct {
	_ struct{} `cbor:",toarray"`
	// Since is when the condition began to hold; 0: it does not.
	Since plant.Instant
	// Fired is when the alert fired, 0: it does not fire.
	Fired plant.Instant
	// Quiet is since when the condition of an alert that fires does not hold; 0:
	// it holds.
	Quiet plant.Instant
	// Last is when it changed last: nothing is dated before it.
	Last plant.Instant
	// Says is what was told when it fired. Of one that is yet to fire, and may fall
	// due between two evaluations, it is what would have been told when its
	// condition began to hold; else nil.
	Says *plant.Alert
}

// Change is what became of an alert.
type Change uint8

// What may become of an alert.
const (
	Same Change = iota
	Fires
	Ends
)

// holds takes whether the condition holds at t, and says what became of the
// alert, and when.
func (a *Alert) holds(r *Rule, holds bool, t plant.Instant) (Change, plant.Instant) {
	t = max(t, a.Last)
	switch {
	case holds && a.Fired != 0:
		a.Quiet = 0
	case holds:
		if a.Since == 0 {
			a.Since = t
		}
		if due := a.Since.Add(time.Duration(r.For)); due <= t {
			return a.fire(due)
		}
	case a.Fired != 0:
		if a.Quiet == 0 {
			a.Quiet = t
		}
		if due := a.Quiet.Add(time.Duration(r.KeepFiringFor)); due <= t {
			return a.end(due)
		}
	default:
		a.Since, a.Says = 0, nil
	}
	return Same, 0
}

// pass lets time pass up to t for an alert whose condition stays as it is.
func (a *Alert) pass(r *Rule, t plant.Instant) (Change, plant.Instant) {
	switch due := a.due(r); {
	case due == 0 || due > t:
		return Same, 0
	case a.Fired == 0:
		return a.fire(due)
	default:
		return a.end(due)
	}
}

// due is when the alert changes if its condition stays as it is; 0: never.
func (a *Alert) due(r *Rule) plant.Instant {
	switch {
	case a.Fired == 0 && a.Since != 0:
		return a.Since.Add(time.Duration(r.For))
	case a.Fired != 0 && a.Quiet != 0:
		return a.Quiet.Add(time.Duration(r.KeepFiringFor))
	}
	return 0
}

func (a *Alert) fire(at plant.Instant) (Change, plant.Instant) {
	at = max(at, a.Last)
	a.Fired, a.Last = at, at
	return Fires, at
}

// end ends what fires, and what was about to.
func (a *Alert) end(at plant.Instant) (Change, plant.Instant) {
	fired := a.Fired
	at = max(at, a.Last)
	*a = Alert{Last: at}
	if fired == 0 {
		return Same, 0
	}
	return Ends, at
}

// interrupted forgets since when the condition held or did not: nobody knows
// what was between.
func (a *Alert) interrupted() {
	if a.Quiet = 0; a.Fired == 0 {
		a.Since, a.Says = 0, nil
	}
}
