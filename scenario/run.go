package scenario

import (
	"context"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Run plays the scenario. Where something does not hold it is played again,
// to look at what was known then. The error is one of ctx alone.
func (s *Scenario) Run(ctx context.Context) (*Report, error) {
	o, err := s.play(ctx, nil)
	if err != nil {
		return nil, err
	}
	out := s.check(o)
	if len(out.Failures) == 0 {
		return out, nil
	}
	if o, err = s.play(ctx, o.asked); err != nil {
		return nil, err
	}
	return s.check(o), nil
}

// play plays it once, and looks also at what also names.
func (s *Scenario) play(ctx context.Context, also []viewKey) (*outcome, error) {
	stops, wanted := s.stops(also)
	o := &outcome{
		wanted: wanted, clock: &s.clock, end: s.end, lateness: time.Duration(s.rules.Resume.Lateness),
		views: map[viewKey]rules.PlantView{}, times: map[timesKey]rules.LineTimes{},
	}
	def := &rules.Definition{Version: "scenario", Registry: s.registry, Rules: s.rules}
	report, err := backtest.Run(ctx, s.records.open, backtest.Options{
		Definition: def,
		From:       s.clock.start, To: s.end, Keep: true, Shifts: true, Stops: stops, Progress: s.Progress,
		Look: func(at plant.Instant, id string, state *rules.State) { o.look(s.registry.Plant(id), at, state) },
	})
	if err != nil {
		return nil, err
	}
	o.report, o.fleet = report, fleet.New(def, s.clock.start)
	o.index()
	o.fleet.Tell(report.Transitions, report.Windows)
	return o, nil
}

// check holds what was said against what is expected.
func (s *Scenario) check(o *outcome) *Report {
	out := &Report{Name: s.Name, File: s.File, Failures: []Failure{}}
	for _, e := range s.expect {
		out.Expectations += e.count()
		out.Failures = append(out.Failures, e.check(o)...)
	}
	if s.nothingElse > 0 {
		out.Expectations++
		out.Failures = append(out.Failures, s.others(o)...)
	}
	for i := range out.Failures {
		out.Failures[i].Evidence = once(out.Failures[i].Evidence)
	}
	return out
}

// stops are the instants at which somebody wants to see something, and the
// end.
func (s *Scenario) stops(also []viewKey) (stops []plant.Instant, wanted map[viewKey]bool) {
	wanted = map[viewKey]bool{}
	for _, key := range also {
		wanted[key] = true
	}
	for _, e := range s.expect {
		if m, ok := e.(*moment); ok {
			wanted[viewKey{m.plant, m.at}] = true
		}
	}
	stops = []plant.Instant{s.end}
	for key := range wanted {
		stops = append(stops, key.at)
	}
	slices.Sort(stops)
	return slices.Compact(stops), wanted
}

// others says what changed of plants and lines whose changes nobody expected.
func (s *Scenario) others(o *outcome) (out []Failure) {
	told := map[string]bool{}
	for _, e := range s.expect {
		if c, ok := e.(*changes); ok {
			told[c.subject.String()] = true
		}
	}
	check := func(who subject) {
		if told[who.String()] {
			return
		}
		f := Failure{Line: who.place, What: who.String() + ": changes, and nothing_else is set"}
		for _, t := range o.changes(&who, 0, 0) {
			f.row("", got(t, nil, o.clock), false)
		}
		if f.wrong > 0 {
			out = append(out, f)
		}
	}
	for _, p := range s.registry.Plants {
		check(subject{plant: p.ID, place: s.nothingElse})
		for _, l := range p.Lines {
			check(subject{plant: p.ID, line: l.ID, place: s.nothingElse})
		}
	}
	for _, who := range o.alerts() {
		who.place = s.nothingElse
		check(who)
	}
	return out
}
