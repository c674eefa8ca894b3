package backtest

import (
	"context"
	"errors"
	"io"

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
