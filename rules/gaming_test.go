package rules_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// beat is what a machine sends each minute: its word, its counter and its
// readings at minute n from 08:00 on.
type beat struct {
	state string
	good  int64
	power float64
	temp  float64
	flags plant.Flags
	none  bool
}

func TestGamingFlags(t *testing.T) {
	meter := plant.Power{Field: "power_kw", Standby: 5}
	makes := func(n int) int64 { return int64(n) * 10 }
	for name, c := range map[string]struct {
		line  plant.Line
		conf  rules.Flags
		at    func(n int) beat
		wants string // at 12:00
	}{
		"running with a frozen counter": {
			at:    func(n int) beat { return beat{state: "Running", good: 7} },
			wants: "frozen_counter m 08:00-12:00 4h0m0s made 0"},
		"... for less than an hour": {
			at: func(n int) beat { return beat{state: "Running", good: min(makes(n), 1810)} }},
		"... but idle by its word": {
			at: func(n int) beat { return beat{state: "Idle", good: 7} }},
		"... that moved again": {
			at: func(n int) beat { return beat{state: "Running", good: makes(max(n-200, 0))} }},
		"... of bad quality": {
			at: func(n int) beat { return beat{state: "Running", good: 7, flags: plant.BadQuality} }},
		"... retained": {
			at: func(n int) beat { return beat{state: "Running", good: 7, flags: plant.Retained} }},
		"... on change": {line: plant.Line{Interval: plant.Interval{OnChange: true}},
			at: func(n int) beat { return beat{state: "Running", good: 7} }},
		"... of a machine whose unit takes an hour": {line: plant.Line{IdealCycle: plant.Duration(time.Hour)},
			at: func(n int) beat { return beat{state: "Running", good: 7} }},
		"... seen but an hour in all": {
			at:    func(n int) beat { return beat{state: "Running", good: 7, none: n > 30 && n < 210} },
			wants: "frozen_counter m 08:00-12:00 1h0m0s made 0"},
		"... PackML": {line: plant.Line{States: "packml"},
			at:    func(n int) beat { return beat{state: "Execute", good: 7} },
			wants: "frozen_counter m 08:00-12:00 4h0m0s made 0"},

		"power without output": {line: plant.Line{Power: meter},
			at:    func(n int) beat { return beat{good: 7, power: 30} },
			wants: "power_without_output 08:00-12:00 4h0m0s made 0 power 30 over 5"},
		"... standby": {line: plant.Line{Power: meter},
			at: func(n int) beat { return beat{good: 7, power: 5} }},
		"... with a part now and then": {line: plant.Line{Power: meter, Normal: perHour(600)},
			at:    func(n int) beat { return beat{good: int64(n / 6), power: 30} },
			wants: "power_without_output 08:00-12:00 4h0m0s made 40 of 2400 power 30 over 5"},
		"... with more than a little": {line: plant.Line{Power: meter, Normal: perHour(600)},
			at: func(n int) beat { return beat{good: int64(n / 4), power: 30} }},
		"... until 10:00": {line: plant.Line{Power: meter, Normal: perHour(600)},
			at: func(n int) beat { return beat{good: makes(max(n-120, 0)), power: 30} }},
		"... by its energy": {line: plant.Line{Power: plant.Power{Field: "power_kw", Kind: plant.KindTotal, Standby: 5}},
			at:    func(n int) beat { return beat{good: 7, power: float64(n) / 2} },
			wants: "power_without_output 08:00-12:00 4h0m0s made 0 power 30 over 5"},
		"... nothing declared": {
			at: func(n int) beat { return beat{good: 7, power: 30} }},

		"repeated payload": {line: plant.Line{Counter: plant.Counter{Kind: plant.KindDelta}},
			at:    func(n int) beat { return beat{good: 3, temp: 81.25} },
			wants: "repeated_payload m 08:00-12:00 4h0m0s made 723 repeats 241"},
		"... of whole numbers": {line: plant.Line{Counter: plant.Counter{Kind: plant.KindDelta}},
			at: func(n int) beat { return beat{good: 3, temp: 81} }},
		"... but for one digit": {line: plant.Line{Counter: plant.Counter{Kind: plant.KindDelta}},
			at: func(n int) beat { return beat{good: 3, temp: 81.25 + float64(n%30)/1e9} }},
		"... of a machine that stands": {line: plant.Line{Counter: plant.Counter{Kind: plant.KindDelta}},
			at: func(n int) beat { return beat{state: "idle", temp: 81.25} }},
		"... too few": {conf: rules.Flags{Repeats: 300}, line: plant.Line{Counter: plant.Counter{Kind: plant.KindDelta}},
			at: func(n int) beat { return beat{good: 3, temp: 81.25} }},

		"above the ideal cycle": {line: plant.Line{IdealCycle: plant.Duration(6 * time.Second)},
			at:    func(n int) beat { return beat{good: int64(n) * 12} },
			wants: "above_ideal_cycle 08:00-12:00 4h0m0s made 2880 720 an hour over 600"},
		"... a little above it": {line: plant.Line{IdealCycle: plant.Duration(6 * time.Second)},
			at: func(n int) beat { return beat{good: int64(n) * 11} }},
		"... for a quarter of an hour": {line: plant.Line{IdealCycle: plant.Duration(6 * time.Second)},
			at: func(n int) beat { return beat{good: int64(n)*8 + int64(min(max(n-90, 0), 15))*8} }},
	} {
		l := c.line
		l.ID, l.Machines = "l", []string{"m"}
		if l.Interval == (plant.Interval{}) {
			l.Interval.Every = time.Minute
		}
		reg := &plant.Registry{Plants: []*plant.Plant{{ID: "p", Timezone: "UTC", Lines: []*plant.Line{&l}}}}
		cfg := quick()
		cfg.Flags = c.conf
		p := newPlay(t, clock("08:00"), reg, cfg)
		for n := range 241 {
			at := clock("08:00").Add(time.Duration(n) * time.Minute)
			b := c.at(n)
			if b.none {
				continue
			}
			p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, State: b.state, Flags: b.flags, Fields: []plant.Field{
				{Name: "good", Kind: plant.Int, Int: b.good}, {Name: "power_kw", Kind: plant.Float, Float: b.power}, {Name: "temp", Kind: plant.Float, Float: b.temp}}})
		}
		p.tick(clock("12:30"))
		if got := flagsOf(p); got != c.wants {
			t.Errorf("%s:\n got  %s\n want %s", name, got, c.wants)
		}
	}
}

