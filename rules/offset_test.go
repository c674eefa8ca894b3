package rules_test

import (
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// A clock that is declared to be eight hours ahead gives the same verdicts, at
// the same times, as one that is right; undeclared, its stamps are too far
// ahead of ours to be believed, and ours are used.
func TestADeclaredClockOffsetIsTakenOff(t *testing.T) {
	const ahead = 8 * time.Hour
	run := func(declared, actual time.Duration) *play {
		reg := oneLine(func(p *plant.Plant, _ *plant.Line) {
			p.Gateways = []*plant.Gateway{{ID: "g", ClockOffset: plant.Offset(declared)}}
		})
		p := newPlay(t, clock("08:00"), reg, quick())
		for i := range 6 * 360 {
			at := clock("08:00").Add(time.Duration(i+1) * 10 * time.Second)
			p.total(at, at.Add(actual-3*time.Second), "m", int64(i/9*9))
		}
		return p
	}
	right, declared := run(0, 0), run(ahead, ahead)
	right.want(plant.KindPhase, declared.told(plant.KindPhase)...)
	right.want(plant.KindLine, declared.told(plant.KindLine)...)
	if len(right.told(plant.KindPhase)) == 0 || len(right.told(plant.KindLine)) == 0 {
		t.Error("nothing was decided: the test looks at nothing")
	}
}
