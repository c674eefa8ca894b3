package rules_test

import (
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// beat publishes the heartbeats of machine m in [from, to), each every, as a
// line that makes a part every making (0: none).
func (p *play) beat(machine string, from, to plant.Instant, every, making time.Duration, good *int64) {
	next := from.Add(making)
	for at := from; at < to; at = at.Add(every) {
		for making > 0 && next <= at {
			*good++
			next = next.Add(making)
		}
		p.total(at, at, machine, *good)
	}
}

func TestLineStates(t *testing.T) {
	const beat = 10 * time.Second
	link := func(p *play, kind rules.EventKind, at string, up bool) {
		p.step(rules.Event{Kind: kind, At: clock(at), Broker: "b", Plant: "p", Gateway: "g", Up: up})
	}
	for name, c := range map[string]struct {
		change func(p *plant.Plant, l *plant.Line)
		run    func(p *play, good *int64)
		want   []string
	}{
		"running, short stop, stalled": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:10"), beat, beat, n) // the last part 09:09:50
			p.beat("m", clock("09:10"), clock("09:20"), beat, 0, n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:10:50 short_stop", "09:14:50 stalled since 09:09:50"}},
		"no part ever: stalled from the first sample": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:10"), beat, 0, n)
		}, []string{"09:00:00 short_stop first", "09:05:00 stalled since 09:00:00"}},
		"T_run of three ideal cycles, T_stall not less": {func(_ *plant.Plant, l *plant.Line) {
			l.IdealCycle = plant.Duration(2 * time.Minute)
		}, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:00:20"), beat, beat, n) // 09:00:10
			p.beat("m", clock("09:00:20"), clock("09:10"), beat, 0, n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:06:10 stalled since 09:00:10"}},
		"bad quality": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			p.sample(clock("09:01"), &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: clock("09:01"), Flags: plant.BadQuality})
			p.beat("m", clock("09:01:10"), clock("09:01:30"), beat, beat, n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:00 unknown", "09:01:10 running"}},
		"silent after three intervals, back by our clock": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n) // heard 09:00:50
			*n += 10
			p.total(clock("09:02:03"), clock("09:02"), "m", *n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:20 unknown", "09:02:03 running"}},
		"after a gap the age of a stall starts anew": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n) // 09:00:50
			p.beat("m", clock("09:01"), clock("09:08"), beat, 0, n)
			p.beat("m", clock("09:09"), clock("09:15"), beat, 0, n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:50 short_stop", "09:05:50 stalled since 09:00:50",
			"09:08:20 unknown", "09:09:00 short_stop", "09:14:00 stalled since 09:00:50"}},
		"a link that died makes unknown, never stalled": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			p.tick(clock("10:00"))
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:20 unknown"}},
		"retained proves nothing": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			for at := clock("09:01"); at < clock("09:03"); at = at.Add(beat) {
				p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, Flags: plant.Retained})
			}
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:20 unknown"}},
		"a duplicate proves nothing": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			for at := clock("09:01"); at < clock("09:03"); at = at.Add(beat) {
				p.total(at, clock("09:00:50"), "m", *n)
			}
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:20 unknown"}},
		"a late sample ends silence": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			p.total(clock("09:02"), clock("09:00:45"), "m", *n)
			p.tick(clock("09:02:20"))
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:20 unknown", "09:02:00 running"}},
		"a stamp far ahead is ours instead": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			p.total(clock("09:01"), clock("19:00"), "m", *n) // 10 hours ahead
			p.beat("m", clock("09:01:10"), clock("09:03"), beat, 0, n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:50 short_stop"}},
		"blind by the gateway's will, until the next sample": {gateway, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			link(p, rules.GatewayLink, "09:01:05", false)
			link(p, rules.GatewayLink, "09:01:06", true)
			p.beat("m", clock("09:01:10"), clock("09:01:30"), beat, beat, n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:05 unknown", "09:01:10 running"}},
		"a keep-alive makes silence longer": {gateway, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			p.tick(clock("09:05"))
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:02:30 unknown"}},
		"a lost broker is blind only after the silence time": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			link(p, rules.BrokerLink, "09:00:55", false)
			p.tick(clock("09:03"))
			link(p, rules.BrokerLink, "09:03", true)
			p.tick(clock("09:04"))
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:20 unknown"}},
		"a short restart of our own changes nothing": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			link(p, rules.Listening, "09:00:55", false)
			link(p, rules.Listening, "09:01:15", true)
			p.beat("m", clock("09:01:35"), clock("09:01:50"), beat, beat, n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running"}},
		"our own outage does not count towards silence": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			link(p, rules.Listening, "09:00:55", false)
			link(p, rules.Listening, "09:01:15", true)
			p.tick(clock("09:03"))
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:40 unknown"}},
		"a long outage of our own": {nil, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			link(p, rules.Listening, "09:00:55", false)
			link(p, rules.Listening, "09:10", true)
			p.tick(clock("09:11"))
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:01:20 unknown"}},
		"a machine that reports on change is judged by its gateway": {func(p *plant.Plant, l *plant.Line) {
			gateway(p, l)
			l.Interval = plant.Interval{OnChange: true}
		}, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:01"), beat, beat, n)
			p.tick(clock("10:00"))
			link(p, rules.GatewayLink, "10:00", false)
			link(p, rules.GatewayLink, "10:05", true)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "10:00:00 unknown", "10:05:00 running"}},
		"not commissioned: no state": {func(_ *plant.Plant, l *plant.Line) { l.Commissioned = new(bool) }, func(p *play, n *int64) {
			p.beat("m", clock("09:00"), clock("09:10"), beat, beat, n)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p, good := newPlay(t, clock("08:00"), oneLine(c.change), quick()), int64(100)
			c.run(p, &good)
			p.want(plant.KindLine, c.want...)
		})
	}
}

// gateway puts the plant behind one gateway: silent after 100 s.
func gateway(p *plant.Plant, _ *plant.Line) {
	p.Gateways = []*plant.Gateway{{ID: "g", KeepAlive: plant.Duration(time.Minute)}}
}
