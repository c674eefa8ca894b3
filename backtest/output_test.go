package backtest

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

var monday = plant.InstantOf(time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC))

func outputDefinition(machines []string, kind string) *rules.Definition {
	reg := &plant.Registry{Plants: []*plant.Plant{{ID: "p", Lines: []*plant.Line{{
		ID: "l", Machines: machines, Output: plant.Output{Sum: true}, Counter: plant.Counter{Kind: kind}, Normal: plant.Rate{Set: true, PerHour: 400},
		Interval: plant.Interval{Every: 5 * time.Minute},
	}}}}}
	reg.Index()
	return &rules.Definition{Version: "v", Registry: reg}
}

func outputSample(machine string, minute int, good int64) *plant.Sample {
	at := monday.Add(time.Duration(minute) * time.Minute)
	return &plant.Sample{Plant: "p", Line: "l", Machine: machine, Broker: "file", Stamp: at, Arrived: at,
		Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: good}}}
}

func told(slots []plant.OutputSlot) (out []string) {
	for _, s := range slots {
		out = append(out, fmt.Sprintf("%v made %v of %v observed %v", s.At.Sub(monday).Minutes(), math.Round(s.Made*100)/100, s.Expected, s.Observed))
	}
	return out
}

// The slots of two machines are the same, whether their samples come side by
// side or one machine after the other, the later one beginning earlier.
func TestOutputDoesNotDependOnTheOrderOfMachines(t *testing.T) {
	var a, b []*plant.Sample
	for i := 0; i <= 12; i++ {
		if i >= 2 {
			a = append(a, outputSample("m1", 5*i, int64(100+10*i)))
		}
		b = append(b, outputSample("m2", 5*i, int64(7*i)))
	}
	beside := slices.Concat(a, b)
	slices.SortStableFunc(beside, func(x, y *plant.Sample) int { return int(x.Stamp - y.Stamp) })
	var want []string
	for _, order := range [][]*plant.Sample{beside, slices.Concat(a, b), slices.Concat(b, a)} {
		o := NewOutput(outputDefinition([]string{"m1", "m2"}, ""), 0)
		var got []plant.OutputSlot
		for _, x := range order {
			o.Add(x)
			got = append(got, o.Slots()...)
		}
		o.End()
		got = append(got, o.Slots()...)
		slices.SortFunc(got, func(x, y plant.OutputSlot) int { return int(x.At - y.At) })
		if want == nil {
			// By hand: m1 makes 10 in 5 minutes from 10 on, m2 7 from 0 on.
			want = []string{"15 made 31 of 100 observed 600", "30 made 51 of 100 observed 900", "45 made 51 of 100 observed 900", "60 made 51 of 100 observed 900"}
		}
		if g := told(got); !slices.Equal(g, want) {
			t.Errorf("got  %q\nwant %q", g, want)
		}
		if o.Late() != 0 || o.Made() != 4 {
			t.Errorf("%d late, %d made", o.Late(), o.Made())
		}
	}
}

// Deltas stamped at the end of their interval: the first belongs to the slot
// it ends; what nobody saw makes no slot.
func TestOutputOfDeltasKnowsTheFirstIntervalAndTheHole(t *testing.T) {
	o := NewOutput(outputDefinition([]string{"m1"}, plant.KindDelta), 15*time.Minute)
	for _, minute := range []int{15, 30, 600, 615} {
		o.Add(outputSample("m1", minute, 50))
	}
	o.Add(&plant.Sample{Plant: "p", Line: "unknown", Machine: "m", Stamp: monday})
	o.End()
	want := []string{"15 made 50 of 100 observed 0", "30 made 50 of 100 observed 900", "600 made 50 of 100 observed 0", "615 made 50 of 100 observed 900"}
	if got := told(o.Slots()); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
