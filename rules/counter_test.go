package rules_test

import (
	"math"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// count is one good total (or delta) at a second after 09:00.
type count struct {
	second int
	good   float64
	flags  plant.Flags
}

// made plays counts of a line with a heartbeat each 10 s and returns what the
// line made in the window from 09:00. Each is heard when it is stamped, or
// else with the one before.
func made(t *testing.T, c plant.Counter, normal, cycle float64, counts []count) float64 {
	t.Helper()
	p := newPlay(t, clock("08:00"), oneLine(func(_ *plant.Plant, l *plant.Line) {
		l.Counter, l.Normal = c, plant.Rate{PerHour: normal, Set: normal > 0}
		l.IdealCycle = plant.Duration(cycle * float64(time.Second))
	}), quick())
	p.tick(clock("09:00"))
	at := clock("09:00")
	for _, x := range counts {
		stamp := clock("09:00").Add(time.Duration(x.second) * time.Second)
		at = max(at, stamp)
		f := plant.Field{Name: "good", Kind: plant.Int, Int: int64(x.good)}
		if c.Decimal {
			f = plant.Field{Name: "good", Kind: plant.Float, Float: x.good}
		}
		p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: stamp, Flags: x.flags, Fields: []plant.Field{f}})
	}
	v, _ := p.state.View("p")
	return v.Lines[0].Output
}

func TestTotals(t *testing.T) {
	// 3600/h: at most 2 a second, 20 from one heartbeat to the next.
	for name, c := range map[string]struct {
		counter plant.Counter
		counts  []count
		want    float64
	}{
		"the first total gives 0": {plant.Counter{}, []count{{second: 10, good: 1000}}, 0},
		"totals count up":         {plant.Counter{}, []count{{10, 1000, 0}, {20, 1010, 0}, {30, 1020, 0}}, 20},
		"rollover":                {plant.Counter{Rollover: 65536}, []count{{10, 65530, 0}, {20, 4, 0}}, 10},
		"rollover to 0":           {plant.Counter{Rollover: 65536}, []count{{10, 65535, 0}, {20, 0, 0}}, 1},
		"a rollover that is not plausible is a fall": {plant.Counter{Rollover: 65536}, []count{{10, 1000, 0}, {20, 5, 0}, {30, 15, 0}}, 10},
		"reset": {plant.Counter{Resets: true}, []count{{10, 1000, 0}, {20, 5, 0}, {30, 7, 0}}, 7},
		"a reset that is not plausible is a fall":       {plant.Counter{Resets: true}, []count{{10, 1000, 0}, {20, 500, 0}, {30, 505, 0}}, 5},
		"rollover before reset":                         {plant.Counter{Rollover: 1000, Resets: true}, []count{{10, 990, 0}, {20, 5, 0}}, 15},
		"rollover before reset after 3 intervals":       {plant.Counter{Rollover: 1000, Resets: true}, []count{{10, 990, 0}, {40, 5, 0}}, 15},
		"reset before rollover after a hole":            {plant.Counter{Rollover: 1000, Resets: true}, []count{{10, 990, 0}, {41, 5, 0}}, 5},
		"an undeclared fall counts 0, then up":          {plant.Counter{}, []count{{10, 1000, 0}, {20, 10, 0}, {30, 15, 0}}, 5},
		"back above the value before the fall":          {plant.Counter{}, []count{{10, 1000, 0}, {20, 10, 0}, {30, 15, 0}, {40, 1003, 0}, {50, 1005, 0}}, 10},
		"back at the value before the fall":             {plant.Counter{}, []count{{10, 1000, 0}, {20, 10, 0}, {30, 1000, 0}}, 0},
		"two falls, back at the value before each":      {plant.Counter{}, []count{{10, 1000, 0}, {20, 10, 0}, {30, 15, 0}, {40, 12, 0}, {50, 17, 0}, {60, 1003, 0}}, 10},
		"a rise after a fall that the next confirms":    {plant.Counter{}, []count{{10, 125, 0}, {20, 23, 0}, {30, 5053, 0}, {40, 5054, 0}, {50, 5056, 0}}, 3},
		"a rise that the next total takes back":         {plant.Counter{}, []count{{10, 1000, 0}, {20, 9000, 0}, {30, 1010, 0}}, 10},
		"a rise that the next total confirms":           {plant.Counter{}, []count{{10, 1000, 0}, {20, 9000, 0}, {30, 9010, 0}}, 10},
		"time passed since the value compared with":     {plant.Counter{}, []count{{10, 1000, 0}, {20, 9000, 0}, {30, 1030, 0}}, 30},
		"two rises in a row":                            {plant.Counter{}, []count{{10, 1000, 0}, {20, 5000, 0}, {30, 9000, 0}, {40, 9010, 0}}, 10},
		"a rollover behind a rise that was taken back":  {plant.Counter{Rollover: 1000}, []count{{10, 990, 0}, {20, 9000, 0}, {30, 5, 0}}, 15},
		"a declared reset behind a rise":                {plant.Counter{Resets: true}, []count{{10, 990, 0}, {20, 9000, 0}, {30, 5, 0}}, 5},
		"a late total is no fall":                       {plant.Counter{}, []count{{10, 1000, 0}, {30, 1010, 0}, {20, 1005, 0}, {40, 1012, 0}}, 12},
		"a total of bad quality is as if it were not":   {plant.Counter{}, []count{{10, 1000, 0}, {20, 3, plant.BadQuality}, {30, 1010, 0}}, 10},
		"older than a bad one is not late":              {plant.Counter{}, []count{{10, 1000, 0}, {30, 3, plant.BadQuality}, {20, 1010, 0}}, 10},
		"a retained total is as if it were not":         {plant.Counter{}, []count{{10, 1000, 0}, {20, 3, plant.Retained}, {30, 1010, 0}}, 10},
		"a repeated total counts once":                  {plant.Counter{}, []count{{10, 1000, 0}, {20, 1010, 0}, {20, 1010, 0}}, 10},
		"scale":                                         {plant.Counter{Scale: 4}, []count{{10, 1000, 0}, {20, 1005, 0}}, 20},
		"scale makes a rise implausible":                {plant.Counter{Scale: 4}, []count{{10, 1000, 0}, {20, 1006, 0}}, 0},
		"decimal":                                       {plant.Counter{Decimal: true}, []count{{10, 100.25, 0}, {20, 101.5, 0}}, 1.25},
		"decimal with scale":                            {plant.Counter{Decimal: true, Scale: 0.001}, []count{{10, 100.5, 0}, {20, 101, 0}}, 0.0005},
		"deltas":                                        {plant.Counter{Kind: plant.KindDelta}, []count{{10, 3, 0}, {20, 4, 0}}, 7},
		"a repeated delta counts once":                  {plant.Counter{Kind: plant.KindDelta}, []count{{10, 3, 0}, {20, 4, 0}, {20, 4, 0}, {10, 3, 0}}, 7},
		"a late delta counts while its window is open":  {plant.Counter{Kind: plant.KindDelta}, []count{{10, 3, 0}, {30, 4, 0}, {20, 5, 0}}, 12},
		"a late delta of bad quality counts nothing":    {plant.Counter{Kind: plant.KindDelta}, []count{{10, 3, 0}, {30, 4, 0}, {20, 5, plant.BadQuality}}, 7},
		"of one stamp, and not the same":                {plant.Counter{Kind: plant.KindDelta}, []count{{10, 3, 0}, {20, 4, plant.BadQuality}, {20, 4, 0}, {20, 5, 0}}, 12},
		"scale of deltas":                               {plant.Counter{Kind: plant.KindDelta, Scale: 2}, []count{{10, 3, 0}, {20, 4, 0}}, 14},
		"a delta flag on the sample, where none is set": {plant.Counter{}, []count{{10, 3, plant.Delta}, {20, 4, plant.Delta}}, 7},
	} {
		if got := made(t, c.counter, 3600, 0, c.counts); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: made %v, want %v", name, got, c.want)
		}
	}
}

