package sim

import (
	"maps"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// demoRollover is where the demo's counters start again: 10,000 at two units
// a second is seen within an hour and a half.
const demoRollover = 10_000

// Demo makes the heartbeats of the demo: five small plants, whose story
// begins at its start and anew every four minutes. It implements Source, has
// no end, and is not safe for concurrent use.
type Demo struct {
	start    time.Time
	machines []demoMachine
	round, i int
}

type demoMachine struct {
	topic            string
	story            []chapter
	made             float64
	good, scrap, seq uint64
	units            uint64
}

var _ Source = (*Demo)(nil)

// NewDemo returns the demo's story, beginning at start.
func NewDemo(start time.Time) *Demo {
	d := &Demo{start: start.Truncate(time.Millisecond)}
	for _, p := range demoPlants {
		for _, l := range p.lines {
			d.machines = append(d.machines, demoMachine{topic: Topic(p.id, l.id, l.machine), story: l.story})
		}
	}
	return d
}

// Next implements Source; it gives no error.
func (d *Demo) Next() (Message, error) {
	for {
		m := &d.machines[d.i]
		passed := time.Duration(d.round)*demoEvery + demoEvery*time.Duration(d.i)/time.Duration(len(d.machines))
		passed = passed.Truncate(time.Millisecond)
		if d.i++; d.i == len(d.machines) {
			d.i, d.round = 0, d.round+1
		}
		if h, heard := m.step(passed); heard {
			h.at = d.start.Add(passed)
			return Message{At: h.at, Topic: m.topic, Payload: h.payload()}, nil
		}
	}
}

// step makes what a machine makes in one interval; false while its gateway
// is cut off.
func (m *demoMachine) step(passed time.Duration) (heartbeat, bool) {
	now := m.story[len(m.story)-1]
	for _, c := range m.story {
		if passed%demoLength < c.until {
			now = c
			break
		}
	}
	m.made += now.share * float64(demoEvery) / float64(demoCycle)
	for ; m.made >= 1; m.made-- {
		if m.units++; m.units%50 == 0 {
			m.scrap = (m.scrap + 1) % demoRollover
		} else {
			m.good = (m.good + 1) % demoRollover
		}
	}
	if now.state == "" {
		return heartbeat{}, false
	}
	m.seq++
	wave := time.Duration(m.seq%20) * 100 * time.Millisecond // slow enough to look alive
	return heartbeat{seq: m.seq, state: now.state, good: m.good, scrap: m.scrap, temp: 55 + 10*now.share + wave.Seconds()}, true
}

// DemoRegistry returns the demo's plants, as configs/demo/plants.yaml enrols
// them. The caller may index it.
func DemoRegistry() *plant.Registry {
	r := &plant.Registry{}
	for _, p := range demoPlants {
		e := &plant.Plant{ID: p.id, Name: p.name, Timezone: p.zone, Labels: maps.Clone(p.labels)}
		for _, l := range p.lines {
			e.Lines = append(e.Lines, &plant.Line{
				ID: l.id, Unit: l.unit, Machines: []string{l.machine}, Normal: plant.Rate{PerHour: demoNormal, Set: true},
				IdealCycle: plant.Duration(demoCycle), Interval: plant.Interval{Every: demoEvery},
				Counter: plant.Counter{Field: "good", Kind: plant.KindTotal, Rollover: demoRollover, Resets: true},
			})
		}
		r.Plants = append(r.Plants, e)
	}
	return r
}
