package app

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// world is a fleet whose truth is known, and everything that goes wrong around
// it. Lines produce steadily, but for stops and deaths at known times.
type world struct {
	recorder
	seed      uint64
	now       plant.Instant // the true time; at is what our clock makes of it
	lines     []*trueLine
	plagues   []*plague
	up, ears  bool
	off       time.Duration // of our clock
	disturbed map[string]int
}

// trueLine is one line of it.
type trueLine struct {
	plant, id string
	cycle     time.Duration // of a part
	stall     time.Duration
	shifts    bool // it produces in its shifts only
	machines  []*trueMachine
	stops     []stretch
}

// stretch is a time, (from, to].
type stretch struct{ from, to plant.Instant }

func (s stretch) holds(t plant.Instant) bool { return s.from < t && t <= s.to }

// trueMachine is one machine of a line.
type trueMachine struct {
	recorded
	line  *trueLine
	dead  []stretch     // it says nothing, for good
	clock time.Duration // how far ahead its clock is
	drift float64       // and becomes
	lost  bool          // its gateway does not keep
	delta bool
	since int64           // parts since its last message
	made  time.Duration   // of the part in the making
	parts []plant.Instant // when it told of each
	// heard is when what it sent reached us: the true time, and by our clock.
	heard [][2]plant.Instant
}

// plague is something that goes wrong from one time to another.
type plague struct {
	of         string // a plant; "": ourselves
	what       string
	stretch    stretch
	begin, end func()
	begun      bool
}

const (
	worldLong     = 12 * time.Hour
	worldInterval = 30 * time.Second
	worldSlot     = 3 * time.Hour
)

// newWorld makes a fleet, and plans what will be true and what will go wrong.
func newWorld(t *testing.T, seed uint64) *world {
	w := &world{recorder: recorder{t: t, rnd: rand.New(rand.NewPCG(seed, 11))}, seed: seed, up: true, ears: true, disturbed: map[string]int{}}
	w.from = plant.InstantOf(time.Date(2026, 3, 28, 18, 0, 0, 0, time.UTC)) // clocks change in the night
	w.to = w.from.Add(worldLong)
	w.at, w.now = w.from, w.from
	w.def = &rules.Definition{Version: "v1", Registry: w.registry(), Rules: claimedRules().WithDefaults()}
	for _, p := range w.def.Registry.Plants {
		for from := w.from.Add(time.Hour); from.Add(worldSlot) <= w.to; from = from.Add(worldSlot) {
			w.slot(p.ID, from)
		}
	}
	w.house()
	return w
}

// claimedRules decide quickly, so that little is enough for a false verdict.
func claimedRules() rules.Config {
	quarter, hour := plant.Span{Fixed: 15 * time.Minute}, plant.Span{Fixed: time.Hour}
	return rules.Config{Resume: rules.Resume{Window: quarter, Hold: hour, StopHold: quarter}}
}

