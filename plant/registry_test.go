package plant

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestCheckID(t *testing.T) {
	for _, id := range []string{"shaoxing-07", "绍兴", "dye 1", "a.b", "...", "$sys", strings.Repeat("x", MaxID)} {
		if err := CheckID(id); err != nil {
			t.Errorf("CheckID(%q) = %v, want nil", id, err)
		}
	}
	for id, want := range map[string]string{
		"": "is empty", ".": "is a path", "..": "is a path", "../": "holds one of", "a/b": "holds one of", "a+": "holds one of", "#": "holds one of",
		"a\nb": "control character", "a\x00": "control character", "a\x7f": "control character", "a\u0085": "control character",
		"a\xff": "is not UTF-8", strings.Repeat("x", MaxID+1): "is longer than 128", `a\`: `ends in \`,
	} {
		if err := CheckID(id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckID(%.20q) = %v, want an error with %q", id, err, want)
		}
	}
}

// good returns a registry with nothing wrong.
func good() *Registry {
	return &Registry{Plants: []*Plant{
		{
			ID: "p1", Timezone: "Asia/Shanghai", DayStarts: "08:00", Labels: map[string]string{"region": "Zhejiang"},
			Gateways: []*Gateway{{ID: "gw", WillTopic: "will/p1", KeepAlive: Duration(time.Minute), Lines: []string{"l1"}}, {ID: "gw2"}},
			Lines: []*Line{
				{ID: "l1", Unit: "m", Normal: Rate{PerHour: 500, Set: true}, Machines: []string{"m1", "m2"}, Output: Output{Machines: []string{"m2"}}, Counter: Counter{Rollover: 65536}},
				{ID: "l2", Unit: "m", Machines: []string{"m3", "m4"}, Output: Output{Sum: true}, Interval: Interval{OnChange: true}},
			},
		},
		{ID: "p2", Lines: []*Line{{ID: "l1", Machines: []string{"m1"}}}},
	}}
}

func TestRegistryCheck(t *testing.T) {
	if got := good().Check(); len(got) != 0 {
		t.Fatalf("the good registry has problems:\n%v", got)
	}
	no := false
	for want, change := range map[string]func(r *Registry){
		`plants[0].id: "a/b" holds one of / + #`:                     func(r *Registry) { r.Plants[0].ID = "a/b" },
		`plants[1].id: "p1" is already the id of plants[0]`:          func(r *Registry) { r.Plants[1].ID = "p1" },
		`plants[1]: is empty`:                                        func(r *Registry) { r.Plants[1] = nil },
		`plants[0].lines[1]: is empty`:                               func(r *Registry) { r.Plants[0].Lines[1] = nil },
		`plants[0].gateways[1]: is empty`:                            func(r *Registry) { r.Plants[0].Gateways[1] = nil },
		`plants[0].timezone: "Asia/Shangai" is no time zone`:         func(r *Registry) { r.Plants[0].Timezone = "Asia/Shangai" },
		`plants[1].timezone: "Local" is no time zone`:                func(r *Registry) { r.Plants[1].Timezone = "Local" },
		`plants[0].day_starts: "8 am" is no time of day`:             func(r *Registry) { r.Plants[0].DayStarts = "8 am" },
		`plants[0].day_starts: "25:00" is no time of day`:            func(r *Registry) { r.Plants[0].DayStarts = "25:00" },
		`plants[1].lines: is empty`:                                  func(r *Registry) { r.Plants[1].Lines = nil },
		`plants[0].lines[1].id: "l1" names two lines of plant "p1"`:  func(r *Registry) { r.Plants[0].Lines[1].ID = "l1" },
		`plants[0].lines[0].machines[1]: "m1" is listed twice`:       func(r *Registry) { r.Plants[0].Lines[0].Machines[1] = "m1" },
		`plants[1].lines[0].machines: is empty: name the machines`:   func(r *Registry) { r.Plants[1].Lines[0].Machines = nil },
		`plants[0].lines[0].output: is missing: line "l1" has 2 mac`: func(r *Registry) { r.Plants[0].Lines[0].Output = Output{} },
		`plants[0].lines[0].output[0]: "m9" is not among`:            func(r *Registry) { r.Plants[0].Lines[0].Output.Machines[0] = "m9" },
		`plants[0].lines[0].weight: is missing: the plant's lines h`: func(r *Registry) { r.Plants[0].Lines[1].Unit, r.Plants[0].Lines[1].Weight = "kg", 1 },
		`plants[1].lines[0].weight: -1 is no weight`:                 func(r *Registry) { r.Plants[1].Lines[0].Weight = -1 },
		`plants[1].lines[0].weight: NaN is no weight`:                func(r *Registry) { r.Plants[1].Lines[0].Weight = math.NaN() },
		`plants[1].lines[0].counter.scale: +Inf is no scale`:         func(r *Registry) { r.Plants[1].Lines[0].Counter.Scale = math.Inf(1) },
		`plants[1].lines[0].counter.kind: "sum" is neither total no`: func(r *Registry) { r.Plants[1].Lines[0].Counter.Kind = "sum" },
		`plants[1].lines[0].counter.rollover: -5 cannot be`:          func(r *Registry) { r.Plants[1].Lines[0].Counter.Rollover = -5 },
		`plants[1].lines[0].counter.rollover: 1 cannot be`:           func(r *Registry) { r.Plants[1].Lines[0].Counter.Rollover = 1 },
		`plants[1].lines[0].counter: a delta neither rolls over nor`: func(r *Registry) { r.Plants[1].Lines[0].Counter = Counter{Kind: KindDelta, Resets: true} },
		`plants[0].gateways[1].id: "gw" names two gateways of plant`: func(r *Registry) { r.Plants[0].Gateways[1].ID = "gw" },
		`plants[0].gateways[0].lines[0]: "l9" is no line of plant`:   func(r *Registry) { r.Plants[0].Gateways[0].Lines[0] = "l9" },
		`plants[0].gateways[0].will_topic: "a/+" is a filter`:        func(r *Registry) { r.Plants[0].Gateways[0].WillTopic = "a/+" },
		`plants[0].gateways[1].will_topic: "will/p1" is already the`: func(r *Registry) { r.Plants[0].Gateways[1].WillTopic = "will/p1" },
		`plants[0].labels.time: "time" is a name of the store's own`: func(r *Registry) { r.Plants[0].Labels["time"] = "x" },
		`plants[0].labels.size: is empty; leave the label out`:       func(r *Registry) { r.Plants[0].Labels["size"] = "" },
		`plants[0].labels: the name "a\nb" holds a control`:          func(r *Registry) { r.Plants[0].Labels["a\nb"] = "x" },
		`plants[0].labels.x: "a\nb" holds a control character`:       func(r *Registry) { r.Plants[0].Labels["x"] = "a\nb" },
		"": func(r *Registry) { r.Plants[0].Lines[0].Commissioned = &no },
	} {
		r := good()
		change(r)
		got := r.Check()
		if want == "" && len(got) == 0 {
			continue
		}
		if want == "" || !slices.ContainsFunc(got, func(p Problem) bool { return strings.HasPrefix(p.String(), want) }) {
			t.Errorf("got problems\n%v\nwant one that begins %q", got, want)
		}
	}
}

