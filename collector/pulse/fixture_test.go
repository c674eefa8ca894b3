package pulse

import (
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// start is when the tests' samples begin.
var start = plant.InstantOf(time.Date(2026, 2, 10, 8, 0, 0, 0, time.UTC))

// rig is a Tracker and one machine's device.
type rig struct {
	t       *testing.T
	tracker *Tracker
	machine string
	seq     uint64
	good    int64
	gaps    int64
}

func newRig(t *testing.T) *rig {
	return &rig{t: t, tracker: New(Config{}), machine: "m1"}
}

// sample is the device's next sample, stamped t.
func (r *rig) sample(t plant.Instant) *plant.Sample {
	r.seq++
	r.good += 2
	return &plant.Sample{
		Plant: "p", Line: "l", Machine: r.machine, Gateway: "g", Stamp: t, Unit: plant.Millisecond,
		Seq: r.seq, HasSeq: true, State: "running",
		Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: r.good}, {Name: "temp", Kind: plant.Float, Float: 61.5}},
	}
}

// send shows s to the tracker.
func (r *rig) send(s *plant.Sample, at plant.Instant) Seen {
	s.Arrived = at
	seen := r.tracker.Observe(s, at)
	r.gaps += seen.Gaps
	return seen
}

// live sends n samples, one each step, whose stamps are behind by so much, and
// returns when the last was sent.
func (r *rig) live(from plant.Instant, n int, step, behind time.Duration) plant.Instant {
	for i := range n {
		at := from.Add(time.Duration(i) * step)
		r.send(r.sample(at.Add(-behind)), at)
	}
	return from.Add(time.Duration(n-1) * step)
}

func (r *rig) seen() Machine {
	r.t.Helper()
	m, ok := r.tracker.Machine(collector.MachineID{Plant: "p", Line: "l", Machine: r.machine})
	if !ok {
		r.t.Fatal("the machine is not known")
	}
	return m
}

func (r *rig) gateway() Gateway {
	r.t.Helper()
	for g := range r.tracker.Gateways {
		return g
	}
	r.t.Fatal("no gateway is known")
	return Gateway{}
}
