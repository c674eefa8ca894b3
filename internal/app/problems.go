package app

import (
	"fmt"
	"time"

	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

// maxLag is how far the rules may be behind before /-/ready says so.
const maxLag = 30 * time.Second

// problems says what keeps Heartline from its work, for /-/ready and the
// board. Safe for concurrent use.
func (a *App) problems() []console.Problem {
	out := a.unanswered()
	if at := a.worker.at.Load(); at != 0 && a.started.Load() {
		if lag := plant.InstantOf(a.opt.Clock()).Sub(plant.Instant(at)); lag > maxLag {
			out = append(out, console.Problem{Component: "rules", What: fmt.Sprintf("are %s behind", lag.Round(time.Second))})
		}
	}
	return out
}

// unanswered is the part of the problems that says what does not answer, or
// takes nothing.
func (a *App) unanswered() []console.Problem {
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
	for _, words := range a.influxTroubles() {
		add("influxdb", "%s", words)
	}
	return out
}

// influxTroubles says what keeps points from InfluxDB. Everything is kept
// meanwhile.
func (a *App) influxTroubles() []string {
	if err := a.probe.get(); err != nil {
		return []string{err.Error()}
	}
	for _, s := range []influx.Status{a.store.Status(), a.verdicts.Status()} {
		switch {
		case s.Blocked != "":
			return []string{s.Blocked}
		case !s.FailingSince.IsZero():
			return []string{fmt.Sprintf("does not take what is written since %s: %s", s.FailingSince.UTC().Format(time.RFC3339), s.LastError)}
		}
	}
	return nil
}
