package rules_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/custom"
)

// fleet is a registry of plants with a line of several machines each.
func fleet(plants, machines int) *plant.Registry {
	reg := &plant.Registry{}
	for i := range plants {
		l := &plant.Line{ID: "l", Normal: perHour(500), Interval: plant.Interval{Every: 10 * time.Second}, Output: plant.Output{Sum: true}}
		for j := range machines {
			l.Machines = append(l.Machines, fmt.Sprintf("m%d", j))
		}
		reg.Plants = append(reg.Plants, &plant.Plant{ID: fmt.Sprintf("p%05d", i), Timezone: "Asia/Shanghai", Lines: []*plant.Line{l}})
	}
	return reg
}

// beats returns a function that plays the n-th heartbeat of the fleet, each
// machine's once in 10 s.
func beats(b *testing.B, reg *plant.Registry, own ...custom.Rule) (*play, func(n int)) {
	conf := quick()
	conf.Custom = own
	p := newPlay(b, clock("08:00"), reg, conf.WithDefaults())
	var all []plant.Sample
	for _, pl := range reg.Plants {
		for _, m := range pl.Lines[0].Machines {
			all = append(all, plant.Sample{Plant: pl.ID, Line: "l", Machine: m, Broker: "b", State: "running",
				Fields: []plant.Field{{Name: "good", Kind: plant.Int}, {Name: "temp", Kind: plant.Float, Float: 80}}})
		}
	}
	apart := 10 * time.Second / time.Duration(len(all))
	return p, func(n int) {
		x := &all[n%len(all)]
		x.Stamp = clock("09:00").Add(time.Duration(n) * apart)
		x.Fields[0].Int = int64(n / len(all) / 2)
		x.Fields[1].Float = 70 + float64(n%97)/10
		p.state.Step(rules.Event{Kind: rules.SampleSeen, At: x.Stamp, Seq: uint64(n/100) + 2, Sample: x})
		if n%len(all) == 0 {
			p.state.TakeDirty()
		}
	}
}

// BenchmarkStep: the heartbeats of 2,000 machines, windows that close included.
func BenchmarkStep(b *testing.B) {
	_, beat := beats(b, fleet(200, 10))
	n := 0
	for ; n < 100_000; n++ {
		beat(n)
	}
	b.ReportAllocs()
	for b.Loop() {
		beat(n)
		n++
	}
}

// BenchmarkCustomRules: the same with custom rules of machines and lines.
func BenchmarkCustomRules(b *testing.B) {
	for name, own := range map[string][]custom.Rule{
		"one":    {{Name: "a", Each: "machine", When: "temp > 80 && state == 'running'"}},
		"window": {{Name: "a", Each: "machine", When: "avg(temp, '10m') > 80"}},
		"five": {
			{Name: "a", Each: "machine", When: "temp > 80 && line_state == 'running'", For: plant.Duration(2 * time.Minute)},
			{Name: "b", Each: "machine", When: "avg(temp, '10m') > 80 or max(temp, '1m') > 100"},
			{Name: "c", Each: "machine", When: "delta(good, '1h') < 100 and scheduled"},
			{Name: "d", Each: "line", When: "rate(made, '15m') < 0.5 * normal and state != 'off_shift'"},
			{Name: "e", Each: "line", When: "changes(state, '1h') > 6"},
		},
	} {
		b.Run(name, func(b *testing.B) {
			_, beat := beats(b, fleet(200, 10), own...)
			n := 0
			for ; n < 100_000; n++ {
				beat(n)
			}
			b.ReportAllocs()
			for b.Loop() {
				beat(n)
				n++
			}
		})
	}
}

// BenchmarkMarshal: the snapshot of 10,000 plants with 5 machines each.
func BenchmarkMarshal(b *testing.B) {
	p, beat := beats(b, fleet(10_000, 5))
	for n := range 150_000 {
		beat(n)
	}
	var data []byte
	var err error
	for b.Loop() {
		if data, err = p.state.Marshal(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(data))/1e6, "MB")
}

// BenchmarkLargeFleet: 10,000 plants with 50 machines each, all of them heard.
// Its ticks pass a second each, so that windows close and nobody is silent yet.
func BenchmarkLargeFleet(b *testing.B) {
	before := heap()
	p, beat := beats(b, fleet(10_000, 50))
	const machines = 500_000
	n := 0
	for ; n < 3*machines; n++ {
		beat(n)
	}
	state := heap() - before
	b.Run("Tick", func(b *testing.B) {
		var worst time.Duration
		for i := 0; b.Loop(); i++ {
			// A second of heartbeats between two ticks, not measured.
			b.StopTimer()
			for range machines / 10 {
				beat(n)
				n++
			}
			at := clock("09:00").Add(time.Duration(n) * 10 * time.Second / machines)
			b.StartTimer()
			began := time.Now()
			p.state.Step(rules.Event{Kind: rules.Tick, At: at, Seq: uint64(n/100) + 2})
			worst = max(worst, time.Since(began))
		}
		b.ReportMetric(float64(worst.Microseconds())/1000, "ms/worst")
		b.ReportMetric(float64(state)/1e6, "MB/state")
	})
	var data []byte
	b.Run("Marshal", func(b *testing.B) {
		for b.Loop() {
			var err error
			if data, err = p.state.Marshal(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(data))/1e6, "MB")
	})
	b.Run("Unmarshal", func(b *testing.B) {
		for b.Loop() {
			if _, err := rules.Unmarshal(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// heap is the memory that is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
