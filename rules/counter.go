package rules

import (
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// reading is a counter's value, exact where it is an integer.
type reading struct {
	Int   int64   `json:"i,omitempty"`
	Float float64 `json:"f,omitempty"`
	Dec   bool    `json:"d,omitempty"` // Float holds the value
}

func (r reading) float() float64 {
	if r.Dec {
		return r.Float
	}
	return float64(r.Int)
}

// minus is r - o, exact for integers.
func (r reading) minus(o reading) float64 {
	if !r.Dec && !o.Dec {
		return float64(r.Int - o.Int)
	}
	return r.float() - o.float()
}

// readingOf returns the sample's field called name as a reading.
func readingOf(s *plant.Sample, name string) (reading, bool) {
	f, ok := s.Field(name)
	switch {
	case ok && f.Kind == plant.Int:
		return reading{Int: f.Int}, true
	case ok && f.Kind == plant.Float:
		return reading{Float: f.Float, Dec: true}, true
	}
	return reading{}, false
}

// counterRule says how a running total may behave.
type counterRule struct {
	scale    float64
	rollover int64         // largest value + 1; 0: none
	resets   bool          // restarting from zero is normal
	hole     time.Duration // longer without a good sample than this is a hole
	perHour  float64       // units made at most, by ideal cycle or else normal figure; 0: unknown
}

// plausible reports whether count may have been counted in d: one count
// always, else at most twice what is made in that time; where that is not
// known, less than half of the rollover value.
func (r *counterRule) plausible(count float64, d time.Duration) bool {
	switch {
	case count <= 1:
		return true
	case r.perHour > 0:
		return count*r.scale <= 2*r.perHour*d.Hours()
	case r.rollover > 0:
		return count < float64(r.rollover)/2
	}
	return true
}

// total follows a running total in order of event time (glossary: Counter).
type total struct {
	Have bool          `json:"have,omitempty"`
	Last reading       `json:"last"` // the value differences are taken from
	At   plant.Instant `json:"at,omitempty"`
	// Peaks are the values before undeclared falls, highest first, until the
	// total is back at them.
	Peaks []reading `json:"peaks,omitempty"`
	// Rise is an implausible rise that the next total will judge.
	HasRise bool          `json:"has_rise,omitempty"`
	Rise    reading       `json:"rise,omitzero"`
	RiseAt  plant.Instant `json:"rise_at,omitempty"`
}

// increment is what a total says was made in (from, to].
type increment struct {
	count float64
	from  plant.Instant
	known bool // false: nothing is known of the time; true also for a count of 0
}

// step takes the total v of a good sample at t and returns the increment in
// counts.
func (k *total) step(v reading, t plant.Instant, r *counterRule) increment {
	if !k.Have {
		*k = total{Have: true, Last: v, At: t}
		return increment{from: t}
	}
	if k.HasRise {
		k.HasRise = false
		if !k.follows(v, t, r) {
			k.Last, k.At = k.Rise, k.RiseAt // the rise stands
			_, k.Peaks = k.back(k.Last)
		}
	}
	if v.minus(k.Last) >= 0 {
		return k.risen(v, t, r)
	}
	return k.fallen(v, t, r)
}

// follows reports whether v may follow the last value: as a plausible rise, a
// rollover or a declared reset.
func (k *total) follows(v reading, t plant.Instant, r *counterRule) bool {
	if v.minus(k.Last) < 0 {
		_, ok := k.wrapped(v, t, r)
		return ok
	}
	from, _ := k.back(v)
	return r.plausible(v.minus(from), t.Sub(k.At))
}

func (k *total) risen(v reading, t plant.Instant, r *counterRule) increment {
	from, left := k.back(v)
	d := v.minus(from)
	if !r.plausible(d, t.Sub(k.At)) {
		k.HasRise, k.Rise, k.RiseAt = true, v, t
		return increment{from: k.At}
	}
	k.Peaks = left
	return k.accept(v, d, t)
}

// maxPeaks bounds the falls that a total may still have to come back from.
const maxPeaks = 8

// back returns the value that v counts from: that before the highest fall it
// has come back from, else the last one; and the peaks still ahead of it.
func (k *total) back(v reading) (from reading, left []reading) {
	from, left = k.Last, k.Peaks
	for n := len(left); n > 0 && v.minus(left[n-1]) >= 0; n-- {
		from, left = left[n-1], left[:n-1]
	}
	return from, left
}

// fallen takes a total below the last one. What is neither a rollover nor a
// reset counts nothing, and counts on from the low value.
func (k *total) fallen(v reading, t plant.Instant, r *counterRule) increment {
	if count, ok := k.wrapped(v, t, r); ok {
		k.Peaks = nil
		return k.accept(v, count, t)
	}
	if n := len(k.Peaks); n == maxPeaks {
		k.Peaks = slices.Concat(k.Peaks[:1], k.Peaks[2:])
	}
	k.Peaks = append(slices.Clip(k.Peaks), k.Last)
	inc := increment{from: k.At}
	k.Last, k.At = v, t
	return inc
}

// wrapped tells a rollover from a reset and returns what was counted; after a
// hole a declared reset goes first.
func (k *total) wrapped(v reading, t plant.Instant, r *counterRule) (count float64, ok bool) {
	passed := t.Sub(k.At)
	over := v.minus(k.Last) + float64(r.rollover)
	rolled := r.rollover > 0 && over >= 0 && k.Last.float() < float64(r.rollover) && r.plausible(over, passed)
	reset := r.resets && v.float() >= 0 && r.plausible(v.float(), passed)
	switch {
	case rolled && !(reset && passed > r.hole):
		return over, true
	case reset:
		return v.float(), true
	}
	return 0, false
}

func (k *total) accept(v reading, count float64, t plant.Instant) increment {
	inc := increment{count: count, from: k.At, known: true}
	k.Last, k.At = v, t
	return inc
}

// count books what the sample's counters say and returns what was made.
func (s *State) count(m *machine, x *plant.Sample, v reading, t, before plant.Instant) float64 {
	scale := m.scale(x)
	m.rule.scale = scale
	scrap, hasScrap := readingOf(x, m.line.conf.Counter.Scrap)
	if hasScrap {
		m.Scrapped = t
	}
	if m.delta(x) {
		made := max(v.float(), 0) * scale
		s.book(m, made, t, t, false)
		if hasScrap {
			s.book(m, max(scrap.float(), 0)*scale, t, t, true)
		}
		s.observe(m, before, t)
		return made
	}
	m.rule.hole = m.hole()
	inc := m.Count.step(v, t, &m.rule)
	made := inc.count * scale
	switch spread := before != 0 && t.Sub(inc.from) > m.hole(); {
	case inc.known && spread:
		s.book(m, made, inc.from, t, false)
		runs := m.runsUntil()
		if made > 0 { // spread evenly, so it ran
			runs = t
		}
		s.fill(m, inc.from, t, runs)
		s.observed(m, max(inc.from, before), t, runs)
	default:
		s.book(m, made, t, t, false)
		s.observe(m, before, t)
	}
	if hasScrap {
		s.book(m, m.Scrap.step(scrap, t, &m.rule).count*scale, t, t, true)
	}
	return made
}

// scale turns a count of the machine into the line's units.
func (m *machine) scale(x *plant.Sample) float64 {
	switch {
	case m.line.conf.Counter.Scale != 0:
		return m.line.conf.Counter.Scale
	case x.Scale != 0:
		return x.Scale
	}
	return 1
}

// delta reports whether the counter counts since the last message.
func (m *machine) delta(x *plant.Sample) bool {
	if kind := m.line.conf.Counter.Kind; kind != "" {
		return kind == plant.KindDelta
	}
	return x.Flags.Has(plant.Delta)
}
