package app

import (
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// minutes is a random time of (low, high) minutes.
func (w *world) minutes(low, high float64) time.Duration {
	return time.Duration((low + w.rnd.Float64()*(high-low)) * float64(time.Minute))
}

// slot plans three hours of a plant: something true, or something that goes
// wrong with its devices or its gateway. The last of it is calm.
func (w *world) slot(id string, from plant.Instant) {
	var lines []*trueLine
	for _, l := range w.lines {
		if l.plant == id {
			lines = append(lines, l)
		}
	}
	a := from.Add(w.minutes(5, 30))
	b := a.Add(w.minutes(20, 90))
	l := lines[w.rnd.IntN(len(lines))]
	m := l.machines[w.rnd.IntN(len(l.machines))]
	devices := func(of []*trueLine, f func(m *trueMachine)) {
		for _, l := range of {
			for _, m := range l.machines {
				f(m)
			}
		}
	}
	if w.rnd.IntN(2) == 0 {
		lines = []*trueLine{l} // one line's device alone has a wrong clock
	}
	clock := func(what string, ahead time.Duration) {
		w.plan(id, what, a, b, func() { devices(lines, func(m *trueMachine) { m.clock += ahead }) },
			func() { devices(lines, func(m *trueMachine) { m.clock = 0 }) })
	}
	what := w.rnd.IntN(14)
	if (what < 4 || what > 11) && l.shifts {
		return // whether it produces is hard enough
	}
	switch what {
	case 0, 1: // one line stands
		l.stops = append(l.stops, stretch{a, b.Add(10 * time.Minute)})
	case 2: // all of them
		for _, o := range w.lines {
			if o.plant == id {
				o.stops = append(o.stops, stretch{a, b.Add(20 * time.Minute)})
			}
		}
	case 3, 12, 13: // a machine says nothing; its gateway lives
		m.dead = append(m.dead, stretch{a, b})
	case 4:
		clock("device an hour behind", -time.Hour)
	case 5:
		clock("device behind", -w.minutes(0, 120))
	case 6:
		clock("device ahead", w.minutes(0, 5))
	case 7:
		clock("device far ahead", w.minutes(5, 120))
	case 8:
		drift := 0.2 * (w.rnd.Float64() - 0.5)
		w.plan(id, "device drifts", a, b, func() { devices(lines, func(m *trueMachine) { m.drift = drift }) },
			func() { devices(lines, func(m *trueMachine) { m.drift, m.clock = 0, 0 }) })
	case 9:
		w.plan(id, "device jumps for a sample", a, a.Add(worldInterval), func() { devices(lines, func(m *trueMachine) { m.clock = w.minutes(-60, 60) }) },
			func() { devices(lines, func(m *trueMachine) { m.clock = 0 }) })
	case 10, 11:
		w.gateway(id, a, b)
	}
}

// gateway plans that a plant's gateway is cut off, with or without a last will;
// it keeps what its machines send, or not.
func (w *world) gateway(id string, from, to plant.Instant) {
	kept, will := w.rnd.IntN(3) > 0, w.rnd.IntN(2) == 0
	all := func(f func(m *trueMachine)) {
		for _, l := range w.lines {
			for _, m := range l.machines {
				if m.plant == id {
					f(m)
				}
			}
		}
	}
	say := func(up bool) {
		if w.ears && w.up {
			w.control(collector.Control{Kind: collector.ControlGateway, Plant: id, Gateway: "g", Up: up})
		}
	}
	what := "gateway away, and loses"
	if kept {
		what = "gateway away, and keeps"
	}
	w.plan(id, what, from, to, func() { all(func(m *trueMachine) { m.cut, m.lost = true, !kept }) },
		func() { all(func(m *trueMachine) { m.cut = false }); say(true) })
	if will {
		w.plan(id, "last will", from.Add(90*time.Second), to, func() { say(false) }, nil)
	}
}

// house plans what goes wrong with ourselves: restarts, the broker's link, our
// clock.
func (w *world) house() {
	for at := w.from.Add(w.minutes(60, 100)); at < w.to.Add(-90*time.Minute); at = at.Add(w.minutes(60, 200)) {
		to := at.Add(w.minutes(0.2, 20))
		kinds := 6
		if w.seed%2 == 0 {
			kinds = 3 // a clock that is right: everything is dated exactly
		}
		switch w.rnd.IntN(kinds) {
		case 0, 1:
			w.plan("", "restart", at, to, func() { w.listens(false) }, func() { w.listens(true) })
		case 2:
			w.plan("", "broker away", at, to, func() { w.link(false) }, func() { w.link(true) })
		case 3:
			w.plan("", "our clock ahead", at, to, w.sets(w.minutes(1, 60)), w.sets(0))
		case 4:
			w.plan("", "our clock behind", at, to.Add(30*time.Minute), w.sets(-w.minutes(1, 60)), w.sets(0))
		case 5:
			w.plan("", "our clock an hour behind", at, at.Add(80*time.Minute), w.sets(-time.Hour), w.sets(0))
			at = at.Add(80 * time.Minute)
		}
	}
}

func (w *world) plan(of, what string, from, to plant.Instant, begin, end func()) {
	w.plagues = append(w.plagues, &plague{of: of, what: what, stretch: stretch{from, to}, begin: begin, end: end})
}

func (w *world) listens(up bool) {
	w.ears = up
	w.control(collector.Control{Kind: collector.ControlListening, Up: up})
}

func (w *world) link(up bool) {
	w.up = up
	w.control(collector.Control{Kind: collector.ControlBroker, Broker: "b", Up: up})
}

// sets sets our clock. What it leaves out is time in which nobody listened, as
// the collector's loop writes it.
func (w *world) sets(off time.Duration) func() {
	return func() {
		w.off = off
		at := max(w.at, w.now.Add(off)) // set back, it goes at half its pace
		if leap := at.Sub(w.at); leap > 3*time.Second && w.ears {
			w.control(collector.Control{Kind: collector.ControlListening})
			w.seal()
			w.at = at
			w.control(collector.Control{Kind: collector.ControlListening, Up: true})
		}
		w.at = at
	}
}
