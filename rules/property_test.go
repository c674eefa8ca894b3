package rules_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/custom"
)

// randomRun plays a random scenario: two plants with several lines by random
// calendars, some on days when clocks change; machines that run, stop, say why,
// fall silent, buffer and flush, bad quality, retained and repeated messages,
// links that come and go, restarts of our own, stops and exclusions declared.
func randomRun(t testing.TB, seed uint64, between func(p *play, next plant.Instant)) *play {
	rnd := rand.New(rand.NewPCG(seed, 1))
	begin := []plant.Instant{clock("06:00"), plant.InstantOf(time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)), plant.InstantOf(time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC))}[seed%3]
	reg := &plant.Registry{Calendars: []*plant.Calendar{randomCalendar(rnd)}}
	for i := range 2 {
		pl := &plant.Plant{ID: fmt.Sprintf("p%d", i), Timezone: []string{"Asia/Shanghai", "Europe/Berlin"}[i],
			Gateways: []*plant.Gateway{{ID: "g", KeepAlive: plant.Duration(20 * time.Second)}}}
		if seed%4 != 0 {
			pl.Calendar = "c"
		}
		for j := range 1 + i {
			l := &plant.Line{ID: fmt.Sprintf("l%d", j), Normal: perHour(600), Machines: []string{"m1", "m2"},
				Interval: plant.Interval{Every: 10 * time.Second}, Output: plant.Output{Machines: []string{"m2"}},
				Counter: plant.Counter{Rollover: 1000, Resets: rnd.IntN(2) == 0}}
			if rnd.IntN(2) == 0 {
				l.Output = plant.Output{Sum: true}
			}
			pl.Lines = append(pl.Lines, l)
		}
		reg.Plants = append(reg.Plants, pl)
	}
	cfg := rules.Config{Resume: rules.Resume{Window: span("5m"), Hold: span("10m"), StopHold: span("5m"), Lateness: plant.Duration(4 * time.Minute)},
		Stall: rules.Stall{ShortStop: plant.Duration(2 * time.Minute), MinRunning: plant.Duration(30 * time.Second)}}.WithDefaults()
	cfg.Custom = randomRules
	p := newPlay(t, begin, reg, cfg.WithDefaults())
	p.between = between
	machines := newRandomMachines(reg, rnd, begin)
	listening, up := true, true
	for at := begin.Add(time.Second); at < begin.Add(3*time.Hour); at = at.Add(time.Duration(500+rnd.IntN(3000)) * time.Millisecond) {
		switch rnd.IntN(400) {
		case 0:
			listening = !listening
			p.step(rules.Event{Kind: rules.Listening, At: at, Up: listening})
		case 1:
			up = !up
			p.step(rules.Event{Kind: rules.BrokerLink, At: at, Broker: "b", Up: up})
		case 2:
			p.step(rules.Event{Kind: rules.GatewayLink, At: at, Plant: "p1", Gateway: "g", Up: rnd.IntN(2) == 0})
		case 3:
			d := plant.Declaration{ID: fmt.Sprint(at), Kind: plant.DeclarePlannedStop, Plant: "p1", From: at.Add(time.Duration(rnd.IntN(300)) * time.Second)}
			if rnd.IntN(3) == 0 {
				d.Kind = plant.DeclareExclude
			}
			d.To = d.From.Add(time.Duration(1+rnd.IntN(600)) * time.Second)
			p.step(rules.Event{Kind: rules.Declared, At: at, Declaration: &d})
		}
		for _, m := range machines {
			m.live(at, rnd)
			if listening && up {
				m.flush(p, at, rnd)
			}
		}
	}
	return p
}

