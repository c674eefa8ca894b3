package sim

import (
	"fmt"

	"github.com/seed-00829101/heartline/plant"
)

// SpringRules is the rules.yaml of the spring: the defaults, with patience for
// heartbeats that come once an hour.
const SpringRules = `# The spring of 2020, simulated. Resumed: at least 30 % of normal output on a
# production day; stopped: under 20 %. Heartbeats come once an hour.
resume: {at: 30%, stop: 20%, window: 1d, hold: 1d, stop_hold: 1d, lateness: 2h}
`

const sixDays = "six-days"

// Registry enrols every plant, those that are never heard as well. It is
// indexed. Every plant has the label simulated: "yes".
func (s *Spring) Registry() *plant.Registry {
	reg := &plant.Registry{Calendars: []*plant.Calendar{
		{Name: sixDays, Days: []plant.Weekday{plant.Mon, plant.Tue, plant.Wed, plant.Thu, plant.Fri, plant.Sat}},
	}}
	for _, p := range s.plants {
		l := &plant.Line{ID: "line", Unit: "pcs", Machines: []string{"m"}, Normal: plant.Rate{PerHour: p.perHour, Set: true},
			Interval: plant.Interval{Every: springEvery}, Counter: plant.Counter{Field: "good", Kind: plant.KindTotal}, Power: plant.Power{Field: "power", Standby: springStandby}}
		if p.delta {
			l.Counter.Kind = plant.KindDelta
		}
		if p.rolls {
			l.Counter.Rollover = springRollover
		}
		x := &plant.Plant{ID: p.id, Name: fmt.Sprintf("Simulated plant %d", p.number+1), Timezone: springZone,
			Labels: map[string]string{"region": p.region, "size": "small", "simulated": "yes"}, Lines: []*plant.Line{l}}
		if p.sixDays {
			x.Calendar = sixDays
		}
		reg.Plants = append(reg.Plants, x)
	}
	reg.Index()
	return reg
}
