package pulse

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

func TestWhatWasSeen(t *testing.T) {
	r := newRig(t)
	at := r.live(start, 5, 10*time.Second, 0)
	fault := r.sample(at.Add(10 * time.Second))
	fault.State = "fault"
	fault.Fields = append(fault.Fields, plant.Field{Name: "text", Kind: plant.String, Str: "E17"})
	r.send(fault, at.Add(10*time.Second))
	m := r.seen()
	if diff := cmp.Diff([]Word{{"running", 5}, {"fault", 1}}, m.States); diff != "" {
		t.Error(diff)
	}
	want := []Field{{"good", plant.Int, 6}, {"temp", plant.Float, 6}, {"text", plant.String, 1}}
	if diff := cmp.Diff(want, m.Fields); diff != "" {
		t.Error(diff)
	}
	if m.First != start || m.Last != at.Add(10*time.Second) || m.Gateway != "g" || m.Samples != 6 || m.Interval != 10*time.Second || m.Arrivals != 10*time.Second {
		t.Errorf("%+v", m)
	}
}

// The decoder uses its buffers again: nothing of a sample may be kept.
func TestNothingLentIsKept(t *testing.T) {
	buf := []byte("plant line machine gateway running good")
	lent := func(from, to int) string { return unsafe.String(&buf[from], to-from) }
	tracker := New(Config{})
	tracker.Observe(&plant.Sample{Plant: lent(0, 5), Line: lent(6, 10), Machine: lent(11, 18), Gateway: lent(19, 26), State: lent(27, 34),
		Stamp: start, Fields: []plant.Field{{Name: lent(35, 39), Kind: plant.Int}}}, start)
	for i := range buf {
		buf[i] = 'x'
	}
	m := tracker.order[0]
	got := []string{m.id.Plant, m.id.Line, m.id.Machine, m.gateway.Plant, m.gateway.Gateway, m.said.seen[0].Text, m.body.fields[0].name, m.body.counters[0].name}
	if diff := cmp.Diff([]string{"plant", "line", "machine", "plant", "gateway", "running", "good", "good"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBounds(t *testing.T) {
	tracker := New(Config{MaxMachines: 10, MaxGateways: 3})
	for i := range 5000 {
		s := &plant.Sample{Plant: "p", Line: "l", Machine: fmt.Sprint("m", i), Gateway: fmt.Sprint("g", i), Stamp: start}
		for k := range 2 {
			at := start.Add(time.Duration(k) * time.Second)
			if seen := tracker.Observe(s, at); seen.Untracked != (i >= 10) {
				t.Fatalf("machine %d: %+v", i, seen)
			}
		}
	}
	b := tracker.Beyond()
	if b.Samples != 2*4990 || b.Machines < 4900 || b.Machines > 5080 || b.GatewaySamples != 2*7 {
		t.Errorf("%+v", b)
	}
	machines, gateways := 0, 0
	for range tracker.Machines {
		machines++
	}
	for range tracker.Gateways {
		gateways++
	}
	if machines != 10 || gateways != 3 {
		t.Errorf("%d machines, %d gateways", machines, gateways)
	}
	if b := New(Config{}).Beyond(); b != (Beyond{}) {
		t.Errorf("nothing was seen: %+v", b)
	}

	wild := New(Config{})
	for i := range 1000 {
		at := start.Add(time.Duration(i) * time.Second)
		wild.Observe(&plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, State: fmt.Sprint(strings.Repeat("x", 100), i),
			Fields: []plant.Field{{Name: fmt.Sprint("f", i), Kind: plant.Int}}}, at)
		wild.Observe(&plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at + 1, State: fmt.Sprint("s", i)}, at+1)
	}
	m, _ := wild.Machine(collector.MachineID{Plant: "p", Line: "l", Machine: "m"})
	if len(m.States) != maxWords || len(m.Fields) != maxFields || len(m.Counters) != maxCounters || m.OtherStates == 0 || m.OtherFields != 1000-maxFields {
		t.Errorf("%d states, %d fields, %d counters; %d and %d others", len(m.States), len(m.Fields), len(m.Counters), m.OtherStates, m.OtherFields)
	}
}

// A machine that is heard through another gateway takes its backlog along.
func TestAMachineMovesToAnotherGateway(t *testing.T) {
	r := newRig(t)
	at := r.live(start, 30, 10*time.Second, 0)
	at = at.Add(3 * time.Hour)
	r.send(r.sample(at.Add(-2*time.Hour)), at)
	s := r.sample(at.Add(-time.Hour))
	s.Gateway = "h"
	r.send(s, at.Add(time.Second))
	var got []string
	for g := range r.tracker.Gateways {
		got = append(got, fmt.Sprint(g.Gateway, g.Draining, g.Backlogs))
	}
	if diff := cmp.Diff([]string{"g0 1", "h1 1"}, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever comes, nothing panics, and the sums hold.
func TestAnythingMayCome(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 11))
		tracker := New(Config{MaxMachines: 5, MaxGateways: 2})
		var gaps int64
		at := start
		for range 2000 {
			s := &plant.Sample{Plant: "p", Line: "l", Machine: fmt.Sprint(rnd.IntN(6)), Gateway: fmt.Sprint(rnd.IntN(3)),
				Stamp: plant.Instant(rnd.Uint64() >> rnd.IntN(64)), Unit: plant.Unit(rnd.IntN(4)), Flags: plant.Flags(rnd.IntN(16)),
				Seq: rnd.Uint64() >> rnd.IntN(64), HasSeq: rnd.IntN(3) > 0,
				Fields: []plant.Field{{Name: "a", Kind: plant.FieldKind(rnd.IntN(4)), Int: int64(rnd.Uint64() >> rnd.IntN(64)), Float: rnd.NormFloat64()}}}
			at = at.Add(time.Duration(rnd.Int64N(int64(time.Hour))))
			if rnd.IntN(2) == 0 {
				s.Stamp = at.Add(time.Duration(rnd.Int64N(int64(time.Minute))) - 30*time.Second)
			}
			gaps += tracker.Observe(s, at).Gaps
		}
		var missing uint64
		for m := range tracker.Machines {
			missing += m.Missing
		}
		draining := 0
		for _, m := range tracker.order {
			if m.lag.draining && m.gateway != nil {
				draining++
			}
		}
		for _, g := range tracker.ways {
			draining -= g.draining
			_ = g.snapshot()
		}
		if gaps != int64(missing) || draining != 0 {
			t.Fatalf("seed %d: changes sum to %d, missing are %d; %d machines drain that no gateway counts", seed, gaps, missing, draining)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	const machines = 1000
	tracker := New(Config{})
	samples := make([]plant.Sample, machines)
	for i := range samples {
		samples[i] = plant.Sample{Plant: fmt.Sprint("plant-", i/50), Line: fmt.Sprint("line-", i/10%5), Machine: fmt.Sprint("machine-", i%10),
			Gateway: "gw-1", HasSeq: true, State: "running", Unit: plant.Millisecond,
			Fields: []plant.Field{{Name: "good", Kind: plant.Int}, {Name: "scrap", Kind: plant.Int}, {Name: "speed"}, {Name: "temp"}}}
	}
	at, round := start, int64(0)
	send := func(i int) {
		s := &samples[i%machines]
		if i%machines == 0 {
			at, round = at.Add(10*time.Second), round+1
		}
		s.Stamp, s.Seq, s.Fields[0].Int = at, uint64(round), 3*round
		tracker.Observe(s, at.Add(time.Duration(i%machines)*time.Millisecond))
	}
	for i := range 20 * machines {
		send(i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		send(i)
	}
}

func TestObserveAllocatesNothing(t *testing.T) {
	r := newRig(t)
	at := r.live(start, 50, 10*time.Second, 0)
	s := r.sample(at)
	allocs := testing.AllocsPerRun(500, func() {
		at = at.Add(10 * time.Second)
		s.Stamp, s.Seq, s.Fields[0].Int = at, s.Seq+1, s.Fields[0].Int+2
		r.tracker.Observe(s, at)
	})
	if allocs != 0 {
		t.Errorf("%v allocations a sample", allocs)
	}
}