// randomRules are custom rules of every kind, over every kind of value.
var randomRules = []custom.Rule{
	{Name: "hot", Each: "machine", When: "temp > 70", For: plant.Duration(30 * time.Second), KeepFiringFor: plant.Duration(20 * time.Second)},
	{Name: "warm", Each: "machine", When: "avg(temp, '5m') > 63 and max(temp, '2m') - min(temp, '2m') > 5"},
	{Name: "few", Each: "machine", When: "delta(good, '3m') < 10 or count(temp, '1m') < 3 or age(temp) > 5"},
	{Name: "word", Each: "machine", When: "state in ['held', 'starved'] or means == 'changeover'", For: plant.Duration(time.Minute)},
	{Name: "stands", Each: "line", When: "state in ['stalled', 'short_stop'] and scheduled", For: plant.Duration(90 * time.Second), KeepFiringFor: plant.Duration(time.Minute)},
	{Name: "lost", Each: "line", When: "state == 'unknown'", For: plant.Duration(2 * time.Minute)},
	{Name: "flaps", Each: "line", When: "changes(state, '10m') > 4 and rate(made, '5m') < normal"},
	{Name: "phase", Each: "plant", When: "phase in ['ramping_up', 'unknown'] or lines('running') / lines('all') > 0.6", For: plant.Duration(3 * time.Minute)},
}

type randomMachine struct {
	plant, line, id string
	next            plant.Instant
	good            int64
	temp            float64
	making, cut     bool
	buffer          []*plant.Sample
}

// randomCalendar has shifts of 20 to 50 minutes all day, some back to back,
// and breaks of five.
func randomCalendar(rnd *rand.Rand) *plant.Calendar {
	cal := &plant.Calendar{Name: "c"}
	at := func(minute int) plant.Clock {
		return plant.Clock{After: time.Duration(minute) * time.Minute, Set: true}
	}
	for m := 0; m < 24*60-50; {
		to := m + 20 + rnd.IntN(30)
		cal.Shifts = append(cal.Shifts, plant.Shift{Name: fmt.Sprint(m), From: at(m), To: at(to)})
		pause := m + rnd.IntN(40)
		cal.Breaks = append(cal.Breaks, plant.Break{From: at(pause), To: at(pause + 5)})
		m = to + max(0, rnd.IntN(40)-20)
	}
	return cal
}

func newRandomMachines(reg *plant.Registry, rnd *rand.Rand, begin plant.Instant) (out []*randomMachine) {
	for _, p := range reg.Plants {
		for _, l := range p.Lines {
			for _, id := range l.Machines {
				out = append(out, &randomMachine{plant: p.ID, line: l.ID, id: id, next: begin.Add(time.Duration(rnd.IntN(10000)) * time.Millisecond)})
			}
		}
	}
	return out
}

// live makes the samples up to at.
func (m *randomMachine) live(at plant.Instant, rnd *rand.Rand) {
	for ; m.next <= at; m.next = m.next.Add(10 * time.Second) {
		switch rnd.IntN(60) {
		case 0:
			m.making = !m.making
		case 1:
			m.cut = !m.cut
		case 2:
			m.good = 0
		}
		if m.making {
			m.good = (m.good + int64(rnd.IntN(4))) % 1000
		}
		m.temp += rnd.Float64()*10 - 5 - m.temp/50
		x := &plant.Sample{Plant: m.plant, Line: m.line, Machine: m.id, Broker: "b", Stamp: m.next, Unit: plant.Millisecond,
			Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: m.good}, {Name: "temp", Kind: plant.Float, Float: 60 + m.temp}}}
		switch rnd.IntN(100) {
		case 0:
			x.Flags = plant.BadQuality
		case 1:
			x.State = []string{"held", "starved", "changeover", "running", "unavailable", "idle"}[rnd.IntN(6)]
		}
		m.buffer = append(m.buffer, x)
	}
}

