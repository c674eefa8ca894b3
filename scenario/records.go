package scenario

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

// maxSamples bounds what a scenario makes: a year of a sample a minute takes
// half a million.
const maxSamples = 2_000_000

// recording is everything that reaches us, in the order of arrival.
type recording struct {
	rows    []row
	courses []course
	made    int // samples, sent or not
	// readings are what samples show beside the counter; the first is none.
	readings [][]plant.Field
}

// row is one record. It is small: a scenario may hold millions.
type row struct {
	at     plant.Instant // of arrival
	stamp  plant.Instant
	total  float64
	state  string
	course int32 // index of the sample's machine; -1: none
	reads  int32 // index of its readings
	rank   int8  // of records with the same at: what comes back first, what goes last
	bad    bool
	// Of what is no sample, one of these.
	link *link
	up   bool // the link comes back
	said *plant.Declaration
}

const (
	rankUp = iota
	rankSample
	rankDown
)

// run makes the records of one course: a sample where it begins, and then one
// every so often.
func (r *recording) run(c course) error {
	g := generator{r: r, c: &c, index: int32(len(r.courses)), now: c.from, total: c.total, before: c.total}
	r.courses = append(r.courses, c)
	if r.readings == nil {
		r.readings = [][]plant.Field{nil}
	}
	g.shown = math.NaN()
	first := c.stretches[0]
	first.lost = false
	g.state = first.state
	g.show(first.reads)
	g.emit(&first, c.from, c.end(&first, c.from))
	for i := range c.stretches {
		if err := g.stretch(&c.stretches[i]); err != nil {
			return err
		}
	}
	return nil
}

// generator goes along one course.
type generator struct {
	r      *recording
	c      *course
	index  int32
	n      int           // samples so far, sent or not
	now    plant.Instant // where the next stretch begins
	total  float64
	state  string
	reads  int32   // index of what it shows
	shown  float64 // the total that was sent last
	read   int32   // the readings that were
	said   string  // the state that was
	before float64 // the total before, for deltas
}

func (g *generator) stretch(s *stretch) error {
	begin, from, end := g.now, g.total, g.c.end(s, g.now)
	if s.says {
		g.state = s.state
	}
	g.show(s.reads)
	for {
		at := g.c.from.Add(time.Duration(g.n+1) * g.c.every)
		if at > end {
			break
		}
		g.n++
		if g.r.made++; g.r.made > maxSamples {
			return fmt.Errorf("all of it makes more than %d samples; write a longer every, or shorter stretches", maxSamples)
		}
		switch {
		case s.sets:
			g.total = s.total
		case s.rate > 0:
			g.total = from + g.c.made(s.rate, at.Sub(begin))
		default:
			g.total += s.each
		}
		g.emit(s, at, end)
	}
	if s.rate > 0 {
		g.total = from + g.c.made(s.rate, end.Sub(begin))
	}
	g.now = end
	return nil
}

// made is how many counts a rate makes in d: whole ones, unless the counter
// has decimals.
func (c *course) made(rate float64, d time.Duration) float64 {
	made := rate * d.Hours()
	if c.machine.line.Counter.Decimal {
		return made
	}
	return math.Floor(made + 1e-6)
}

// emit sends a sample of now. A machine that reports on change sends none
// without one.
func (g *generator) emit(s *stretch, at, end plant.Instant) {
	if g.c.machine.line.Interval.OnChange && g.total == g.shown && g.state == g.said && g.reads == g.read && !s.bad {
		return
	}
	value := g.total
	if g.c.machine.line.Counter.Kind == plant.KindDelta {
		value -= g.before
	}
	g.shown, g.said, g.read, g.before = g.total, g.state, g.reads, g.total
	if s.lost {
		return
	}
	x := row{at: at, stamp: at.Add(s.ahead), total: value, state: g.state, course: g.index, reads: g.reads, rank: rankSample, bad: s.bad}
	if s.kept {
		x.at = end
	}
	x.at = x.at.Add(s.late)
	g.r.rows = append(g.r.rows, x)
	if s.twice {
		g.r.rows = append(g.r.rows, x)
	}
}

// sort puts the records in order of arrival; what arrives at once, in the
// order of its stamps.
func (r *recording) sort() {
	slices.SortStableFunc(r.rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rank, b.rank), cmp.Compare(a.stamp, b.stamp), cmp.Compare(a.course, b.course))
	})
}

// end is when the last record arrives; 0: there is none.
func (r *recording) end() plant.Instant {
	if len(r.rows) == 0 {
		return 0
	}
	return r.rows[len(r.rows)-1].at
}

// reader reads a recording.
type reader struct {
	r      *recording
	next   int
	sample plant.Sample
	fields []plant.Field
}

var _ history.Reader = (*reader)(nil)

// open implements backtest.Open.
func (r *recording) open() (history.Reader, io.Closer, error) {
	return &reader{r: r}, io.NopCloser(nil), nil
}

// Next implements history.Reader.
func (r *reader) Next() (history.Record, error) {
	if r.next >= len(r.r.rows) {
		return history.Record{}, io.EOF
	}
	x := &r.r.rows[r.next]
	r.next++
	switch {
	case x.link != nil:
		return x.link.record(x.at, x.up), nil
	case x.said != nil:
		return history.Record{Kind: history.Declared, At: x.at, Plant: x.said.Plant, Declaration: x.said}, nil
	}
	c := &r.r.courses[x.course]
	m := c.machine
	f := plant.Field{Name: m.line.Counter.Field, Kind: plant.Int, Int: int64(x.total)}
	if m.line.Counter.Decimal {
		f.Kind, f.Int, f.Float = plant.Float, 0, x.total
	}
	r.fields = fields(r.fields[:0], f, r.r.readings[x.reads])
	r.sample = plant.Sample{
		Plant: m.plant.ID, Line: m.line.ID, Machine: m.id, Broker: "scenario",
		Stamp: x.stamp, Unit: plant.Millisecond, Arrived: x.at, State: x.state, Fields: r.fields,
	}
	if c.gateway != nil {
		r.sample.Gateway = c.gateway.ID
	}
	if x.bad {
		r.sample.Flags |= plant.BadQuality
	}
	return history.Record{Kind: history.Sample, At: x.at, Plant: m.plant.ID, Sample: &r.sample, Line: r.next}, nil
}
