package rules_test

import (
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// workedExample plays the glossary's example: parts each 9 s from 09:00 to
// 11:02, the gateway cut off from 09:40 to 09:50.
func workedExample(t testing.TB, between func(p *play, next plant.Instant)) *play {
	reg := oneLine(func(p *plant.Plant, l *plant.Line) {
		l.Machines, l.Output.Machines = []string{"m1", "m2"}, []string{"m2"}
		p.Gateways = []*plant.Gateway{{ID: "g", WillTopic: "w", KeepAlive: plant.Duration(time.Minute)}}
	})
	// It made nothing for a day.
	p := newPlay(t, clock("00:00").Add(-24*time.Hour), reg, quick())
	p.between = between
	produced := func(t plant.Instant) int64 {
		from, to := clock("09:00"), clock("11:02")
		return 1000 + max(int64(min(t, to)-from)/int64(9*time.Second), 0)
	}
	cut, back := clock("09:40"), clock("09:50")
	var buffer []plant.Instant
	willed := false
	for at := clock("00:00").Add(-24*time.Hour + 10*time.Second); at <= clock("12:00"); at = at.Add(10 * time.Second) {
		if at > cut && at < back {
			buffer = append(buffer, at)
			if at > clock("09:41:30") && !willed {
				willed = true
				p.step(rules.Event{Kind: rules.GatewayLink, At: clock("09:41:30"), Plant: "p", Gateway: "g"})
			}
			p.tick(at)
			continue
		}
		if at == back {
			for _, b := range buffer {
				p.total(at, b, "m1", 7)
				p.total(at, b, "m2", produced(b))
			}
		}
		p.total(at, at, "m1", 7)
		p.total(at, at, "m2", produced(at))
	}
	return p
}

func TestTheGlossarysWorkedExample(t *testing.T) {
	p := workedExample(t, nil)
	p.want(plant.KindPhase,
		"00:15:00 stopped first 0.00", // the day before
		"09:15:00 ramping_up 0.80",
		"10:00:00 resumed 0.80",
		"11:15:00 stopped relapsed 0.10",
	)
	p.want(plant.KindLine,
		"00:00:10 short_stop first",
		"00:05:10 stalled since 00:00:10", // the day before
		"09:00:10 running",
		"09:41:30 unknown",
		"09:50:00 running",
		"11:03:00 short_stop",
		"11:07:00 stalled since 11:02:00",
	)
	var closed plant.Instant
	for _, w := range p.wins {
		if w.Verdict.To == clock("09:45") {
			closed = w.Verdict.To
			if r := *w.Verdict.Recovery; r < 0.79 || r > 0.81 {
				t.Errorf("the window to 09:45 has recovery %.3f, want 0.80", r)
			}
		}
	}
	if closed == 0 {
		t.Error("the window to 09:45 did not close")
	}
}
