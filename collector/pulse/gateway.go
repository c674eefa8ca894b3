package pulse

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// gatewayID names a gateway; Gateway is empty where samples name none.
type gatewayID struct{ Plant, Gateway string }

// gateway is the machines that are heard through one gateway: they share a
// link, and mostly a clock. The nil gateway is not watched.
type gateway struct {
	gatewayID
	number int // in the order they were met

	samples, late, jumps, future, backlogs uint64

	last     plant.Instant // heard, by our clock
	draining int           // machines
	drainAt  plant.Instant // newest sample out of a backlog

	offsets [offsetRing]time.Duration // newest, of live samples
	next    uint8
	filled  uint8
}

// offsetRing is how many offsets the clock is judged by.
const offsetRing = 31

// take takes a sample of one of the machines, behind our clock by so much.
func (g *gateway) take(at plant.Instant, behind time.Duration, timed bool, seen *Seen) {
	if g == nil {
		return
	}
	g.samples++
	g.last = at
	if seen.Late {
		g.late++
	}
	if seen.JumpedBack {
		g.jumps++
	}
	if seen.Future {
		g.future++
	}
	if seen.Draining {
		g.drainAt = at
	}
	if !timed || seen.Late || seen.Draining {
		return
	}
	g.offsets[g.next] = behind
	g.next = (g.next + 1) % offsetRing
	if g.filled < offsetRing {
		g.filled++
	}
}

// drains notes that so many machines more drain a backlog. The gateway's
// backlog begins with its first machine.
func (g *gateway) drains(machines int) {
	if g == nil {
		return
	}
	if g.draining == 0 && machines > 0 {
		g.backlogs++
	}
	g.draining += machines
}
