package pulse

import (
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// judgedRises is how many rises must have been seen before one can be
	// implausible, and implausible how many times the largest it then is.
	judgedRises = 8
	implausible = 10
	// lowShare of the value before a fall is a low value.
	lowShare = 0.1
	// nearLimit is how close to a limit, as a share of it, a value may be
	// that looks as if it rolled over.
	nearLimit = 0.001
)

// limits are the largest values of counters in the field: four to six digits,
// 15, 16, 31 and 32 bits. They tell what a fall looks like; whether a counter
// rolls over, a person declares.
var limits = [...]float64{9_999, 32_767, 65_535, 99_999, 999_999, 1<<31 - 1, 1<<32 - 1}

// counter follows one counter of a machine.
type counter struct {
	name string
	kind plant.FieldKind

	have   bool
	delta  bool // its profile says that it counts since the last message
	lastI  int64
	lastF  float64
	lastAt plant.Instant

	samples, rises, falls, flats uint64
	resets, rollovers, leaps     uint64
	smallest, largest            float64 // increments; 0: none yet
	before                       float64 // the newest value before a rollover-looking fall
	sizes                        [ringSize]float32
	next, filled                 uint8
}

// take takes the value of a sample stamped t.
func (c *counter) take(f *plant.Field, t plant.Instant, delta bool, interval time.Duration) {
	value, diff := f.Float, f.Float-c.lastF
	if f.Kind == plant.Int {
		value, diff = float64(f.Int), difference(f.Int, c.lastI)
	}
	before, passed := c.lastF, t.Sub(c.lastAt)
	if f.Kind == plant.Int {
		before = float64(c.lastI)
	}
	first := !c.have
	c.have, c.delta, c.lastI, c.lastF, c.lastAt = true, delta, f.Int, f.Float, t
	c.samples++
	if delta && value > 0 {
		c.size(value)
	}
	switch {
	case first:
	case diff > 0:
		c.rises++
		if !delta {
			c.rise(diff, passed, interval)
		}
	case diff < 0:
		c.falls++
		if !delta {
			c.fall(before, value)
		}
	default:
		c.flats++
	}
}

// difference is a - b; where that does not fit, near enough.
func difference(a, b int64) float64 {
	if d := a - b; (d < 0) == (a < b) {
		return float64(d)
	}
	return float64(a) - float64(b)
}

// rise takes an increment. One far beyond the largest so far, for the time it
// took, is implausible and does not count as the largest.
func (c *counter) rise(diff float64, passed, interval time.Duration) {
	if c.rises > judgedRises && diff > implausible*c.largest {
		if steps := float64(passed) / float64(max(interval, 1)); diff > implausible*c.largest*max(steps, 1) {
			c.leaps++
			return
		}
	}
	c.size(diff)
}

func (c *counter) size(increment float64) {
	if c.smallest == 0 || increment < c.smallest {
		c.smallest = increment
	}
	c.largest = max(c.largest, increment)
	c.sizes[c.next] = float32(increment)
	c.next = (c.next + 1) % ringSize
	if c.filled < ringSize {
		c.filled++
	}
}

// fall tells what a fall looks like: a rollover from close below a usual
// limit, a restart from a low value, or neither.
func (c *counter) fall(before, value float64) {
	for _, limit := range limits {
		close := max(2*c.largest, nearLimit*limit, 1)
		if before <= limit && limit-before <= close && value <= close {
			c.rollovers++
			c.before = before
			return
		}
	}
	if value >= 0 && value <= max(lowShare*before, 2*c.largest) {
		c.resets++
	}
}

// typical is the median of the newest increments.
func (c *counter) typical() float64 {
	if c.filled == 0 {
		return 0
	}
	sorted := slices.Clone(c.sizes[:c.filled])
	slices.Sort(sorted)
	return float64(sorted[len(sorted)/2])
}

// looks says which kind of counter it looks like by its steps; empty where
// they could be either's.
func (c *counter) looks() string {
	changes := c.rises + c.falls
	switch {
	case changes >= 4 && c.falls*4 >= changes:
		return plant.KindDelta
	case c.rises >= 3 && c.falls*10 <= changes:
		return plant.KindTotal
	}
	return ""
}