// registry is five plants: a machine a line, several, deltas, shifts, few parts.
func (w *world) registry() *plant.Registry {
	reg := &plant.Registry{Calendars: []*plant.Calendar{{Name: "c", Shifts: []plant.Shift{
		{Name: "late", From: plant.Clock{After: 14 * time.Hour, Set: true}, To: plant.Clock{After: 22 * time.Hour, Set: true}},
		{Name: "night", From: plant.Clock{After: 23 * time.Hour, Set: true}, To: plant.Clock{After: 5 * time.Hour, Set: true}}}}}}
	for i := range 5 {
		p := &plant.Plant{ID: fmt.Sprintf("p%d", i), Timezone: []string{"", "Europe/Berlin"}[i%2],
			Gateways: []*plant.Gateway{{ID: "g", KeepAlive: plant.Duration(time.Minute)}}}
		if i == 3 {
			p.Calendar = "c"
		}
		for j := range 2 {
			l := &plant.Line{ID: fmt.Sprintf("l%d", j), Normal: plant.Rate{PerHour: 120, Set: true}, Interval: plant.Interval{Every: worldInterval},
				Machines: []string{"m1"}, Output: plant.Output{Machines: []string{"m1"}}}
			x := &trueLine{plant: p.ID, id: l.ID, cycle: 32 * time.Second, stall: 5 * time.Minute, shifts: i == 3}
			switch i {
			case 1:
				l.Machines, l.Output = []string{"m1", "m2"}, plant.Output{Sum: true}
				x.cycle = 64 * time.Second
			case 2:
				l.Counter.Kind = plant.KindDelta
			case 4:
				l.Normal.PerHour, x.cycle, x.stall = 20, 3*time.Minute, 9*time.Minute
				l.IdealCycle = plant.Duration(x.cycle)
			}
			for _, id := range l.Machines {
				m := &trueMachine{recorded: recorded{plant: p.ID, line: l.ID, id: id, next: w.from.Add(time.Duration(1+w.rnd.IntN(29)) * time.Second)}, line: x, delta: i == 2}
				x.machines = append(x.machines, m)
			}
			p.Lines, w.lines = append(p.Lines, l), append(w.lines, x)
		}
		reg.Plants = append(reg.Plants, p)
	}
	reg.Index()
	return reg
}

// produces reports whether the line makes parts at t.
func (l *trueLine) produces(t plant.Instant) bool {
	if l.shifts {
		berlin, _ := time.LoadLocation("Europe/Berlin")
		if h := t.Time().In(berlin).Hour(); h == 22 || h >= 5 && h < 14 {
			return false
		}
	}
	for _, s := range l.stops {
		if s.holds(t) {
			return false
		}
	}
	return true
}

// live makes what the machine sends up to now.
func (w *world) live(m *trueMachine) {
	for ; m.next <= w.now; m.next = m.next.Add(worldInterval) {
		if m.line.produces(m.next) {
			if m.made += worldInterval; m.made >= m.line.cycle {
				m.made -= m.line.cycle
				m.good, m.since = m.good+1, m.since+1
				m.parts = append(m.parts, m.next)
			}
		}
		m.clock += time.Duration(m.drift * float64(worldInterval))
		if dead(m.dead, m.next) {
			continue
		}
		x := &plant.Sample{Plant: m.plant, Line: m.recorded.line, Machine: m.id, Broker: "b", Stamp: m.next.Add(m.clock), Unit: plant.Millisecond,
			Seq: m.seq, HasSeq: true, Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: m.good}}}
		if m.delta {
			x.Fields[0].Int = m.since
		}
		m.seq, m.since = m.seq+1, 0
		if !(m.cut && m.lost) {
			m.buffer = append(m.buffer, x)
		}
	}
}

func dead(of []stretch, t plant.Instant) bool {
	for _, s := range of {
		if s.holds(t) {
			return true
		}
	}
	return false
}

// play lets the world run, and writes what reaches us.
func (w *world) play() *recording {
	w.define(w.def)
	w.seal()
	for w.now < w.to {
		step := time.Duration(5000+w.rnd.IntN(15000)) * time.Millisecond
		w.now = w.now.Add(step)
		w.at = max(w.at.Add(step/2), w.now.Add(w.off)) // as the collector's loop has it
		w.plague()
		for _, l := range w.lines {
			for _, m := range l.machines {
				w.live(m)
				if w.ears && w.up && !m.cut && len(m.buffer) > 0 {
					w.flush(&m.recorded)
					m.heard = append(m.heard, [2]plant.Instant{w.now, w.at})
				}
			}
		}
		w.seal()
	}
	return &w.recording
}

// plague begins and ends what is planned.
func (w *world) plague() {
	for _, p := range w.plagues {
		if !p.begun && p.stretch.from <= w.now {
			p.begun = true
			w.disturbed[p.what]++
			p.begin()
		}
		if p.begun && p.end != nil && p.stretch.to <= w.now {
			p.end()
			p.end = nil
		}
	}
}
