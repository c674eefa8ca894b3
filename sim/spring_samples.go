package sim

import (
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

// springRollover is where totals that roll over do.
const springRollover = 10_000

// SpringSamples are the heartbeats of a Spring, in the order they arrive. It
// implements history.Reader and is not safe for concurrent use.
type SpringSamples struct {
	// Progress is called now and then with how many samples were made; nil ok.
	Progress func(samples int)

	begin   plant.Instant
	rounds  int
	order   []*springMachine // by when in the hour they send
	round   int
	next    int // of order
	pending []springSample
	sample  plant.Sample
	line    int
}

var _ history.Reader = (*SpringSamples)(nil)

// springStandby is the power that a machine draws at most while it stands.
const springStandby = 10

// springMachine is what one plant sends.
type springMachine struct {
	*springPlant
	random *rand.Rand
	exact  float64 // made so far
	good   int64   // told so far
	seq    uint64
	before plant.Instant // of the sample before
	away   int           // rounds that the link or the gateway is away
	lost   bool          // what is sent meanwhile is lost, not kept
	kept   []springSample
}

// springSample is a heartbeat on its way.
type springSample struct {
	m         *springMachine
	at, stamp plant.Instant
	seq       uint64
	good      int64
	power     int64
	state     string
}

// Samples begins to send.
func (s *Spring) Samples() *SpringSamples {
	out := &SpringSamples{begin: springDay(0), rounds: int(springDay(SpringDays()).Sub(springDay(0))/springEvery) + 2}
	for _, p := range s.plants {
		if p.never {
			continue
		}
		out.order = append(out.order, &springMachine{springPlant: p, random: rand.New(rand.NewPCG(s.seed, 1<<41|uint64(p.number)))})
	}
	slices.SortStableFunc(out.order, func(a, b *springMachine) int { return int(a.offset - b.offset) })
	return out
}

// springDay is when a day begins. China has no other offset than this.
func springDay(day int) plant.Instant {
	date := plant.DateNumber(SpringFrom.Number() + day)
	return plant.InstantOf(time.Date(date.Year, date.Month, date.Day, 0, 0, 0, 0, time.UTC).Add(-8 * time.Hour))
}

// Next implements history.Reader.
func (x *SpringSamples) Next() (history.Record, error) {
	for len(x.pending) == 0 {
		if x.next == len(x.order) {
			x.round, x.next = x.round+1, 0
		}
		if x.round == x.rounds {
			return history.Record{}, io.EOF
		}
		m := x.order[x.next]
		x.next++
		x.pending = m.beat(x.begin.Add(time.Duration(x.round)*springEvery+m.offset), x.pending[:0])
	}
	n := x.pending[0]
	x.pending = x.pending[1:]
	if x.line++; x.Progress != nil && x.line&0xffff == 0 {
		x.Progress(x.line)
	}
	n.fill(&x.sample)
	return history.Record{Kind: history.Sample, At: n.at, Plant: n.m.id, Sample: &x.sample, Line: x.line}, nil
}

// beat makes the heartbeat of an hour and returns what arrives then.
func (m *springMachine) beat(at plant.Instant, out []springSample) []springSample {
	s := m.measure(at)
	day := int(at.Sub(springDay(0)) / (24 * time.Hour))
	if day >= m.silent[0] && day < m.silent[1] {
		return out
	}
	switch {
	case m.away > 0:
		m.away--
	case m.random.IntN(600) == 0: // a gap: a few hours that nobody heard
		m.away, m.lost = 1+m.random.IntN(3), true
		if !m.delta {
			m.away += m.random.IntN(5)
		}
	case m.buffers && m.random.IntN(300) == 0:
		m.away, m.lost = 2+m.random.IntN(7), false
	}
	if m.away > 0 {
		if !m.lost {
			m.kept = append(m.kept, s)
		}
		return out
	}
	for _, late := range m.kept {
		late.at = at
		out = append(out, late)
	}
	m.kept = m.kept[:0]
	out = append(out, s)
	if m.random.IntN(500) == 0 {
		out = append(out, s) // the same again
	}
	return out
}

// measure is what the machine reads at that time.
func (m *springMachine) measure(at plant.Instant) springSample {
	made, share := 0.0, 0.0
	for from := m.before; from != 0 && from < at; {
		day := int(from.Sub(springDay(0)) / (24 * time.Hour))
		to := min(at, springDay(day+1))
		share = m.level[min(day, len(m.level)-1)] * (0.9 + 0.2*m.random.Float64())
		made += m.perHour * to.Sub(from).Hours() * share
		from = to
	}
	told := m.good
	m.exact += made
	m.good = int64(math.Floor(m.exact))
	m.before = at
	m.seq++
	s := springSample{m: m, at: at, stamp: at, seq: m.seq, good: m.good, state: "idle", power: int64(2 + 48*share)}
	if share > 0.05 {
		s.state = "running"
	}
	if m.cheat && at >= springDay(30+m.number%10) { // machines idle, meters turn
		s.state, s.power = "running", 28+m.random.Int64N(9)
	}
	switch {
	case m.delta:
		s.good -= told
	case m.rolls:
		s.good %= springRollover
	}
	return s
}

func (s *springSample) fill(x *plant.Sample) {
	*x = plant.Sample{
		Plant: s.m.id, Line: "line", Machine: "m", Broker: "file", Stamp: s.stamp, Arrived: s.at, Unit: plant.Millisecond,
		Seq: s.seq, HasSeq: true, State: s.state, Fields: append(x.Fields[:0],
			plant.Field{Name: "good", Kind: plant.Int, Int: s.good}, plant.Field{Name: "power", Kind: plant.Int, Int: s.power}),
	}
}

// WriteTo writes the samples as NDJSON, as heartline rules backtest reads it.
func (x *SpringSamples) WriteTo(w io.Writer) (written int64, err error) {
	var line []byte
	for {
		rec, err := x.Next()
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return written, err
		}
		s := rec.Sample
		line = strconv.AppendInt(append(line[:0], `{"at":`...), int64(rec.At)/1e6, 10)
		line = strconv.AppendInt(append(line, `,"ts":`...), int64(s.Stamp)/1e6, 10)
		line = append(append(line, `,"plant":"`...), s.Plant...)
		line = append(line, `","line":"line","machine":"m","seq":`...)
		line = strconv.AppendUint(line, s.Seq, 10)
		line = append(append(append(line, `,"state":"`...), s.State...), `","good":`...)
		line = strconv.AppendInt(line, s.Fields[0].Int, 10)
		line = strconv.AppendInt(append(line, `,"power":`...), s.Fields[1].Int, 10)
		line = append(line, "}\n"...)
		n, err := w.Write(line)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
}