func flagsOf(p *play) (out string) {
	v, _ := p.state.View("p")
	for _, f := range v.Lines[0].Flags {
		if out != "" {
			out += "; "
		}
		e := f.Evidence
		out += f.Kind
		if f.Machine != "" {
			out += " " + f.Machine
		}
		out += fmt.Sprintf(" %s-%s %v made %v", f.Since.Time().Format("15:04"), f.Until.Time().Format("15:04"), time.Duration(e.Seconds*1e9), e.Made)
		if e.Normal > 0 {
			out += fmt.Sprintf(" of %v", e.Normal)
		}
		if e.Standby > 0 {
			out += fmt.Sprintf(" power %.4v over %v", e.Power, e.Standby)
		}
		if e.Repeats > 0 {
			out += fmt.Sprintf(" repeats %d", e.Repeats)
		}
		if e.Ideal > 0 {
			out += fmt.Sprintf(" %v an hour over %v", e.PerHour, e.Ideal)
		}
	}
	return out
}

// Outside the shifts nothing is evidence; flags change no state.
func TestGamingIsScheduled(t *testing.T) {
	l := &plant.Line{ID: "l", Machines: []string{"m"}, Interval: plant.Interval{Every: time.Minute}, Power: plant.Power{Field: "power_kw", Standby: 5}}
	reg := &plant.Registry{
		Calendars: []*plant.Calendar{{Name: "late", Shifts: []plant.Shift{{Name: "s", From: plant.Clock{After: 11*time.Hour + 30*time.Minute, Set: true}, To: plant.Clock{After: 20 * time.Hour, Set: true}}}}},
		Plants:    []*plant.Plant{{ID: "p", Timezone: "UTC", Calendar: "late", Lines: []*plant.Line{l}}},
	}
	p := newPlay(t, clock("06:00"), reg, quick())
	play := func(from, to string) {
		for at := clock(from); at < clock(to); at = at.Add(time.Minute) {
			p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, State: "running", Fields: []plant.Field{
				{Name: "good", Kind: plant.Int, Int: 7}, {Name: "power_kw", Kind: plant.Float, Float: 30}}})
		}
	}
	play("06:00", "12:20")
	if got := flagsOf(p); got != "" {
		t.Errorf("50 minutes into the shift: %s", got)
	}
	play("12:20", "12:31")
	if got, want := flagsOf(p), "frozen_counter m 11:30-12:30 1h0m0s made 0; power_without_output 11:30-12:30 1h0m0s made 0 power 30 over 5"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// A counter that moves takes one away at once, the other with its window.
	for at := clock("12:31"); at <= clock("13:30"); at = at.Add(time.Minute) {
		p.total(at, at, "m", 7+int64(at.Sub(clock("12:30"))/time.Minute))
		if got := flagsOf(p); at == clock("12:31") && got != "power_without_output 11:30-12:30 1h0m0s made 0 power 30 over 5" {
			t.Errorf("a part at 12:31: %s", got)
		}
	}
}

