package pulse

import (
	"slices"
	"time"
)

// Kind says what a gateway's clock does.
type Kind string

// The kinds of clock.
const (
	ClockUnknown  Kind = "unknown"  // too few samples with a device time
	ClockGood     Kind = "good"     // within half a minute of ours
	ClockZone     Kind = "zone"     // off by a time zone, see Gateway.Zone
	ClockOff      Kind = "off"      // off by something else
	ClockAhead    Kind = "ahead"    // more than five minutes ahead of ours
	ClockUnsteady Kind = "unsteady" // the offset changes: no clock, or several
	ClockDraining Kind = "draining" // a backlog hides what the clock does now
)

const (
	enoughOffsets = 3
	goodOffset    = 30 * time.Second
	steadySpread  = 2 * time.Minute
	// Zones are multiples of a quarter of an hour from each other.
	zoneStep  = 15 * time.Minute
	zoneSlack = time.Minute
	maxZone   = 26 * time.Hour // from -12 to +14
	// forgotten is how long after its newest sample a backlog whose machine
	// fell silent is no longer called draining.
	forgotten = 5 * time.Minute
)

// offset is the median of the newest offsets; false where there are too few.
func (g *gateway) offset() (median, spread time.Duration, ok bool) {
	sorted := slices.Clone(g.offsets[:g.filled])
	slices.Sort(sorted)
	n := len(sorted)
	if n < enoughOffsets {
		return 0, 0, false
	}
	return sorted[n/2], sorted[n-1-n/10] - sorted[n/10], true
}

// isDraining reports whether some machine drains a backlog now.
func (g *gateway) isDraining() bool {
	return g.draining > 0 && g.last.Sub(g.drainAt) <= forgotten
}

// kind judges the clock, and says by what zone it is off.
func (g *gateway) kind() (Kind, time.Duration) {
	offset, spread, ok := g.offset()
	zone := offset.Round(zoneStep)
	switch {
	case g.isDraining():
		return ClockDraining, 0
	case !ok:
		return ClockUnknown, 0
	case spread > steadySpread:
		return ClockUnsteady, 0
	case offset.Abs() <= goodOffset:
		return ClockGood, 0
	case zone != 0 && zone.Abs() <= maxZone && (offset-zone).Abs() <= zoneSlack:
		return ClockZone, -zone
	case offset < -maxAhead:
		return ClockAhead, 0
	}
	return ClockOff, 0
}
