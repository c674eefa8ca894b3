package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// day is the day that scenarios play on.
var day = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// clock is a time of that day, like 09:00:10.
func clock(text string) plant.Instant {
	layout := "15:04:05"
	if strings.Count(text, ":") == 1 {
		layout = "15:04"
	}
	t, err := time.Parse(layout, text)
	if err != nil {
		panic(err)
	}
	return plant.InstantOf(day.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second))
}

// play is a run of events and what came of it.
type play struct {
	t     testing.TB
	state *rules.State
	seq   uint64
	got   []plant.Transition
	slots []plant.OutputSlot
	wins  []rules.Window
	// shifts are what lines made of shifts.
	shifts []plant.ShiftFigures
	// between is called between two frames; it may tick, or restart.
	between func(p *play, next plant.Instant)
	last    plant.Instant
	// heard is told of each event.
	heard func(ev rules.Event)
}

func newPlay(t testing.TB, at plant.Instant, reg *plant.Registry, cfg rules.Config) *play {
	t.Helper()
	reg.Index()
	p := &play{t: t, state: rules.NewState(nil)}
	p.step(rules.Event{Kind: rules.Defined, At: at, Definition: &rules.Definition{Version: "v1", Registry: reg, Rules: cfg}})
	return p
}

func (p *play) step(ev rules.Event) {
	if p.between != nil && ev.At > p.last && p.last != 0 {
		p.between(p, ev.At)
	}
	p.last = ev.At
	p.seq++
	ev.Seq = p.seq
	if p.heard != nil {
		p.heard(ev)
	}
	p.take(p.state.Step(ev))
}

func (p *play) take(r *rules.Result) {
	p.got = append(p.got, r.Transitions...)
	p.slots = append(p.slots, r.Slots...)
	p.wins = append(p.wins, r.Windows...)
	p.shifts = append(p.shifts, r.Shifts...)
}

func (p *play) tick(at plant.Instant) { p.step(rules.Event{Kind: rules.Tick, At: at}) }

// total publishes a running total of machine m of plant p, line l.
func (p *play) total(at, stamp plant.Instant, machine string, good int64) {
	p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: machine, Stamp: stamp, Unit: plant.Millisecond,
		Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: good}}})
}

func (p *play) sample(at plant.Instant, s *plant.Sample) {
	s.Broker = "b"
	p.step(rules.Event{Kind: rules.SampleSeen, At: at, Sample: s})
}

// told is the transitions of a kind as lines of text, the last one standing
// where several have the same instant.
func (p *play) told(kind string) []string {
	var out []string
	var at plant.Instant
	for _, t := range p.got {
		if t.Kind != kind {
			continue
		}
		line := t.At.Time().Format("15:04:05") + " " + t.To
		if t.Relapsed {
			line += " relapsed"
		}
		if t.First {
			line += " first"
		}
		if t.Kind == plant.KindLine && t.To == "stalled" {
			line += " since " + t.Since.Time().Format("15:04:05")
		}
		if t.Verdict != nil && t.Verdict.Recovery != nil {
			line += fmt.Sprintf(" %.2f", *t.Verdict.Recovery)
		}
		if t.At == at {
			out = out[:len(out)-1]
		}
		at = t.At
		out = append(out, line)
	}
	return out
}

func (p *play) want(kind string, want ...string) {
	p.t.Helper()
	if got := p.told(kind); !slices.Equal(got, want) {
		p.t.Errorf("%s transitions:\n  %s\nwant:\n  %s", kind, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func span(text string) plant.Span {
	s, err := plant.ParseSpan(text)
	if err != nil {
		panic(err)
	}
	return s
}

func share(s float64) plant.Level { return plant.Level{Share: s} }

func perHour(r float64) plant.Rate { return plant.Rate{PerHour: r, Set: true} }

// oneLine is a plant with one line of one output machine.
func oneLine(change func(p *plant.Plant, l *plant.Line)) *plant.Registry {
	l := &plant.Line{ID: "l", Normal: perHour(500), Interval: plant.Interval{Every: 10 * time.Second}, Machines: []string{"m"}}
	p := &plant.Plant{ID: "p", Lines: []*plant.Line{l}}
	if change != nil {
		change(p, l)
	}
	return &plant.Registry{Plants: []*plant.Plant{p}}
}

func quick() rules.Config {
	return rules.Config{Resume: rules.Resume{Window: span("15m"), Hold: span("1h"), StopHold: span("15m")}}.WithDefaults()
}

func durationOf(n int) time.Duration { return time.Duration(n) }
