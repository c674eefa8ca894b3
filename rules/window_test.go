package rules_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// closed is when, by our clock, the window to 09:15 closed; 0: not.
func closed(p *play) plant.Instant {
	for _, w := range p.wins {
		if w.Verdict.To == clock("09:15") {
			return p.last
		}
	}
	return 0
}

func TestAWindowCloses(t *testing.T) {
	bad := func(p *play, at string) {
		p.sample(clock(at), &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: clock(at), Flags: plant.BadQuality})
	}
	link := func(p *play, kind rules.EventKind, at string, up bool) {
		p.step(rules.Event{Kind: kind, At: clock(at), Broker: "b", Up: up})
	}
	for name, c := range map[string]struct {
		run func(p *play)
		// The window is open at the first time, and closed at the second.
		open, shut string
	}{
		"by a sample after its end":                {func(p *play) { p.delta(clock("09:16"), 1) }, "09:15:59", "09:16"},
		"not by a sample at its end":               {func(p *play) { p.delta(clock("09:15"), 1) }, "09:29:59", "09:30"},
		"by one of bad quality":                    {func(p *play) { bad(p, "09:16") }, "09:15:59", "09:16"},
		"at the latest after lateness":             {func(*play) {}, "09:29:59", "09:30"},
		"not listening does not count":             {func(p *play) { link(p, rules.Listening, "09:20", false); link(p, rules.Listening, "09:50", true) }, "09:59:59", "10:00"},
		"not listening before the end is no pause": {func(p *play) { link(p, rules.Listening, "09:05", false); link(p, rules.Listening, "09:10", true) }, "09:29:59", "09:30"},
		"a broker that is away does not count":     {func(p *play) { link(p, rules.BrokerLink, "09:20", false); link(p, rules.BrokerLink, "09:25", true) }, "09:34:59", "09:35"},
		"a backlog that drains does not count": {func(p *play) {
			p.delta(clock("09:20"), 0)
			for i := range 5 { // a flush of old samples: 15 minutes of them in 4
				at := clock("09:20").Add(time.Duration(i+1) * time.Minute)
				p.sample(at, &plant.Sample{Plant: "p", Line: "l2", Machine: "m", Stamp: clock("09:01").Add(time.Duration(3*i) * time.Minute)})
			}
		}, "09:36:59", "09:37"}, // it drains from 09:21 until it is silent, 09:28
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, clock("08:50"), oneLine(func(pl *plant.Plant, l *plant.Line) {
				perMinute(pl, l)
				if name == "a backlog that drains does not count" {
					two := *l
					two.ID = "l2"
					pl.Lines = append(pl.Lines, &two)
				}
			}), quick())
			for i := range 6 {
				at := clock("08:55").Add(time.Duration(i) * time.Minute)
				p.delta(at, 1)
				p.sample(at, &plant.Sample{Plant: "p", Line: "l2", Machine: "m", Stamp: at})
			}
			p.between = func(p *play, next plant.Instant) {
				for _, at := range []plant.Instant{clock(c.open), clock(c.shut)} {
					if p.last < at && at < next {
						p.take(p.state.Step(rules.Event{Kind: rules.Tick, At: at, Seq: p.seq}))
						p.last = at
						if got := closed(p) != 0; got != (at == clock(c.shut)) {
							t.Errorf("at %s closed: %v", at, got)
						}
					}
				}
			}
			c.run(p)
			p.tick(clock("12:00"))
			if closed(p) == 0 {
				t.Error("it never closed")
			}
		})
	}
}

// A delta stamped at the end of a window falls into the window it closes.
func TestWindowsAreHalfOpen(t *testing.T) {
	p := newPlay(t, clock("08:45"), oneLine(perMinute), quick())
	p.delta(clock("09:00"), 1)
	p.delta(clock("09:15"), 10)
	p.delta(clock("09:15:01"), 100)
	p.tick(clock("10:00"))
	var got []float64
	for _, w := range p.wins {
		got = append(got, w.Verdict.Output)
	}
	if want := []float64{1, 10, 100}; !slices.Equal(got[:min(3, len(got))], want) {
		t.Errorf("windows made %v, want %v", got, want)
	}
}

