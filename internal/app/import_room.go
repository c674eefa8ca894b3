package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

// imported is what the ledger has of imports.
func (a *App) imported() (t collector.Tally) {
	all, _ := a.ledger()
	for _, p := range all {
		if p.Source == collector.ImportSource {
			t.Add(p.Tally)
		}
	}
	return t
}

// room waits until an import is in nobody's way.
func (i *importer) room(ctx context.Context) error { return i.await(ctx, i.pressed) }

// unsettled says what of earlier imports is still on its way; "": nothing.
func (i *importer) unsettled(context.Context) string {
	if _, complete := i.app.ledger(); !complete {
		return "the ledger is being read from the queue"
	}
	i.mu.Lock()
	ending := i.open != nil && i.open.ending && !i.over(i.open)
	i.mu.Unlock()
	if ending {
		return "the output of an earlier one is being made"
	}
	if n := i.app.imported().InFlight(); n > 0 {
		return fmt.Sprintf("%d samples of an earlier one are not in InfluxDB yet", n)
	}
	return ""
}

// await waits until nothing speaks against going on.
func (i *importer) await(ctx context.Context, against func(context.Context) string) error {
	ctx, cancel := context.WithTimeout(ctx, importWait)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		why := against(ctx)
		if why == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return plant.Errorf(plant.CodeUnavailable, "the import waits: %s", why)
		case <-poll.C:
		}
	}
}

// pressed says why an import has to wait; "" where it has not.
func (i *importer) pressed(ctx context.Context) string {
	a := i.app
	if err := a.loop.Health(); err != nil {
		return err.Error()
	}
	if n := a.imported().InFlight(); n > importInFlight {
		return fmt.Sprintf("%d samples of it are not in InfluxDB yet", n)
	}
	if behind := a.opt.Clock().Sub(plant.Instant(a.worker.at.Load()).Time()); behind > importBehind {
		return fmt.Sprintf("the rules are %s behind", behind.Round(time.Second))
	}
	stats, err := a.queue.Stats(ctx)
	if err != nil {
		return err.Error()
	}
	if last := stats.Results + stats.ResultsDropped; last > stats.ResultsAcked+importResults {
		return fmt.Sprintf("%d documents with output are not in InfluxDB yet", last-stats.ResultsAcked)
	}
	return ""
}

// run gives up imports whose client is gone, until ctx ends.
func (i *importer) run(ctx context.Context) error {
	tick := time.NewTicker(importIdle / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if i.idle() == nil {
			continue
		}
		if x, err := i.giveUp(ctx); x != nil && err == nil {
			i.app.log.Warn("an import is given up: nothing came of it any more; import again, what is in already stays as it is", "name", x.name)
		}
	}
}

// giveUp ends the import that is idle, nil where none is any more: a part of it
// may have had the turn.
func (i *importer) giveUp(ctx context.Context) (*importing, error) {
	if err := i.begin(ctx); err != nil {
		return nil, err
	}
	defer i.end()
	x := i.idle()
	if x == nil {
		return nil, nil
	}
	return x, i.close(ctx, x)
}

// fit says which machines of a plan can make no output, and why. Where that is
// all of them, it is a CodeInvalid error.
func (a *App) fit(plan *console.ImportPlan) ([]console.RefusedMachine, error) {
	out := []console.RefusedMachine{}
	reg := a.loaded().Registry
	for _, m := range plan.Machines {
		if why := unfit(reg.Plant(m.Plant), &m); why != "" {
			out = append(out, console.RefusedMachine{Plant: m.Plant, Line: m.Line, Machine: m.Machine, Why: why})
		}
	}
	if len(out) > 0 && len(out) == len(plan.Machines) {
		return nil, plant.Errorf(plant.CodeInvalid, "nothing of %s can be imported: %s", plan.Name, out[0].Why)
	}
	return out, nil
}

// unfit says why a machine's samples could make no output; "": they can.
func unfit(p *plant.Plant, m *console.PlannedMachine) string {
	name := fmt.Sprintf("machine %s of line %s of plant %s", m.Machine, m.Line, m.Plant)
	var l *plant.Line
	if p != nil {
		l = p.Line(m.Line)
	}
	switch {
	case l == nil || !slices.Contains(l.Machines, m.Machine):
		return name + " is not in the registry: enrol it, with its counter, so that its history means something"
	case !l.IsCommissioned():
		return name + " is not commissioned, and its history would be in no figure: heartline confirm " + m.Plant + "/" + m.Line
	case !l.Counts(m.Machine):
		return ""
	case !slices.Contains(m.Fields, l.Counter.Field):
		return fmt.Sprintf("%s counts the field %q, and no row of it has that; it has %q: let field: of the format, or counter.field of the registry, say the same", name, l.Counter.Field, m.Fields)
	case m.Kind != "" && l.Counter.Kind != "" && m.Kind != l.Counter.Kind:
		return fmt.Sprintf("%s counts a %s by the registry, and a %s by the file's format: they are stored in the same field, so both must say the same", name, l.Counter.Kind, m.Kind)
	}
	return ""
}
