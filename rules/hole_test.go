package rules_test

import (
	"math"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// A delta each minute; the window 09:00 to 09:15 has a hole from 09:04 to
// 09:11. What comes late observes what it leaves of the hole where that is at
// most three minutes.
func TestLateSamplesMendHoles(t *testing.T) {
	for name, c := range map[string]struct {
		late []string
		want float64 // observed, of 15 minutes
	}{
		"none":             {nil, 8},
		"in the middle":    {[]string{"09:07"}, 11}, // 09:04 to 09:07, and four minutes are left
		"at one end":       {[]string{"09:10"}, 9},
		"two":              {[]string{"09:09", "09:06"}, 15},
		"in no hole":       {[]string{"09:03:30"}, 8},
		"before the first": {[]string{"08:53", "09:07"}, 11},
	} {
		p := newPlay(t, clock("08:50"), oneLine(perMinute), quick())
		for at := clock("08:55"); at <= clock("09:15"); at = at.Add(time.Minute) {
			if at <= clock("09:04") || at >= clock("09:11") {
				p.delta(at, 1)
			}
		}
		for i, stamp := range c.late {
			at := clock("09:15").Add(time.Duration(i+1) * time.Second)
			p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: clock(stamp),
				Fields: []plant.Field{{Name: "good", Kind: plant.Float, Float: 1}}})
		}
		p.delta(clock("09:16"), 1)
		if got := coverage(p, clock("09:15")) * 15; math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: observed %v minutes, want %v", name, got, c.want)
		}
	}
}

// coverage is observed over scheduled time of the window that ends then.
func coverage(p *play, end plant.Instant) float64 {
	for _, w := range p.wins {
		if w.Verdict.To == end {
			return w.Verdict.Coverage
		}
	}
	return math.NaN()
}

// Three machines of which each saw all of a window observed all of it: what
// averages are cut by is no unseen time, which a rate without a normal figure
// would take as boundless.
func TestAveragesAreNotCut(t *testing.T) {
	cfg := holding()
	cfg.Resume.At, cfg.Resume.Stop = plant.Level{Rate: perHour(120)}, plant.Level{Rate: perHour(80)}
	p := newPlay(t, clock("08:50"), oneLine(func(pl *plant.Plant, l *plant.Line) {
		perMinute(pl, l)
		l.Normal, l.Machines, l.Output = plant.Rate{}, []string{"m1", "m2", "m3"}, plant.Output{Sum: true}
	}), cfg)
	for at := clock("08:55"); at <= clock("09:17"); at = at.Add(time.Minute) {
		for i, m := range []string{"m1", "m2", "m3"} {
			stamp := at.Add(time.Duration(i*7) * time.Second)
			p.sample(stamp, &plant.Sample{Plant: "p", Line: "l", Machine: m, Stamp: stamp, Fields: []plant.Field{{Name: "good", Kind: plant.Float, Float: 1}}})
		}
	}
	p.want(plant.KindPhase, "09:15:00 ramping_up first")
}

// A stamp ahead of our clock makes no backlog of the samples that follow.
func TestAStampAheadMakesNoBacklog(t *testing.T) {
	p := newPlay(t, clock("08:50"), oneLine(perMinute), quick())
	at := clock("09:00")
	p.sample(at, &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at.Add(4 * time.Minute), Fields: []plant.Field{{Name: "good", Kind: plant.Float, Float: 1}}})
	p.tick(clock("09:04")) // silent at 09:03, which is told of 09:04: never before the change before
	p.delta(clock("09:05"), 0)
	p.want(plant.KindLine, "09:04:00 unknown", "09:05:00 running")
}
