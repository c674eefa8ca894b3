package rules_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// TestRecoveryOfSeveralLines lets each machine make a number of parts in the
// window to 09:15; a negative number is a machine that is not seen.
func TestRecoveryOfSeveralLines(t *testing.T) {
	type line = plant.Line
	for name, c := range map[string]struct {
		lines     []*line
		made      map[string]float64
		low, high float64
		coverage  float64
		none      bool
	}{
		"one unit: sum over sum": {lines: []*line{{ID: "a", Normal: perHour(400)}, {ID: "b", Normal: perHour(1200)}},
			made: map[string]float64{"a": 100, "b": 60}, low: 0.4, high: 0.4, coverage: 1},
		"different units: mean of ratios": {lines: []*line{{ID: "a", Unit: "t", Normal: perHour(400)}, {ID: "b", Unit: "m", Normal: perHour(1200)}},
			made: map[string]float64{"a": 100, "b": 60}, low: 0.6, high: 0.6, coverage: 1},
		"different units, weighted": {lines: []*line{{ID: "a", Unit: "t", Normal: perHour(400), Weight: 3}, {ID: "b", Unit: "m", Normal: perHour(1200)}},
			made: map[string]float64{"a": 100, "b": 60}, low: 0.8, high: 0.8, coverage: 1},
		"different units, one unseen": {lines: []*line{{ID: "a", Unit: "t", Normal: perHour(400), Weight: 3}, {ID: "b", Unit: "m", Normal: perHour(1200)}},
			made: map[string]float64{"a": 100, "b": -1}, low: 0.75, high: 1, coverage: 0.5},
		"one unseen": {lines: []*line{{ID: "a", Normal: perHour(400)}, {ID: "b", Normal: perHour(400)}},
			made: map[string]float64{"a": 100, "b": -1}, low: 0.5, high: 1, coverage: 0.5},
		"a line without a figure is left out": {lines: []*line{{ID: "a", Normal: perHour(400)}, {ID: "b"}},
			made: map[string]float64{"a": 40, "b": 60}, low: 0.4, high: 0.4, coverage: 1},
		"none has one": {lines: []*line{{ID: "a"}, {ID: "b"}}, made: map[string]float64{"a": 40, "b": 60}, none: true, coverage: 1},
		"a line that is not commissioned is left out": {lines: []*line{{ID: "a", Normal: perHour(400)}, {ID: "b", Normal: perHour(400), Commissioned: new(bool)}},
			made: map[string]float64{"a": 40, "b": 60}, low: 0.4, high: 0.4, coverage: 1},
		"sum": {lines: []*line{{ID: "a", Normal: perHour(400), Machines: []string{"m1", "m2"}, Output: plant.Output{Sum: true}}},
			made: map[string]float64{"m1": 40, "m2": 30}, low: 0.7, high: 0.7, coverage: 1},
		"sum, one unseen": {lines: []*line{{ID: "a", Normal: perHour(400), Machines: []string{"m1", "m2"}, Output: plant.Output{Sum: true}}},
			made: map[string]float64{"m1": 40, "m2": -1}, low: 0.4, high: 0.9, coverage: 0.5},
		"two of three machines": {lines: []*line{{ID: "a", Normal: perHour(400), Machines: []string{"m1", "m2", "m3"}, Output: plant.Output{Machines: []string{"m2", "m3"}}}},
			made: map[string]float64{"m1": 90, "m2": 40, "m3": 10}, low: 0.5, high: 0.5, coverage: 1},
	} {
		p := newPlay(t, clock("09:00"), severalLines(c.lines), quick())
		for minute := range 17 {
			at := clock("09:00").Add(time.Duration(minute) * time.Minute)
			for _, l := range c.lines {
				for _, m := range l.Machines {
					made := 0.0
					if minute == 5 {
						made = c.made[m]
					}
					if c.made[m] >= 0 {
						p.sample(at, &plant.Sample{Plant: "p", Line: l.ID, Machine: m, Stamp: at,
							Fields: []plant.Field{{Name: "good", Kind: plant.Float, Float: made}}})
					}
				}
			}
		}
		p.tick(clock("09:30"))
		if len(p.wins) != 1 && len(p.wins) != 2 {
			t.Fatalf("%s: %d windows", name, len(p.wins))
		}
		v := p.wins[0].Verdict
		if math.Abs(v.Coverage-c.coverage) > 1e-9 {
			t.Errorf("%s: coverage %v, want %v", name, v.Coverage, c.coverage)
		}
		switch {
		case c.none:
			if v.Recovery != nil {
				t.Errorf("%s: recovery %v, want none", name, *v.Recovery)
			}
		case v.Recovery == nil:
			t.Errorf("%s: no recovery", name)
		case math.Abs(*v.RecoveryLow-c.low) > 1e-9 || math.Abs(*v.RecoveryHigh-c.high) > 1e-9:
			t.Errorf("%s: recovery %v to %v, want %v to %v", name, *v.RecoveryLow, *v.RecoveryHigh, c.low, c.high)
		}
	}
}

