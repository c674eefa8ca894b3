package app

import (
	"fmt"
	"time"

	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

// maxLag is how far the rules may be behind before /-/ready says so.
const maxLag = 30 * time.Second

// problems says what keeps Heartline from its work, for /-/ready and the
// board. Safe for concurrent use.
func (a *App) problems() []console.Problem {
	if !a.started.Load() {
		return []console.Problem{{Component: "heartline", What: "is starting"}}
	}
	var out []console.Problem
	add := func(component, format string, args ...any) {
		out = append(out, console.Problem{Component: component, What: fmt.Sprintf(format, args...)})
	}
	if err := a.loop.Health(); err != nil {
		add("queue", "nothing is being acknowledged: %v", err)
	} else if err := a.room.check(); err != nil {
		add("disk", "%v", err)
	}
	for _, s := range a.mqtt.States() {
		switch {
		case s.Connected:
		case s.LastError == "":
			add("broker "+s.Broker, "is not connected yet")
		default:
			add("broker "+s.Broker, "is not connected: %s", s.LastError)
		}
	}
	if s := a.store.Status(); !s.Reachable || s.Blocked != "" {
		add("influxdb", "%s", influxWords(s))
	}
	if at := a.worker.at.Load(); at != 0 {
		if lag := plant.InstantOf(a.opt.Clock()).Sub(plant.Instant(at)); lag > maxLag {
			add("rules", "are %s behind", lag.Round(time.Second))
		}
	}
	return out
}
