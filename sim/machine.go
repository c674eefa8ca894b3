package sim

import (
	"math/rand/v2"
	"time"
)

// The words a simulated machine uses for what it does.
const (
	stateRunning    = "running"
	stateStarved    = "starved"
	stateFault      = "fault"
	stateChangeover = "changeover"
	stateHandover   = "shift_change"
	stateStopped    = "stopped"
)

// spell is a state, how often it follows running, and how long it lasts in
// the mean.
type spell struct {
	state string
	share float64
	mean  time.Duration
}

var spells = []spell{{stateStarved, 0.55, 90 * time.Second}, {stateFault, 0.25, 7 * time.Minute}, {stateChangeover, 0.20, 12 * time.Minute}}

const (
	meanRunning  = 40 * time.Minute
	shiftLength  = 8 * time.Hour
	meanHandover = 4 * time.Minute
	scrapShare   = 0.02
	// outputShare is what is left of the ideal output with these figures.
	outputShare = 0.8
)

// machine is one machine's state machine. Its clock is the time it is asked.
type machine struct {
	random   *rand.Rand
	cycle    time.Duration // a unit takes while it runs
	rollover uint64
	resets   bool // its counters start anew with each shift

	at, until, shift time.Time // now; when the state ends; when the next shift starts
	state            string
	worked           time.Duration // on the unit in the machine
	good, scrap, seq uint64
	temp             float64
}

func newMachine(seed, number uint64, start time.Time, cycle time.Duration, rollover uint64, resets bool) *machine {
	m := &machine{
		random: rand.New(rand.NewPCG(seed, number)), cycle: cycle, rollover: rollover, resets: resets,
		at: start, state: stateRunning, shift: start.Truncate(shiftLength).Add(shiftLength),
	}
	m.until = start.Add(m.span(meanRunning))
	// Some counters stand shortly before they roll over, as in any fleet.
	m.good = m.random.Uint64N(rollover)
	if m.random.IntN(8) == 0 {
		m.good = rollover - 1 - m.random.Uint64N(min(rollover, 100))
	}
	if resets {
		m.good = 0
	}
	m.temp = 55 + 10*m.random.Float64()
	return m
}

// span draws a length of time around mean, never under a second.
func (m *machine) span(mean time.Duration) time.Duration {
	return time.Second + min(time.Duration(m.random.ExpFloat64()*float64(mean)), 8*mean)
}

// step lets the machine work until at and says what it then reports.
func (m *machine) step(at time.Time) heartbeat {
	for m.at.Before(at) {
		next := at
		if m.until.Before(next) {
			next = m.until
		}
		if m.shift.Before(next) {
			next = m.shift
		}
		if m.state == stateRunning {
			m.work(next.Sub(m.at))
		}
		m.at = next
		if !m.shift.After(next) {
			m.startShift()
		} else if !m.until.After(next) {
			m.change()
		}
	}
	m.seq++
	m.temp += m.random.Float64() - 0.5 + (60-m.temp)/50
	return heartbeat{at: at, seq: m.seq, state: m.state, good: m.good, scrap: m.scrap, temp: m.temp}
}

func (m *machine) work(d time.Duration) {
	m.worked += d
	for ; m.worked >= m.cycle; m.worked -= m.cycle {
		if m.random.Float64() < scrapShare {
			m.scrap = (m.scrap + 1) % m.rollover
		} else {
			m.good = (m.good + 1) % m.rollover
		}
	}
}

func (m *machine) startShift() {
	m.shift = m.shift.Add(shiftLength)
	if m.resets {
		m.good, m.scrap = 0, 0
	}
	m.state, m.until = stateHandover, m.at.Add(m.span(meanHandover))
}

func (m *machine) change() {
	if m.state != stateRunning {
		m.state, m.until = stateRunning, m.at.Add(m.span(meanRunning))
		return
	}
	draw := m.random.Float64()
	for _, s := range spells {
		if draw -= s.share; draw < 0 || s.state == stateChangeover {
			m.state, m.until = s.state, m.at.Add(m.span(s.mean))
			return
		}
	}
}