// Production days where the clocks change, by their hours.
func TestProductionDays(t *testing.T) {
	for name, c := range map[string]struct {
		zone, starts, from string
		window             string
		want               []float64
	}{
		"spring":                                  {"Europe/Berlin", "00:00", "2026-03-28T00:00:00+01:00", "1d", []float64{24, 23, 24}},
		"autumn":                                  {"Europe/Berlin", "00:00", "2026-10-24T00:00:00+02:00", "1d", []float64{24, 25, 24}},
		"a start in the morning":                  {"Europe/Berlin", "08:00", "2026-03-28T08:00:00+01:00", "1d", []float64{23, 24, 24}},
		"a start that is missing is the change":   {"Europe/Berlin", "02:30", "2026-03-28T02:30:00+01:00", "1d", []float64{23.5, 23.5, 24}},
		"a start that comes twice is the first":   {"Europe/Berlin", "02:30", "2026-10-24T02:30:00+02:00", "1d", []float64{24, 25, 24}},
		"enrolled in the middle of a day":         {"Asia/Shanghai", "08:00", "2026-03-28T09:00:00+08:00", "1d", []float64{24, 24, 24}},
		"the last window is cut at the day's end": {"Europe/Berlin", "00:00", "2026-03-29T00:00:00+01:00", "10h", []float64{10, 10, 3, 10, 10, 4}},
		"a midnight that is missing":              {"Asia/Beirut", "00:00", "2026-03-28T00:00:00+02:00", "1d", []float64{24, 23, 24}},
	} {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		cfg := rules.Config{Resume: rules.Resume{Window: span(c.window)}}.WithDefaults()
		at := plant.InstantOf(from)
		p := newPlay(t, at, oneLine(func(p *plant.Plant, _ *plant.Line) { p.Timezone, p.DayStarts = c.zone, c.starts }), cfg)
		p.tick(at.Add(6 * 24 * time.Hour))
		var got []float64
		for _, w := range p.wins[:min(len(c.want), len(p.wins))] {
			got = append(got, w.Verdict.To.Sub(w.Verdict.From).Hours())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: windows of %v hours, want %v", name, got, c.want)
		}
	}
}

// What a machine that reports on change made while we did not listen, or its
// gateway was away, is spread over that time; else it was made when it says so.
func TestChangesThatMayHaveBeenMissed(t *testing.T) {
	for name, c := range map[string]struct {
		missed func(p *play, up bool)
		want   []float64 // made in the windows from 09:00 on
	}{
		"none": {func(*play, bool) {}, []float64{1, 0, 300}},
		"we did not listen": {func(p *play, up bool) {
			p.step(rules.Event{Kind: rules.Listening, At: p.last.Add(time.Second), Up: up})
		}, []float64{141, 150, 10}},
		"its gateway was away": {func(p *play, up bool) {
			p.step(rules.Event{Kind: rules.GatewayLink, At: p.last.Add(time.Second), Plant: "p", Gateway: "g", Up: up})
		}, []float64{141, 150, 10}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := quick()
			cfg.Resume.Lateness = plant.Duration(time.Hour)
			p := newPlay(t, clock("08:50"), oneLine(func(pl *plant.Plant, l *plant.Line) {
				gateway(pl, l)
				l.Interval = plant.Interval{OnChange: true}
			}), cfg)
			p.total(clock("09:00"), clock("09:00"), "m", 10)
			p.total(clock("09:01"), clock("09:01"), "m", 11)
			c.missed(p, false)
			p.tick(clock("09:20"))
			c.missed(p, true)
			p.total(clock("09:31"), clock("09:31"), "m", 311)
			p.total(clock("09:50"), clock("09:50"), "m", 312)
			var got []float64
			for _, w := range p.wins {
				if w.Verdict.To > clock("09:00") {
					got = append(got, math.Round(w.Verdict.Output))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("windows made %v, want %v", got, c.want)
			}
		})
	}
}
