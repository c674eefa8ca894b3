package scenario

import (
	"time"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// outcome is what the rules said of a scenario.
type outcome struct {
	clock    *clock
	end      plant.Instant
	lateness time.Duration
	report   *backtest.Report
	told     map[name]*told
	windows  map[string][]*rules.Window // of each plant, in order
	fleet    *fleet.Fleet
	views    map[viewKey]rules.PlantView
	times    map[timesKey]rules.LineTimes
	// asked is what evidence wants to know more of.
	asked []viewKey
	// wanted is what is looked at; of the end, all of it.
	wanted map[viewKey]bool
}

type viewKey struct {
	plant string
	at    plant.Instant
}

type timesKey struct {
	plant, line string
	at          plant.Instant
}

func (o *outcome) look(p *plant.Plant, at plant.Instant, state *rules.State) {
	key := viewKey{p.ID, at}
	if !o.wanted[key] && at != o.end {
		return
	}
	if v, ok := state.View(p.ID); ok {
		o.views[key] = v
	}
	for _, l := range p.Lines {
		o.times[timesKey{p.ID, l.ID, at}], _ = state.LineTimes(p.ID, l.ID)
	}
}

func (o *outcome) view(id string, at plant.Instant) rules.PlantView { return o.views[viewKey{id, at}] }

// told is what was told of one plant, one line or one alert.
type told struct {
	at          []plant.Instant // of the changes that stand
	from        []string
	first       []bool
	transitions map[plant.Instant]*plant.Transition // the last of each instant
}

// name is whose it is.
type name struct{ plant, line, machine, rule string }

// index sorts what the rules said by plant and line.
func (o *outcome) index() {
	o.told, o.windows = map[name]*told{}, map[string][]*rules.Window{}
	of := func(key name) *told {
		if o.told[key] == nil {
			o.told[key] = &told{transitions: map[plant.Instant]*plant.Transition{}}
		}
		return o.told[key]
	}
	for i := range o.report.Transitions {
		t := &o.report.Transitions[i]
		key := name{plant: t.Plant, line: t.Line, machine: t.Machine}
		if t.Alert != nil {
			key.rule = t.Alert.Rule
		}
		of(key).transitions[t.At] = t
	}
	for i := range o.report.Phases {
		x := &o.report.Phases[i]
		of(name{plant: x.Plant}).add(x.At, x.From, x.First)
	}
	for i := range o.report.Lines {
		x := &o.report.Lines[i]
		of(name{plant: x.Plant, line: x.Line}).add(x.At, x.From, false)
	}
	for i := range o.report.Alerts {
		x := &o.report.Alerts[i]
		of(name{x.Plant, x.Line, x.Machine, x.Rule}).add(x.At, x.From, false)
	}
	for i := range o.report.Windows {
		w := &o.report.Windows[i]
		o.windows[w.Plant] = append(o.windows[w.Plant], w)
	}
}

func (t *told) add(at plant.Instant, from string, first bool) {
	t.at, t.from, t.first = append(t.at, at), append(t.from, from), append(t.first, first)
}

// changes is what was told of a plant, line or alert in [from, to], as a backtest
// tells it, each with its evidence.
func (o *outcome) changes(who *subject, from, to plant.Instant) (out []*plant.Transition) {
	t := o.told[name{who.plant, who.line, who.machine, who.rule}]
	if t == nil {
		return nil
	}
	for i, at := range t.at {
		if at < from || to != 0 && at > to {
			continue
		}
		x := *t.transitions[at]
		x.From = t.from[i]
		if who.kind() == plant.KindPhase {
			x.First = t.first[i]
		}
		out = append(out, &x)
	}
	return out
}

// window is the closed window of a plant that ends then; nil: there is none.
func (o *outcome) window(id string, end plant.Instant) *rules.Window {
	for _, w := range o.windows[id] {
		if w.Verdict.To == end {
			return w
		}
	}
	return nil
}
