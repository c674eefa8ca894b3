package pulse

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// leastBacklog is the shortest backlog that is called so: gateways that
	// send a minute's samples in one message drain nothing.
	leastBacklog = time.Minute
	// burstSteps is how many samples in a row come faster than they were
	// made, before a machine that was met in the middle of it drains.
	burstSteps = 3
)

// lag follows how far a machine's stamps are behind our clock. As in the
// rules: more than three intervals further behind than usual is a backlog;
// where it then stays as far behind, it is an offset of the clock.
type lag struct {
	known    bool
	draining bool
	behind   bool // the backlog comes behind live samples, as late ones
	burst    uint8
	usual    time.Duration
	from     time.Duration // at the beginning of the burst
	refAt    plant.Instant // what a drain is measured from
	refLag   time.Duration
	lateAt   plant.Instant // of the newest sample out of a backlog behind
}

// limit is how far further behind than usual begins a backlog.
func limit(interval time.Duration) time.Duration { return max(3*interval, leastBacklog) }

// late takes a sample older than the machine's newest and reports whether it
// comes out of a backlog.
func (l *lag) late(at plant.Instant, behind, interval time.Duration) bool {
	if !l.known || behind <= l.usual+limit(interval) {
		return l.draining
	}
	l.lateAt = at
	if !l.draining {
		l.draining, l.behind = true, true
	}
	return true
}

// live takes a sample newer than all before: the device's clock moved on by
// made, ours by came.
func (l *lag) live(at plant.Instant, behind, made, came, interval time.Duration) {
	switch {
	case l.draining && l.behind:
		l.usual = behind
		if at.Sub(l.lateAt) > 3*interval {
			l.draining, l.behind = false, false
		}
	case l.draining:
		l.drain(at, behind, interval)
	case !l.known:
		l.known, l.usual = true, behind
	case behind > l.usual+limit(interval):
		l.draining, l.refAt, l.refLag = true, at, behind
	case l.bursts(behind, made, came, interval):
		// Met in the middle of a backlog: what is usual is not known yet.
		l.draining, l.known, l.refAt, l.refLag = true, false, at, behind
	default:
		l.usual = behind
	}
}

// drain looks whether the backlog is over.
func (l *lag) drain(at plant.Instant, behind, interval time.Duration) {
	passed := at.Sub(l.refAt)
	switch {
	case l.known && behind <= l.usual+limit(interval):
	case passed < 3*interval:
		return
	case behind < l.refLag-passed/10:
		l.refAt, l.refLag = at, behind
		return
	}
	l.draining, l.known, l.usual, l.burst = false, true, behind, 0
}

// bursts reports whether samples come much faster than they were made.
func (l *lag) bursts(behind, made, came, interval time.Duration) bool {
	if made < 2*came || made <= 0 {
		l.burst = 0
		return false
	}
	if l.burst == 0 {
		l.from = l.usual
	}
	l.burst = min(l.burst+1, burstSteps)
	return l.burst == burstSteps && l.from-behind > limit(interval)
}
