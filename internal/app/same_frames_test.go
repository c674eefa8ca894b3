package app

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/custom"
)

// recording is the same things twice: as the frames of a queue, and as the
// records of a history.
type recording struct {
	def      *rules.Definition
	from, to plant.Instant
	frames   [][]byte
	records  []history.Record
	// alone: a part of it is in no history, because histories know neither
	// brokers nor definitions that change.
	alone bool
}

// Next implements history.Reader on a copy of the recording.
func (r *recording) Next() (history.Record, error) {
	if len(r.records) == 0 {
		return history.Record{}, io.EOF
	}
	rec := r.records[0]
	r.records = r.records[1:]
	return rec, nil
}

// recorder makes a random recording of a day, a frame a minute.
type recorder struct {
	recording
	t        *testing.T
	rnd      *rand.Rand
	frame    collector.FrameBuilder
	at       plant.Instant
	machines []*recorded
	up, hear bool
	said     []*plant.Declaration
}

// recorded is one machine of it.
type recorded struct {
	plant, line, id string
	next            plant.Instant
	seq             uint64
	good            int64
	temp            float64
	making, cut     bool
	ahead           time.Duration // its clock
	buffer          []*plant.Sample
}

func record(t *testing.T, seed uint64) *recording {
	r := &recorder{t: t, rnd: rand.New(rand.NewPCG(seed, 7)), up: true, hear: true}
	r.alone = seed%3 == 2
	r.from = plant.InstantOf(time.Date(2026, 3, 28, 3, 0, 0, 0, time.UTC)) // the next day has 23 hours in Berlin
	r.at = r.from
	r.def = randomDefinition(r.rnd, "v1")
	for _, p := range r.def.Registry.Plants {
		for _, l := range p.Lines {
			for _, m := range l.Machines {
				r.machines = append(r.machines, &recorded{plant: p.ID, line: l.ID, id: m, next: r.at.Add(time.Duration(r.rnd.IntN(60)) * time.Second), making: r.rnd.IntN(2) == 0})
			}
		}
	}
	r.define(r.def)
	r.seal()
	for end := r.from.Add(25 * time.Hour); r.at < end; {
		r.at = r.at.Add(time.Duration(20000+r.rnd.IntN(80000)) * time.Millisecond)
		r.links()
		for _, m := range r.machines {
			m.live(r.at, r.rnd)
			if r.hear && r.up && !m.cut {
				r.flush(m)
			}
		}
		r.seal()
	}
	r.to = r.at
	return &r.recording
}

// randomDefinition has plants with shifts, breaks and without a calendar, lines
// of one and of two machines, totals and deltas, short and long windows.
func randomDefinition(rnd *rand.Rand, version string) *rules.Definition {
	at := func(h, m int) plant.Clock {
		return plant.Clock{After: time.Duration(h*60+m) * time.Minute, Set: true}
	}
	cal := &plant.Calendar{Name: "c", Shifts: []plant.Shift{{Name: "early", From: at(6, 0), To: at(14, 0)}, {Name: "late", From: at(14, 0), To: at(22, rnd.IntN(60))}},
		Breaks: []plant.Break{{From: at(10, 0), To: at(10, 5+rnd.IntN(20))}}}
	reg := &plant.Registry{Calendars: []*plant.Calendar{cal}}
	for i := range 3 {
		p := &plant.Plant{ID: fmt.Sprintf("p%d", i), Timezone: []string{"Asia/Shanghai", "Europe/Berlin", ""}[i], Labels: map[string]string{"region": fmt.Sprint(i % 2)},
			Gateways: []*plant.Gateway{{ID: "g", KeepAlive: plant.Duration(time.Minute)}}}
		if i < 2 {
			p.Calendar = "c"
		}
		for j := range 1 + i%2 {
			l := &plant.Line{ID: fmt.Sprintf("l%d", j), Normal: plant.Rate{PerHour: 120, Set: true}, Machines: []string{"m1", "m2"},
				Interval: plant.Interval{Every: time.Minute}, Output: plant.Output{Machines: []string{"m2"}},
				Counter: plant.Counter{Rollover: 1000, Resets: rnd.IntN(2) == 0}}
			if rnd.IntN(2) == 0 {
				l.Output = plant.Output{Sum: true}
			}
			if rnd.IntN(4) == 0 {
				l.Counter = plant.Counter{Kind: plant.KindDelta}
			}
			p.Lines = append(p.Lines, l)
		}
		reg.Plants = append(reg.Plants, p)
	}
	reg.Index()
	cfg := rules.Config{}
	if window := []time.Duration{15 * time.Minute, time.Hour, 0}[rnd.IntN(3)]; window > 0 { // else days
		cfg.Resume.Window, cfg.Resume.Hold = plant.Span{Fixed: window}, plant.Span{Fixed: 2 * window}
		cfg.Resume.StopHold = cfg.Resume.Window
	}
	for _, r := range sameRules {
		if rnd.IntN(4) > 0 {
			cfg.Custom = append(cfg.Custom, r)
		}
	}
	return &rules.Definition{Version: version, Registry: reg, Rules: cfg.WithDefaults()}
}

