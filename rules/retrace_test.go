package rules_test

import (
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// pair are two machines that make a line's output, the stamps of the second so
// far behind.
type pair struct {
	*play
	m, o   int64
	behind time.Duration
}

// beat publishes a heartbeat of both each 10 s in [from, to), with so many parts.
func (p *pair) beat(from, to string, m, o int64) {
	for at := clock(from); at < clock(to); at = at.Add(10 * time.Second) {
		p.m, p.o = p.m+m, p.o+o
		p.total(at, at, "m", p.m)
		p.total(at, at.Add(-p.behind), "o", p.o)
	}
}

func TestALineStandsFromWhenTheLastOfItsMachinesDoes(t *testing.T) {
	parallel := func(_ *plant.Plant, l *plant.Line) {
		l.Machines, l.Output = []string{"m", "o"}, plant.Output{Machines: []string{"m", "o"}}
	}
	slow := func(_ *plant.Plant, l *plant.Line) { l.IdealCycle = plant.Duration(2 * time.Minute) } // T_run and T_stall are 6 min
	for name, c := range map[string]struct {
		reg    *plant.Registry
		behind time.Duration
		run    func(p *pair)
		want   []string
	}{
		"the clock of one is behind": {oneLine(parallel), time.Minute, func(p *pair) {
			p.beat("09:00", "09:10", 1, 1) // the last part 09:09:50, and by the other clock 09:08:50
			p.beat("09:10", "09:20", 0, 0)
		}, []string{"08:59:00 short_stop first", "09:00:10 running", "09:10:50 short_stop", "09:14:50 stalled since 09:09:50"}},
		"only what comes after a break shows that it stood before": {byCalendar(early, parallel, slow), 0, func(p *pair) {
			p.beat("09:00", "09:10", 1, 1)
			p.beat("09:10", "09:24", 1, 0)
			p.beat("09:24", "09:29:50", 0, 0) // the last part 09:23:50
			p.beat("09:30:05", "09:31", 0, 0)
		}, []string{"07:00:00 off_shift first", "09:00:00 short_stop", "09:00:10 running", "09:29:50 stalled since 09:23:50", "09:30:00 planned_stop"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &pair{play: newPlay(t, clock("07:00"), c.reg, quick()), m: 100, o: 100, behind: c.behind}
			c.run(p)
			p.want(plant.KindLine, c.want...)
		})
	}
}