// Each flag is told when it is raised, with the evidence of that moment, and
// when it goes.
func TestFlagsAreTold(t *testing.T) {
	l := &plant.Line{ID: "l", Machines: []string{"m"}, Interval: plant.Interval{Every: time.Minute}}
	p := newPlay(t, clock("08:00"), &plant.Registry{Plants: []*plant.Plant{{ID: "p", Timezone: "UTC", Lines: []*plant.Line{l}}}}, quick())
	var told []string
	for at := clock("08:00"); at <= clock("11:00"); at = at.Add(time.Minute) {
		good := int64(7)
		if at > clock("10:30") {
			good++
		}
		r := p.state.Step(rules.Event{Kind: rules.SampleSeen, At: at, Sample: &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, State: "running",
			Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: good}}}})
		for _, c := range r.Flags {
			told = append(told, fmt.Sprintf("%s %s/%s %s %s %v %vs", c.At.Time().Format("15:04"), c.Plant, c.Line, c.Flag.Machine, c.Flag.Kind, c.Stands, c.Flag.Evidence.Seconds))
		}
	}
	want := "[09:00 p/l m frozen_counter true 3600s 10:31 p/l m frozen_counter false 9000s]"
	if got := fmt.Sprint(told); got != want {
		t.Errorf("told %s\nwant %s", got, want)
	}
}

// A flag of a line, or a plant, that is taken out of the registry goes with it.
func TestFlagsOfWhatIsGoneAreEnded(t *testing.T) {
	registry := func(ids map[string][]string) *plant.Registry {
		reg := new(plant.Registry)
		for _, id := range slices.Sorted(maps.Keys(ids)) {
			x := &plant.Plant{ID: id, Timezone: "UTC"}
			for _, line := range ids[id] {
				x.Lines = append(x.Lines, &plant.Line{ID: line, Machines: []string{"m"}, Interval: plant.Interval{Every: time.Minute}})
			}
			reg.Plants = append(reg.Plants, x)
		}
		reg.Index()
		return reg
	}
	p := newPlay(t, clock("08:00"), registry(map[string][]string{"a": {"l"}, "b": {"l", "k"}}), quick())
	for at := clock("08:00"); at <= clock("09:10"); at = at.Add(time.Minute) {
		for _, of := range [][2]string{{"a", "l"}, {"b", "l"}, {"b", "k"}} {
			p.sample(at, &plant.Sample{Plant: of[0], Line: of[1], Machine: "m", Stamp: at, State: "running", Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: 7}}})
		}
	}
	r := p.state.Step(rules.Event{Kind: rules.Defined, Seq: 1 << 20, At: clock("09:11"), Definition: &rules.Definition{Version: "v2", Registry: registry(map[string][]string{"b": {"l"}}), Rules: quick()}})
	var told []string
	for _, c := range r.Flags {
		told = append(told, fmt.Sprintf("%s %s/%s %s %v", c.At.Time().Format("15:04"), c.Plant, c.Line, c.Flag.Kind, c.Stands))
	}
	if got, want := fmt.Sprint(told), "[09:11 a/l frozen_counter false 09:11 b/k frozen_counter false]"; got != want {
		t.Errorf("told %s\nwant %s", got, want)
	}
}
