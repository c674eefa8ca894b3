package rules_test

import (
	"math"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

// What a difference covers: how much of (09:00, 09:15] is observed, and how
// output is split between it and the window after, of a line with a heartbeat
// each minute.
func TestWhatADifferenceCovers(t *testing.T) {
	type at struct {
		minute int
		good   int64
		flags  plant.Flags
	}
	for name, c := range map[string]struct {
		counter  plant.Counter
		before   int // heartbeats each minute up to this one, a part each
		then     []at
		made     float64 // to 09:15
		observed float64 // minutes of it
	}{
		"each minute":                        {plant.Counter{}, 15, []at{{16, 16, 0}}, 15, 15},
		"three intervals are no hole":        {plant.Counter{}, 12, []at{{15, 18, 0}, {16, 18, 0}}, 18, 15},
		"a hole of a total is spread":        {plant.Counter{}, 10, []at{{20, 30, 0}}, 20, 15},
		"a hole with nothing made is seen":   {plant.Counter{}, 10, []at{{20, 10, 0}}, 10, 15},
		"a hole of a delta stays unobserved": {plant.Counter{Kind: plant.KindDelta}, 10, []at{{20, 1, 0}}, 10, 10},
		"a fall over a hole is unobserved":   {plant.Counter{}, 10, []at{{20, 2, 0}, {21, 3, 0}}, 10, 10},
		"a fall without a hole is observed":  {plant.Counter{}, 14, []at{{15, 2, 0}, {16, 3, 0}}, 14, 15},
		"a reset over a hole is spread":      {plant.Counter{Resets: true}, 10, []at{{20, 8, 0}}, 14, 15},
		"an implausible rise over a hole":    {plant.Counter{}, 2, []at{{8, 5000, 0}, {9, 5001, 0}, {12, 5001, 0}, {15, 5001, 0}, {16, 5001, 0}}, 3, 9},
		"a rise taken back covers its hole":  {plant.Counter{}, 2, []at{{8, 5000, 0}, {9, 16, 0}, {12, 16, 0}, {15, 16, 0}, {16, 16, 0}}, 16, 15},
		"nothing is observed twice":          {plant.Counter{}, 8, []at{{11, 5000, 0}, {13, 8, 0}, {30, 9000, 0}, {31, 9001, 0}}, 8, 13},
		"bad quality is as if it were not":   {plant.Counter{}, 10, []at{{11, 90, plant.BadQuality}, {13, 90, plant.BadQuality}, {20, 20, 0}}, 15, 15},
		"bad quality hides nothing shorter":  {plant.Counter{}, 10, []at{{11, 90, plant.BadQuality}, {13, 13, 0}, {14, 14, 0}, {16, 16, 0}}, 14, 15},
		"a delta of bad quality leaves hole": {plant.Counter{Kind: plant.KindDelta}, 10, []at{{11, 5, plant.BadQuality}, {12, 5, plant.BadQuality}, {14, 1, 0}, {15, 1, 0}, {16, 1, 0}}, 12, 11},
	} {
		p := newPlay(t, clock("08:00"), oneLine(func(_ *plant.Plant, l *plant.Line) {
			l.Interval, l.Counter, l.Normal = plant.Interval{Every: 60e9}, c.counter, perHour(60)
		}), quick())
		sample := func(minute int, good int64, flags plant.Flags) {
			stamp := clock("09:00").Add(60e9 * durationOf(minute))
			p.sample(stamp, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: stamp, Flags: flags,
				Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: good}}})
		}
		for i := 0; i <= c.before; i++ {
			good := int64(i)
			if c.counter.Kind == plant.KindDelta {
				good = 1
			}
			sample(i, good, 0)
		}
		for _, x := range c.then {
			sample(x.minute, x.good, x.flags)
		}
		p.tick(clock("10:30"))
		for _, w := range p.slots {
			if w.At != clock("09:15") {
				continue
			}
			if math.Abs(w.Made-c.made) > 1e-9 || math.Abs(w.Observed-60*c.observed) > 1e-6 {
				t.Errorf("%s: made %v in %v observed minutes, want %v in %v", name, w.Made, w.Observed/60, c.made, c.observed)
			}
		}
	}
}
