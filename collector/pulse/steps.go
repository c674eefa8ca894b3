package pulse

import (
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// ring holds the newest steps of something, oldest overwritten.
const ringSize = 15

// intervals is the newest times between two samples, in milliseconds, and
// their median. The median is worked out anew every eighth step only: it is
// asked for with each sample.
type intervals struct {
	steps  [ringSize]uint32
	next   uint8
	filled uint8
	median uint32
}

func (r *intervals) add(d time.Duration) {
	if d <= 0 {
		return
	}
	r.steps[r.next] = uint32(min(max(d.Milliseconds(), 1), 1<<32-1))
	r.next = (r.next + 1) % ringSize
	if r.filled < ringSize {
		r.filled++
	}
	if r.filled < 8 || r.next%8 == 0 {
		sorted := r.steps
		slices.Sort(sorted[:r.filled])
		r.median = sorted[r.filled/2]
	}
}

// typical is the median; 0 before the third step.
func (r *intervals) typical() time.Duration {
	if r.filled < 3 {
		return 0
	}
	return time.Duration(r.median) * time.Millisecond
}

const (
	enoughSteps  = 8   // before an interval is called irregular
	regularShare = 0.6 // of the steps are a small multiple of the interval
	maxMultiple  = 3   // of an interval, where samples in between were lost
	regularSlack = 0.15
)

// interval tells a machine that reports at an interval, some of whose samples
// may be lost, from one that reports on change. A step may be off by one unit
// of the device's stamps.
func (r *intervals) interval(unit plant.Unit) (every time.Duration, onChange bool) {
	if r.filled == 0 {
		return 0, false
	}
	sorted := slices.Clone(r.steps[:r.filled])
	slices.Sort(sorted)
	median := sorted[len(sorted)/2]
	if len(sorted) < enoughSteps {
		return time.Duration(median) * time.Millisecond, false
	}
	for _, base := range [...]uint32{median, sorted[len(sorted)/5]} {
		if single, share := multiples(sorted, base, unit); share >= regularShare {
			return single, false
		}
	}
	return time.Duration(median) * time.Millisecond, true
}

// multiples returns the mean of the steps that are one base long, and the
// share of all that are a small multiple of it.
func multiples(sorted []uint32, base uint32, unit plant.Unit) (single time.Duration, share float64) {
	slack := max(regularSlack*float64(base), float64(unit.Duration())/float64(time.Millisecond))
	var sum, ones, near float64
	for _, step := range sorted {
		k := float64((uint64(step) + uint64(base)/2) / uint64(base))
		off := float64(step) - k*float64(base)
		if k < 1 || k > maxMultiple || off > slack || off < -slack {
			continue
		}
		near++
		if k == 1 {
			sum, ones = sum+float64(step), ones+1
		}
	}
	return time.Duration(sum/ones) * time.Millisecond, near / float64(len(sorted))
}
