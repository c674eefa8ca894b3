package scenario

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Report is what a scenario came to.
type Report struct {
	Name         string    `json:"name"`
	File         string    `json:"file"`
	Expectations int       `json:"expectations"`
	Failures     []Failure `json:"failures"`
}

// Failure is one expectation that does not hold.
type Failure struct {
	Line     int      `json:"line"` // in the file
	What     string   `json:"what"`
	Rows     []Row    `json:"rows"`
	Evidence []string `json:"evidence"`
	wrong    int
}

// Row is what was expected beside what was got; either may be empty.
type Row struct {
	Want  string `json:"want"`
	Got   string `json:"got"`
	Holds bool   `json:"holds"`
}

// text compares words; "" asks for none.
func (f *Failure) text(name, want, got string) {
	if want != "" {
		f.row(name+": "+want, name+": "+got, want == got)
	}
}

func (f *Failure) bool(name string, want *bool, got bool) {
	if want != nil {
		f.text(name, strconv.FormatBool(*want), strconv.FormatBool(got))
	}
}

func (f *Failure) time(o *outcome, name string, want, got plant.Instant) {
	if want != 0 {
		text := "never"
		if got != 0 {
			text = o.clock.write(got)
		}
		f.row(name+": "+o.clock.write(want), name+": "+text, want == got)
	}
}

func (f *Failure) figure(name string, want *figure, got *float64) {
	if want != nil {
		f.row(name+": "+want.want(), name+": "+want.write(got), want.agrees(got))
	}
}

func (f *Failure) row(want, got string, holds bool) {
	f.Rows = append(f.Rows, Row{want, got, holds})
	if !holds {
		f.wrong++
	}
}

// outcome is what the rules said of a scenario.
type outcome struct {
	clock    *clock
	end      plant.Instant
	lateness time.Duration
	report   *backtest.Report
	fleet    *fleet.Fleet
	views    map[viewKey]rules.PlantView
	times    map[timesKey]rules.LineTimes
	// asked are instants of which evidence wants to know more.
	asked []plant.Instant
}

type viewKey struct {
	plant string
	at    plant.Instant
}

type timesKey struct {
	plant, line string
	at          plant.Instant
}

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

// play plays it once, and looks also at the instants that also names.
func (s *Scenario) play(ctx context.Context, also []plant.Instant) (*outcome, error) {
	o := &outcome{
		clock: &s.clock, end: s.end, lateness: time.Duration(s.rules.Resume.Lateness),
		views: map[viewKey]rules.PlantView{}, times: map[timesKey]rules.LineTimes{},
	}
	def := &rules.Definition{Version: "scenario", Registry: s.registry, Rules: s.rules}
	report, err := backtest.Run(ctx, s.records.open, backtest.Options{
		Definition: def,
		From:       s.clock.start, To: s.end, Keep: true, Stops: s.stops(also),
		Look: func(at plant.Instant, id string, state *rules.State) { o.look(s.registry.Plant(id), at, state) },
	})
	if err != nil {
		return nil, err
	}
	o.report, o.fleet = report, fleet.New(def, s.clock.start)
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
	if s.nothingElse {
		out.Expectations++
		out.Failures = append(out.Failures, s.others(o)...)
	}
	for i := range out.Failures {
		out.Failures[i].Evidence = once(out.Failures[i].Evidence)
	}
	return out
}

// once keeps the first of equal texts.
func once(all []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(text string) bool {
		was := seen[text]
		seen[text] = true
		return was
	})
}

// stops are the instants that somebody wants to see, and the end.
func (s *Scenario) stops(also []plant.Instant) []plant.Instant {
	stops := append([]plant.Instant{s.end}, also...)
	for _, e := range s.expect {
		if m, ok := e.(*moment); ok {
			stops = append(stops, m.at)
		}
	}
	slices.Sort(stops)
	return slices.Compact(stops)
}

func (o *outcome) look(p *plant.Plant, at plant.Instant, state *rules.State) {
	if v, ok := state.View(p.ID); ok {
		o.views[viewKey{p.ID, at}] = v
	}
	for _, l := range p.Lines {
		o.times[timesKey{p.ID, l.ID, at}], _ = state.LineTimes(p.ID, l.ID)
	}
}

func (o *outcome) view(id string, at plant.Instant) rules.PlantView { return o.views[viewKey{id, at}] }

// others says what changed of plants and lines whose changes nobody expected.
func (s *Scenario) others(o *outcome) (out []Failure) {
	told := map[string]bool{}
	for _, e := range s.expect {
		if c, ok := e.(*changes); ok {
			told[c.String()] = true
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
		check(subject{plant: p.ID})
		for _, l := range p.Lines {
			check(subject{plant: p.ID, line: l.ID})
		}
	}
	return out
}

// changes is what was told of a plant or line in [from, to], as a backtest
// tells it, each with its evidence.
func (o *outcome) changes(who *subject, from, to plant.Instant) (out []*plant.Transition) {
	within := func(at plant.Instant) bool { return at >= from && (to == 0 || at <= to) }
	if who.line != "" {
		for i := range o.report.Lines {
			if x := &o.report.Lines[i]; x.Plant == who.plant && x.Line == who.line && within(x.At) {
				out = append(out, o.transition(plant.KindLine, who, x.At, x.From, false))
			}
		}
		return out
	}
	for i := range o.report.Phases {
		if x := &o.report.Phases[i]; x.Plant == who.plant && within(x.At) {
			out = append(out, o.transition(plant.KindPhase, who, x.At, x.From, x.First))
		}
	}
	return out
}

// transition is the last one told of that instant, which stands.
func (o *outcome) transition(kind string, who *subject, at plant.Instant, from string, first bool) *plant.Transition {
	var last plant.Transition
	for _, t := range o.report.Transitions {
		if t.Kind == kind && t.Plant == who.plant && t.Line == who.line && t.At == at {
			last = t
		}
	}
	last.From, last.First = from, first
	return &last
}

// window is the closed window of a plant that ends then; nil: there is none.
func (o *outcome) window(id string, end plant.Instant) *rules.Window {
	for i := range o.report.Windows {
		if w := &o.report.Windows[i]; w.Plant == id && w.Verdict.To == end {
			return w
		}
	}
	return nil
}

func (s *Scenario) String() string { return fmt.Sprintf("%s (%s)", s.Name, s.File) }