func TestPlausible(t *testing.T) {
	for name, c := range map[string]struct {
		normal, cycle float64
		rollover      int64
		rise, want    float64
	}{
		"one count always":                        {1, 0, 0, 1, 1},
		"twice the normal figure":                 {3600, 0, 0, 20, 20},
		"more than twice the normal figure":       {3600, 0, 0, 21, 0},
		"the ideal cycle goes before the normal":  {3600, 0.5, 0, 40, 40},
		"more than twice the ideal cycle's count": {36000, 0.5, 0, 41, 0},
		"neither: under half of M":                {0, 0, 1000, 499, 499},
		"neither: half of M":                      {0, 0, 1000, 500, 0},
		"neither, and no M":                       {0, 0, 0, 1e6, 1e6},
	} {
		if got := made(t, plant.Counter{Rollover: c.rollover}, c.normal, c.cycle, []count{{10, 0, 0}, {20, c.rise, 0}}); got != c.want {
			t.Errorf("%s: a rise by %v counts %v, want %v", name, c.rise, got, c.want)
		}
	}
}

// A flush that is delivered again as a whole, as after a broken link, counts
// once.
func TestRedeliveredDeltasCountOnce(t *testing.T) {
	var counts []count
	for range 2 {
		for i := range 40 {
			counts = append(counts, count{second: 10 * (i + 1), good: 2})
		}
	}
	if got := made(t, plant.Counter{Kind: plant.KindDelta}, 3600, 0, counts); got != 80 {
		t.Errorf("40 deltas of 2, delivered twice, made %v, want 80", got)
	}
}
