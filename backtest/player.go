package backtest

import (
	"slices"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// player plays records, each plant through a state of its own: plants know
// nothing of each other, and each begins when it is enrolled.
type player struct {
	opts      Options
	plants    map[string]*played
	order     []*played
	listening bool
	collect   *rules.History // what baselines are made of; nil: nothing
	last      plant.Instant
	out       Report
}

// played is one plant.
type played struct {
	def   *rules.Definition
	state *rules.State // nil before it is enrolled
	seq   uint64
	told  []plant.Transition
	kept  bool // closed windows are
	wins  []rules.Window
	fails []rules.RuleFailure // the first of each rule
	// shifts are kept where asked, into the result.
	shifts *[]plant.ShiftFigures
}

func newPlayer(opts Options) *player {
	p := &player{opts: opts, plants: map[string]*played{}, listening: true}
	p.out.Strange = map[string]int{}
	reg := opts.Definition.Registry
	for _, conf := range reg.Plants {
		one := &plant.Registry{Plants: []*plant.Plant{conf}, Calendars: reg.Calendars, Holidays: reg.Holidays}
		one.Index()
		def := *opts.Definition
		def.Registry = one
		x := &played{def: &def, kept: opts.Keep}
		if opts.Shifts {
			x.shifts = &p.out.Shifts
		}
		p.plants[conf.ID] = x
		p.order = append(p.order, x)
		if opts.From != 0 {
			p.enrol(x, opts.From)
		}
	}
	return p
}

// enrol begins x at that instant.
func (p *player) enrol(x *played, at plant.Instant) {
	x.state = rules.NewState(x.def)
	if p.collect != nil {
		x.state.Collect(p.collect)
	}
	x.step(rules.Event{Kind: rules.Tick, At: at})
	if !p.listening {
		x.step(rules.Event{Kind: rules.Listening, At: at})
	}
}

func (x *played) step(ev rules.Event) {
	x.seq++
	ev.Seq = x.seq
	res := x.state.Step(ev)
	x.told = append(x.told, res.Transitions...)
	for _, f := range res.Failures {
		if f.First {
			x.fails = append(x.fails, f)
		}
	}
	if x.kept {
		x.wins = append(x.wins, res.Windows...)
	}
	if x.shifts != nil {
		*x.shifts = append(*x.shifts, res.Shifts...)
	}
}

// look stops at every stop before at.
func (p *player) look(at plant.Instant) {
	for len(p.opts.Stops) > 0 && p.opts.Stops[0] < at {
		stop := p.opts.Stops[0]
		p.opts.Stops = p.opts.Stops[1:]
		for _, x := range p.order {
			if x.state != nil {
				x.step(rules.Event{Kind: rules.Tick, At: stop})
				p.opts.Look(stop, x.def.Registry.Plants[0].ID, x.state)
			}
		}
	}
}

func (p *player) unread(err error) {
	p.out.Unread++
	if len(p.out.Problems) < maxProblems {
		p.out.Problems = append(p.out.Problems, err)
	}
}

func (p *player) play(rec *history.Record) {
	p.look(rec.At)
	if p.opts.Together && p.out.Records == 0 && p.opts.From == 0 {
		for _, x := range p.order {
			p.enrol(x, rec.At)
		}
	}
	if p.out.Records++; p.out.From == 0 || rec.At < p.out.From {
		p.out.From = rec.At
	}
	p.last = max(p.last, rec.At)
	if rec.Kind == history.Listening {
		p.listening = rec.Up
		for _, x := range p.order {
			if x.state != nil { // what was so before From is so from then on
				x.step(rules.Event{Kind: rules.Listening, At: max(rec.At, p.opts.From), Up: rec.Up})
			}
		}
		return
	}
	x := p.plants[rec.Plant]
	if x == nil {
		if rec.Kind == history.Sample {
			p.strange(rec.Plant)
		}
		return
	}
	if rec.Kind == history.Sample && !x.enrolled(rec.Sample) {
		p.strange(rec.Plant + "/" + rec.Sample.Line + "/" + rec.Sample.Machine)
	}
	if rec.At < p.opts.From {
		return
	}
	switch {
	case rec.Kind == history.Slot:
		if x.state == nil {
			p.enrol(x, rec.At)
		}
		x.step(rules.Event{Kind: rules.SlotSeen, At: rec.At, Slot: rec.Slot})
	case rec.Kind == history.Sample:
		if x.state == nil {
			p.enrol(x, rec.At)
		}
		x.step(rules.Event{Kind: rules.SampleSeen, At: rec.At, Sample: rec.Sample})
	case x.state == nil: // links and declarations say nothing before the first sample
	case rec.Kind == history.Declared:
		x.step(rules.Event{Kind: rules.Declared, At: rec.At, Plant: rec.Plant, Declaration: rec.Declaration})
	default:
		x.step(rules.Event{Kind: rules.GatewayLink, At: rec.At, Plant: rec.Plant, Gateway: rec.Gateway, Up: rec.Up})
	}
}

// strange counts a sample of what is not in the registry.
func (p *player) strange(id string) {
	if len(p.out.Strange) < maxProblems || p.out.Strange[id] > 0 {
		p.out.Strange[id]++
	}
}

// enrolled reports whether the registry has the sample's machine.
func (x *played) enrolled(s *plant.Sample) bool {
	l := x.def.Registry.Plants[0].Line(s.Line)
	return l != nil && slices.Contains(l.Machines, s.Machine)
}

func (p *player) finish() *Report {
	end := p.opts.To
	if end == 0 {
		end = p.last
	}
	p.out.From, p.out.To = max(p.out.From, p.opts.From), end
	p.look(end + 1)
	for _, x := range p.order {
		if x.state == nil {
			continue
		}
		x.step(rules.Event{Kind: rules.Tick, At: end})
		if p.opts.NoLines {
			x.told = slices.DeleteFunc(x.told, func(t plant.Transition) bool { return t.Kind != plant.KindPhase })
		}
		p.out.add(x.told)
		for _, f := range x.fails {
			if !slices.ContainsFunc(p.out.Failures, func(o rules.RuleFailure) bool { return o.Rule == f.Rule }) {
				p.out.Failures = append(p.out.Failures, f)
			}
		}
		if x.kept {
			p.out.Windows = append(p.out.Windows, x.wins...)
			p.out.Transitions = append(p.out.Transitions, x.told...)
			p.out.Views = append(p.out.Views, x.state.Views()...)
		}
	}
	p.out.Result.finish()
	return &p.out
}
