package app

import (
	"context"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/collector/pulse"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

// watch is what is seen of each machine and gateway. The loop owns its
// tracker; others look between two messages.
type watch struct {
	tracker *pulse.Tracker
	loop    *collector.Loop
}

// watchConfig is that of a tracker whose decimal counters are those of
// profiles, and that listens from now on.
func watchConfig(profiles []*collector.Profile, now plant.Instant) pulse.Config {
	cfg := pulse.Config{Resumed: now}
	for _, p := range profiles {
		for _, k := range p.Counters {
			if k.Decimal {
				cfg.Decimal = append(cfg.Decimal, k.Field)
			}
		}
	}
	return cfg
}

// observe is the loop's: it says by how many the machine's missing sequence
// numbers became more.
func (w *watch) observe(s *plant.Sample) int64 { return w.tracker.Observe(s, s.Arrived).Gaps }

// machines returns what is seen of the machines and gateways of one plant.
func (w *watch) machines(ctx context.Context, plantID string) (console.Watched, error) {
	out := console.Watched{Machines: []console.WatchedMachine{}, Gateways: []console.WatchedGateway{}}
	err := w.loop.Between(ctx, func() {
		for m := range w.tracker.Machines {
			if m.Plant == plantID {
				out.Machines = append(out.Machines, shapeMachine(&m))
			}
		}
		for g := range w.tracker.Gateways {
			if g.Plant == plantID {
				out.Gateways = append(out.Gateways, shapeGateway(&g))
			}
		}
	})
	return out, err
}

func shapeMachine(m *pulse.Machine) console.WatchedMachine {
	out := console.WatchedMachine{
		Line: m.Line, Machine: m.Machine, Gateway: m.Gateway, Samples: m.Samples, First: m.First, Last: m.Last,
		IntervalS: m.Interval.Seconds(), OnChange: m.OnChange, Numbered: m.Numbered, Missing: m.Missing, Resets: m.Resets,
		Repeats: m.Repeats, Late: m.Late, Future: m.Future, Jumps: m.Jumps, Retained: m.Retained, Draining: m.Draining,
		Counters: []console.WatchedCounter{},
	}
	if m.Timed {
		offset := m.Offset.Seconds()
		out.OffsetS = &offset
	}
	for _, c := range m.Counters {
		out.Counters = append(out.Counters, console.WatchedCounter{
			Name: c.Name, Delta: c.Delta, Looks: c.Looks, Last: c.Last, Smallest: c.Smallest, Typical: c.Typical, Largest: c.Largest,
			Falls: c.Falls, Resets: c.Resets, Rollovers: c.Rollovers, Implausible: c.Implausible,
		})
	}
	return out
}

func shapeGateway(g *pulse.Gateway) console.WatchedGateway {
	out := console.WatchedGateway{
		Gateway: g.Gateway, Samples: g.Samples, Last: g.Last, Clock: string(g.Clock), ZoneS: g.Zone.Seconds(),
		Future: g.Future, Late: g.Late, Backlogs: g.Backlogs, Jumps: g.Jumps, Draining: g.Draining,
	}
	if g.HasOffset {
		offset := g.Offset.Seconds()
		out.OffsetS = &offset
	}
	return out
}

// gateways returns what is seen of every gateway.
func (w *watch) gateways(ctx context.Context) (out []pulse.Gateway, err error) {
	err = w.loop.Between(ctx, func() {
		for g := range w.tracker.Gateways {
			out = append(out, g)
		}
	})
	return out, err
}

// points is what is seen of every gateway, as data.
func (w *watch) points(ctx context.Context) ([]influx.Gateway, error) {
	all, err := w.gateways(ctx)
	out := make([]influx.Gateway, 0, len(all))
	for _, g := range all {
		out = append(out, influx.Gateway{
			Plant: g.Plant, Gateway: g.Gateway, Clock: string(g.Clock), Offset: g.Offset, HasOffset: g.HasOffset,
			Samples: g.Samples, Future: g.Future, Late: g.Late, Backlogs: g.Backlogs, Jumps: g.Jumps, Draining: g.Draining,
		})
	}
	return out, err
}

// total adds up what is seen of all machines.
type total struct {
	missing, resets, repeats, retained uint64
	untracked                          uint64
}

func (w *watch) total(ctx context.Context) (t total, err error) {
	err = w.loop.Between(ctx, func() {
		for m := range w.tracker.Counts {
			t.missing += m.Missing
			t.resets += m.Resets
			t.repeats += m.Repeats
			t.retained += m.Retained
		}
		t.untracked = w.tracker.Beyond().Samples
	})
	return t, err
}

// watchTimeout bounds what a scrape waits for the loop.
const watchTimeout = time.Second
