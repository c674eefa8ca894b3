package backtest

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// maxProblems bounds the records that are told of one by one.
const maxProblems = 20

// Options say what is played.
type Options struct {
	Definition *rules.Definition
	// From and To bound the records by their At, both included; 0: no bound.
	// A plant is enrolled from From, else from its first sample; the clock
	// ends with To, else with the last record.
	From, To plant.Instant
	// Together enrols every plant at the first record, those that nothing was
	// recorded of as well: the registry is what a fleet's figures count.
	Together bool
	// Progress is called now and then with how many records were read; nil ok.
	Progress func(records int)
	// Look is called at each of Stops, which increase, for every plant that is
	// enrolled by then, once all is played that arrived up to that instant.
	// The state is lent. Looking changes nothing of what is told.
	Stops []plant.Instant
	Look  func(at plant.Instant, plant string, state *rules.State)
	// NoLines leaves line states out: a recording of slots knows none.
	NoLines bool
	// Keep has the report hold every closed window and every transition.
	Keep bool
	// Shifts has the result hold what lines made of every shift that closed.
	Shifts bool
}

// Report is what a run came to.
type Report struct {
	Result
	// From and To are the time that was played.
	From, To plant.Instant
	Records  int
	Strange  map[string]int // samples of plants, or plant/line/machine, that nobody enrolled
	Problems []error        // records that could not be read: the first of them
	Unread   int            // all of them
	// With Options.Keep: in the order of the registry, and of each plant in
	// the order they were made.
	Windows     []rules.Window
	Transitions []plant.Transition
	// Failures are custom rules that could not be evaluated: the first of each.
	Failures []rules.RuleFailure
	// Views are what the board would show in the end.
	Views []rules.PlantView
}

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

// Open begins to read the recording from its start.
type Open func() (history.Reader, io.Closer, error)

// Run plays a recording. Where baselines are made of history, it is read
// twice: first for them, whole, whatever From and To say. An error is one of
// reading; records that cannot be understood are told in the report, and the
// others played.
func Run(ctx context.Context, open Open, opts Options) (*Report, error) {
	if h := rules.NewHistory(opts.Definition); opts.Definition.Baselines == nil && !h.Empty() {
		first := opts
		first.From, first.To, first.Stops, first.Keep, first.Shifts = 0, 0, nil, false, false
		bare := *opts.Definition
		bare.Rules.Custom = nil
		first.Definition = &bare
		p := newPlayer(first)
		p.collect = h
		if err := p.read(ctx, open); err != nil {
			return nil, err
		}
		p.finish()
		def := *opts.Definition
		def.Baselines = h.Baselines()
		opts.Definition = &def
	}
	p := newPlayer(opts)
	if err := p.read(ctx, open); err != nil {
		return nil, err
	}
	return p.finish(), nil
}

// read plays the whole recording.
func (p *player) read(ctx context.Context, open Open) error {
	r, closer, err := open()
	if err != nil {
		return err
	}
	defer closer.Close()
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if plant.CodeOf(err) == plant.CodeInvalid {
			p.unread(err)
			continue
		}
		if err != nil {
			return err
		}
		if p.opts.To != 0 && rec.At > p.opts.To {
			continue // a file of many machines is in order for each of them
		}
		p.play(&rec)
		if p.out.Records&0xffff == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if p.opts.Progress != nil {
				p.opts.Progress(p.out.Records)
			}
		}
	}
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