// sameRules are custom rules; each definition has some of them.
var sameRules = []custom.Rule{
	{Name: "hot", Each: "machine", When: "temp > 70", For: plant.Duration(5 * time.Minute), KeepFiringFor: plant.Duration(3 * time.Minute),
		Annotations: map[string]string{"summary": "{{.Machine}}: {{printf \"%.1f\" .Value}}"}},
	{Name: "warm", Each: "machine", When: "avg(temp, '20m') > 62 and delta(temp, '10m') > 0", Severity: "info"},
	{Name: "few", Each: "machine", When: "delta(good, '1h') < 60 or age(made) > 1800 and state != 'idle'"},
	{Name: "stands", Each: "line", When: "state == 'stalled' and scheduled", For: plant.Duration(10 * time.Minute)},
	{Name: "lost", Each: "line", When: "state == 'unknown'", For: plant.Duration(20 * time.Minute), KeepFiringFor: plant.Duration(10 * time.Minute)},
	{Name: "slow", Each: "line", When: "rate(made, '30m') < 0.8 * normal or changes(state, '2h') > 8 or coverage < 0.5"},
	{Name: "plant", Each: "plant", When: "phase == 'stopped' or lines('running') == 0", For: plant.Duration(15 * time.Minute), Labels: map[string]string{"team": "x"}},
}

func (r *recorder) define(def *rules.Definition) {
	c, err := definitionControl(def)
	if err != nil {
		r.t.Fatal(err)
	}
	r.control(c)
}

func (r *recorder) control(c collector.Control) {
	if err := r.frame.AddControl(c); err != nil {
		r.t.Fatal(err)
	}
}

// links are links that come and go, our own listening, and other definitions.
func (r *recorder) links() {
	switch p := fmt.Sprintf("p%d", r.rnd.IntN(3)); r.rnd.IntN(120) {
	case 0:
		r.hear = !r.hear
		r.control(collector.Control{Kind: collector.ControlListening, Up: r.hear})
		r.records = append(r.records, history.Record{Kind: history.Listening, At: r.at, Up: r.hear})
	case 1, 2:
		up := r.rnd.IntN(2) == 0
		r.control(collector.Control{Kind: collector.ControlGateway, Plant: p, Gateway: "g", Up: up})
		r.records = append(r.records, history.Record{Kind: history.Link, At: r.at, Plant: p, Gateway: "g", Up: up})
	case 3:
		if r.alone {
			r.up = !r.up
			r.control(collector.Control{Kind: collector.ControlBroker, Broker: "b", Up: r.up})
		}
	case 5, 6, 7:
		r.declares(p)
	case 4:
		if r.alone {
			r.define(randomDefinition(r.rnd, fmt.Sprintf("v%d", len(r.frames))))
		}
	}
}

// declares has people say something of a plant: a stop, a changeover that is
// open until it is withdrawn, an exclusion, a note; or take it back.
func (r *recorder) declares(id string) {
	kinds := []string{plant.DeclareExclude, plant.DeclarePlannedStop, plant.DeclareChangeover, plant.DeclareNote}
	d := &plant.Declaration{ID: fmt.Sprintf("d%d", len(r.said)), Plant: id, Kind: kinds[r.rnd.IntN(len(kinds))], Reason: "so it was said", By: "somebody",
		From: r.at.Add(time.Duration(r.rnd.IntN(40)) * time.Minute)}
	switch {
	case len(r.said) > 0 && r.rnd.IntN(3) == 0:
		*d = *r.said[r.rnd.IntN(len(r.said))]
		d.Kind = plant.DeclareWithdraw
	case d.Kind != plant.DeclareExclude && r.rnd.IntN(2) == 0:
		d.Line = "l0"
		fallthrough
	default:
		if d.Kind != plant.DeclareNote {
			d.To = d.From.Add(time.Duration(1+r.rnd.IntN(120)) * time.Minute)
		}
		if d.Kind == plant.DeclareChangeover && r.rnd.IntN(2) == 0 {
			d.To = 0
		}
		r.said = append(r.said, d)
	}
	r.control(collector.Control{Kind: collector.ControlDeclared, Declaration: d})
	r.records = append(r.records, history.Record{Kind: history.Declared, At: r.at, Plant: d.Plant, Declaration: d})
}

// live makes the machine's samples up to at.
func (m *recorded) live(at plant.Instant, rnd *rand.Rand) {
	for ; m.next <= at; m.next = m.next.Add(time.Minute) {
		switch rnd.IntN(150) {
		case 0, 1:
			m.making = !m.making
		case 2:
			m.cut = !m.cut
		case 3:
			m.good = 0
		case 4:
			m.ahead = time.Duration(rnd.IntN(240)-120) * time.Minute
		case 5, 6:
			m.ahead = 0
		}
		if m.making {
			m.good = (m.good + int64(rnd.IntN(5))) % 1000
		}
		m.temp += rnd.Float64()*10 - 5 - m.temp/50
		x := &plant.Sample{Plant: m.plant, Line: m.line, Machine: m.id, Broker: "b", Stamp: m.next.Add(m.ahead), Unit: plant.Millisecond,
			Seq: m.seq, HasSeq: true, Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: m.good}, {Name: "temp", Kind: plant.Float, Float: 60 + m.temp}}}
		m.seq = (m.seq + 1) % 1000
		switch rnd.IntN(80) {
		case 0:
			x.Flags = plant.BadQuality
		case 1:
			x.State = []string{"held", "starved", "changeover", "idle", "unavailable", "execute"}[rnd.IntN(6)]
		}
		m.buffer = append(m.buffer, x)
	}
}

// flush puts what the machine kept into the frame, now and then twice.
func (r *recorder) flush(m *recorded) {
	for _, x := range m.buffer {
		for range 1 + max(0, r.rnd.IntN(30)-28) {
			if err := r.frame.AddSample(x, collector.Stamp(x, 0), "factory/{plant}", collector.Packet{}); err != nil {
				r.t.Fatal(err)
			}
			r.records = append(r.records, history.Record{Kind: history.Sample, At: r.at, Plant: x.Plant, Sample: x})
		}
	}
	m.buffer = nil
}

func (r *recorder) seal() {
	r.frames = append(r.frames, bytes.Clone(r.frame.Seal(r.at)))
	r.frame.Reset()
}