// severalLines is a plant of lines with a delta a minute; a line without
// machines has one of its own name.
func severalLines(lines []*plant.Line) *plant.Registry {
	for _, l := range lines {
		l.Interval, l.Counter = plant.Interval{Every: time.Minute}, plant.Counter{Kind: plant.KindDelta, Decimal: true}
		if len(l.Machines) == 0 {
			l.Machines = []string{l.ID}
		}
	}
	return &plant.Registry{Plants: []*plant.Plant{{ID: "p", Lines: lines}}}
}

func TestALineOfSeveralMachines(t *testing.T) {
	reg := oneLine(func(p *plant.Plant, l *plant.Line) {
		l.Machines, l.Output.Sum = []string{"a", "b"}, true
		gateway(p, l)
	})
	p := newPlay(t, clock("08:00"), reg, quick())
	var a, b int64
	for at := clock("09:00"); at < clock("09:20"); at = at.Add(10 * time.Second) {
		if at < clock("09:10") {
			a++ // a makes its last part at 09:09:50
		}
		if at < clock("09:02") {
			b++
		}
		p.total(at, at, "a", a)
		if at < clock("09:12") { // b is heard last at 09:11:50, silent after 100 s
			p.total(at, at, "b", b)
		}
	}
	p.tick(clock("09:30"))
	p.want(plant.KindLine,
		"09:00:00 short_stop first",
		"09:00:10 running",
		"09:10:50 short_stop", // b stalls since 09:01:50, a does not yet
		"09:13:30 unknown",    // b
	)
	silent := slices.IndexFunc(p.got, func(x plant.Transition) bool { return x.To == "unknown" })
	if got := p.got[silent].Reason; got != "silent" {
		t.Errorf("one machine of a gateway fell silent, reason %q, want silent", got)
	}
	if v, _ := p.state.View("p"); v.Lines[0].Reason != "blind" { // a followed at 09:21:30
		t.Errorf("then the other, too: reason %q, want blind", v.Lines[0].Reason)
	}
}

func TestAllMachinesOfAGatewaySilentIsBlind(t *testing.T) {
	reg := oneLine(func(p *plant.Plant, l *plant.Line) {
		l.Machines, l.Output.Machines = []string{"b", "a"}, []string{"b"} // b falls silent first, and is not yet alone
		gateway(p, l)
	})
	p := newPlay(t, clock("08:00"), reg, quick())
	for at := clock("09:00"); at < clock("09:05"); at = at.Add(10 * time.Second) {
		p.total(at, at, "b", 1)
		p.total(at, at, "a", 1)
	}
	p.tick(clock("09:30"))
	p.want(plant.KindLine, "09:00:00 short_stop first", "09:06:30 unknown")
	if got := p.got[len(p.got)-1].Reason; got != "blind" {
		t.Errorf("all machines of a gateway fell silent, reason %q, want blind", got)
	}
}
