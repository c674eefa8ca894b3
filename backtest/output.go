package backtest

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Output makes of recorded samples what lines made: the slots that live samples
// would have made, each line by itself, in the order of its machines' times. It
// knows no phases. Not safe for concurrent use.
type Output struct {
	def      *rules.Definition
	interval time.Duration
	lines    map[[2]string]*outputLine // nil: not enrolled
	order    []*outputLine
	slots    []plant.OutputSlot
	made     int
}

type outputLine struct {
	state *rules.State
	seq   uint64
}

// NewOutput returns an Output of the lines of def, which must be indexed.
// interval is the time between two samples of a machine, where that is longer
// than the registry says.
func NewOutput(def *rules.Definition, interval time.Duration) *Output {
	return &Output{def: def, interval: interval, lines: map[[2]string]*outputLine{}}
}

// Add takes one sample. Those of plants and lines that nobody enrolled make no
// output.
func (o *Output) Add(x *plant.Sample) {
	key := [2]string{x.Plant, x.Line}
	l, known := o.lines[key]
	if !known {
		l = o.begin(x)
		o.lines[[2]string{key[0], key[1]}] = l
	}
	if l == nil {
		return
	}
	l.seq++
	o.take(l.state.Step(rules.Event{Kind: rules.SampleSeen, Seq: l.seq, At: x.Stamp, Sample: x}))
}

// begin enrols the line of x alone, from the beginning of the sample's slot.
func (o *Output) begin(x *plant.Sample) *outputLine {
	p := o.def.Registry.Plant(x.Plant)
	if p == nil || p.Line(x.Line) == nil {
		return nil
	}
	line, alone := *p.Line(x.Line), *p
	if o.interval > line.Interval.Every && !line.Interval.OnChange {
		line.Interval.Every = o.interval
	}
	alone.Lines, alone.Gateways, alone.Excluded = []*plant.Line{&line}, nil, nil
	reg := &plant.Registry{Plants: []*plant.Plant{&alone}, Calendars: o.def.Registry.Calendars, Holidays: o.def.Registry.Holidays}
	reg.Index()
	def := *o.def
	def.Registry, def.Rules.Custom = reg, nil // alerts are of no use here
	l := &outputLine{state: rules.NewState(&def)}
	l.state.Patient()
	begin := x.Stamp - 1
	begin -= (begin%quarter + quarter) % quarter
	l.state.Step(rules.Event{Kind: rules.Tick, At: begin})
	o.order = append(o.order, l)
	return l
}

const quarter = plant.Instant(15 * time.Minute)

// take keeps the slots in which anything was seen: what a recording does not
// hold says nothing.
func (o *Output) take(r *rules.Result) {
	for _, x := range r.Slots {
		if x.Seen() {
			o.slots = append(o.slots, x)
			o.made++
		}
	}
}

// Slots returns what was closed since the last call. It is valid until the next
// Add.
func (o *Output) Slots() []plant.OutputSlot {
	out := o.slots
	o.slots = o.slots[:0]
	return out
}

// End closes what is open; Slots returns it. Only Made and Late may be asked
// for afterwards.
func (o *Output) End() {
	for _, l := range o.order {
		o.take(l.state.Flush())
	}
}

// Made is how many slots there were.
func (o *Output) Made() int { return o.made }

// Late is how many amounts came for slots that were closed: their machine's
// samples were out of order by more than the rules' lateness.
func (o *Output) Late() (n uint64) {
	for _, l := range o.order {
		n += l.state.Late()
	}
	return n
}