func TestRegistryTellsAllProblems(t *testing.T) {
	r := good()
	r.Plants[0].ID, r.Plants[0].Timezone, r.Plants[1].Lines[0].Machines = "", "Mars", nil
	if got := len(r.Check()); got != 3 {
		t.Errorf("got %d problems, want 3:\n%v", got, r.Check())
	}
}

func TestRegistryIndexFillsInDefaults(t *testing.T) {
	r := good()
	r.Index()
	p := r.Plant("p1")
	if p == nil || r.Plant("nobody") != nil {
		t.Fatal("look-up by id is wrong")
	}
	if got := p.Location().String(); got != "Asia/Shanghai" {
		t.Errorf("its zone is %s", got)
	}
	if got := p.DayStart(); got != 8*time.Hour {
		t.Errorf("its day starts at %v", got)
	}
	l1, l2, other := p.Line("l1"), p.Line("l2"), r.Plant("p2").Line("l1")
	if !l1.Counts("m2") || l1.Counts("m1") || !l2.Counts("m3") || !l2.Counts("m4") || !other.Counts("m1") {
		t.Error("which machines count is wrong")
	}
	if got := other.Interval.Every; got != DefaultInterval {
		t.Errorf("the default interval is %v", got)
	}
	if l2.Interval.Every != 0 || other.Counter.Field != "good" || other.Counter.Scrap != "scrap" || other.Weight != 1 || !other.IsCommissioned() {
		t.Errorf("defaults are wrong: %+v %+v", l2.Interval, other)
	}
	if r.Plant("p2").Location() != time.UTC || p.Line("l9") != nil {
		t.Error("the default zone is not UTC, or an absent line was found")
	}
	if got := len(p.GatewaysOf("l1")); got != 2 {
		t.Errorf("l1 has %d gateways, want 2", got)
	}
	if got := p.GatewaysOf("l2"); len(got) != 1 || got[0].ID != "gw2" {
		t.Errorf("l2's gateways are %v, want gw2 alone", got)
	}
}

// The registry travels through the queue as JSON.
func TestRegistryKeepsItsMeaningThroughJSON(t *testing.T) {
	for _, indexed := range []bool{false, true} {
		want := good()
		if indexed {
			want.Index()
		}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := new(Registry)
		if err := json.Unmarshal(text, got); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Registry{}, Plant{})); diff != "" {
			t.Errorf("indexed %v (-want +got):\n%s", indexed, diff)
		}
	}
}

func TestCounterKinds(t *testing.T) {
	for _, kind := range []string{"", KindTotal, KindDelta} {
		r := good()
		r.Plants[1].Lines[0].Counter.Kind = kind
		if got := r.Check(); len(got) != 0 {
			t.Errorf("kind %q: %v", kind, got)
		}
	}
}