func (m *randomMachine) flush(p *play, at plant.Instant, rnd *rand.Rand) {
	if m.cut || len(m.buffer) == 0 {
		return
	}
	for _, x := range m.buffer {
		p.step(rules.Event{Kind: rules.SampleSeen, At: at, Sample: x})
		if rnd.IntN(50) == 0 {
			p.step(rules.Event{Kind: rules.SampleSeen, At: at, Sample: x}) // again
		}
	}
	m.buffer = m.buffer[:0]
}

// unnumbered drops what says in which frame a thing was seen.
func unnumbered(ts []plant.Transition) []plant.Transition {
	out := append([]plant.Transition(nil), ts...)
	for i := range out {
		out[i].ID = ""
	}
	return out
}

func TestTicksChangeNothing(t *testing.T) {
	changes, alerts := 0, map[string]int{}
	for seed := range uint64(30) {
		plain := randomRun(t, seed, nil)
		rnd := rand.New(rand.NewPCG(seed, 2))
		ticked := randomRun(t, seed, func(p *play, next plant.Instant) {
			for at := p.last; rnd.IntN(3) > 0; {
				if at = at.Add(time.Duration(rnd.Int64N(1e9))); at >= next {
					return
				}
				p.seq++
				p.take(p.state.Step(rules.Event{Kind: rules.Tick, At: at, Seq: p.seq}))
			}
		})
		if diff := cmp.Diff(unnumbered(plain.got), unnumbered(ticked.got)); diff != "" {
			t.Fatalf("seed %d: ticks changed transitions (-without +with):\n%s", seed, diff)
		}
		if diff := cmp.Diff(plain.wins, ticked.wins); diff != "" {
			t.Fatalf("seed %d: ticks changed windows:\n%s", seed, diff)
		}
		if diff := cmp.Diff(plain.slots, ticked.slots); diff != "" {
			t.Fatalf("seed %d: ticks changed slots:\n%s", seed, diff)
		}
		if diff := cmp.Diff(plain.shifts, ticked.shifts); diff != "" {
			t.Fatalf("seed %d: ticks changed shifts:\n%s", seed, diff)
		}
		changes += len(plain.got)
		for _, tr := range plain.got {
			if tr.Alert != nil {
				alerts[tr.Alert.Rule+" "+tr.To]++
			}
		}
	}
	for _, r := range randomRules {
		for _, word := range []string{plant.AlertFiring, plant.AlertInactive} {
			if n := alerts[r.Name+" "+word]; n < 5 {
				t.Errorf("the alert of rule %q is %s only %d times in all scenarios: they test too little", r.Name, word, n)
			}
		}
	}
	if changes < 1000 {
		t.Errorf("only %d transitions in all scenarios: they test too little", changes)
	}
}

func TestRestartsChangeNothing(t *testing.T) {
	restarts := 0
	for seed := range uint64(10) {
		plain := randomRun(t, seed, nil)
		rnd := rand.New(rand.NewPCG(seed, 3))
		again := randomRun(t, seed, func(p *play, _ plant.Instant) {
			if rnd.IntN(40) != 0 {
				return
			}
			restarts++
			data, err := p.state.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if p.state, err = rules.Unmarshal(data); err != nil {
				t.Fatal(err)
			}
			p.state.TakeDirty()
		})
		if diff := cmp.Diff(plain.got, again.got); diff != "" {
			t.Fatalf("seed %d: restarts changed transitions (-without +with):\n%s", seed, diff)
		}
		if diff := cmp.Diff(plain.wins, again.wins); diff != "" {
			t.Fatalf("seed %d: restarts changed windows:\n%s", seed, diff)
		}
		if diff := cmp.Diff(plain.shifts, again.shifts); diff != "" {
			t.Fatalf("seed %d: restarts changed shifts:\n%s", seed, diff)
		}
		if diff := cmp.Diff(plain.state.Views(), again.state.Views()); diff != "" {
			t.Fatalf("seed %d: restarts changed views:\n%s", seed, diff)
		}
	}
	if restarts < 100 {
		t.Errorf("only %d restarts", restarts)
	}
}
