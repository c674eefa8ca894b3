package pulse

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// count shows the values of a counter, one every ten seconds, and returns what
// was seen of it.
func count(t *testing.T, flags plant.Flags, values ...int64) Counter {
	t.Helper()
	r := newRig(t)
	for i, v := range values {
		at := start.Add(time.Duration(i) * 10 * time.Second)
		s := r.sample(at)
		s.Flags = flags
		s.Fields[0].Int = v
		r.send(s, at)
	}
	return r.seen().Counters[0]
}

func TestCounters(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	run := func(from int64, n int, step func() int64) (out []int64) {
		for range n {
			out = append(out, from)
			from += step()
		}
		return out
	}
	parts := func() int64 { return 1 + rnd.Int64N(3) }
	wrapped := run(65500, 100, parts)
	for i := range wrapped {
		wrapped[i] %= 65536
	}
	var deltas []int64
	for range 100 {
		deltas = append(deltas, rnd.Int64N(4))
	}
	for _, c := range []struct {
		name               string
		values             []int64
		flags              plant.Flags
		looks              string
		smallest, largest  float64
		resets, rollovers  uint64
		before             float64
		implausible, falls uint64
	}{
		{name: "a total", values: run(1000, 100, parts), looks: "total", smallest: 1, largest: 3},
		{name: "a large total", values: run(1<<60, 100, parts), looks: "total", smallest: 1, largest: 3},
		{name: "a total that starts anew", values: append(run(1000, 100, parts), run(0, 100, parts)...), looks: "total", smallest: 1, largest: 3, resets: 1, falls: 1},
		{name: "a total that rolls over", values: wrapped, looks: "total", smallest: 1, largest: 3, rollovers: 1, before: 65535, falls: 1},
		{name: "deltas declared as totals", values: deltas, looks: "delta", smallest: 1, largest: 3},
		{name: "deltas", values: deltas, flags: plant.Delta, looks: "delta", smallest: 1, largest: 3},
		{name: "a delta of always one", values: run(1, 100, func() int64 { return 0 }), flags: plant.Delta, smallest: 1, largest: 1},
		{name: "a frozen total", values: run(4711, 100, func() int64 { return 0 })},
		{name: "one leap", values: append(run(1000, 50, parts), run(4_000_000, 50, parts)...), looks: "total", smallest: 1, largest: 3, implausible: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := count(t, c.flags, c.values...)
			if got.Looks != c.looks || got.Smallest != c.smallest || got.Largest != c.largest || got.Implausible != c.implausible {
				t.Errorf("looks %q, steps %v to %v, implausible %d; want %q, %v to %v, %d",
					got.Looks, got.Smallest, got.Largest, got.Implausible, c.looks, c.smallest, c.largest, c.implausible)
			}
			if c.looks == "delta" {
				return // its falls are no falls
			}
			if got.Resets != c.resets || got.Rollovers != c.rollovers || got.Falls != c.falls || (c.rollovers > 0 && got.Before < c.before-3) {
				t.Errorf("resets %d, rollovers %d (before %v), falls %d", got.Resets, got.Rollovers, got.Before, got.Falls)
			}
		})
	}
}

// After an hour away a total has risen by an hour's parts: that is plausible.
func TestARiseAfterAHoleIsPlausible(t *testing.T) {
	r := newRig(t)
	at := r.live(start, 50, 10*time.Second, 0)
	r.good += 2 * 360
	r.live(at.Add(time.Hour), 10, 10*time.Second, 0)
	if c := r.seen().Counters[0]; c.Implausible != 0 || c.Largest < 700 {
		t.Errorf("%+v", c)
	}
}

func TestLateAndBadSamplesMoveNoCounter(t *testing.T) {
	r := newRig(t)
	old := r.sample(start)
	at := r.live(start.Add(10*time.Second), 20, 10*time.Second, 0)
	r.send(old, at.Add(time.Second))
	bad := r.sample(at.Add(10 * time.Second))
	bad.Flags |= plant.BadQuality
	bad.Fields[0].Int = 0
	r.send(bad, at.Add(10*time.Second))
	if c := r.seen().Counters[0]; c.Falls != 0 || c.Samples != 20 {
		t.Errorf("%+v", c)
	}
}

func TestDecimalCountersAreNamed(t *testing.T) {
	tracker := New(Config{Decimal: []string{"kWh"}})
	for i := range 10 {
		at := start.Add(time.Duration(i) * time.Minute)
		tracker.Observe(&plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at,
			Fields: []plant.Field{{Name: "kWh", Kind: plant.Float, Float: 1.5 * float64(i)}, {Name: "temp", Kind: plant.Float, Float: 60}}}, at)
	}
	for m := range tracker.Machines {
		if len(m.Counters) != 1 || m.Counters[0].Name != "kWh" || m.Counters[0].Typical != 1.5 || m.Counters[0].Last != 13.5 {
			t.Errorf("%+v", m.Counters)
		}
	}
}
