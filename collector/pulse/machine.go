package pulse

import (
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

const (
	// maxAhead is how far a stamp may be ahead of our clock, as in the rules.
	maxAhead = 5 * time.Minute
	// runLength is how many samples without numbers, each later than the one
	// before but older than the newest and at the pace of our clock, make a
	// clock that was set back.
	runLength = 4
)

// machine is what is remembered of one machine.
type machine struct {
	id      collector.MachineID
	gateway *gateway // nil past MaxGateways
	saved   uint32   // the newest round of Save that it is written in, or was met after

	samples, retained, repeats, late, jumps, future, backlogs uint64

	first, last plant.Instant // by our clock
	newest      plant.Instant // by the device's
	unit        plant.Unit
	timed       bool
	numbered    bool
	jumped      bool // its newest sample showed that its clock was set back

	made intervals // between stamps
	came intervals // between arrivals
	back run
	lag  lag
	seq  sequence
	said words
	body body
}

// run is the samples older than the newest that came one after another.
type run struct {
	length   uint8
	at, last plant.Instant // arrival of the first; stamp of the newest
	from     plant.Instant // stamp of the first
}

// observe takes one sample.
func (m *machine) observe(s *plant.Sample, at plant.Instant, cfg *Config) Seen {
	m.samples++
	if m.first == 0 {
		m.first = at
	}
	if s.Flags.Has(plant.Retained) {
		return m.kept(s)
	}
	t, timed := s.Stamp, !s.Flags.Has(plant.NoDeviceTime)
	if !timed {
		t = at
	}
	var seen Seen
	var number step
	if s.HasSeq {
		m.numbered = true
		if m.last < cfg.Resumed && at >= cfg.Resumed { // the first since then
			m.seq.resume(s.Seq, t, m.every())
		}
		number = m.seq.take(s.Seq, t, m.newest, timed)
		seen.Gaps, seen.Reset, seen.Repeat = number.gaps, number.reset, number.repeat
	} else {
		seen.Repeat = timed && t == m.newest && m.body.same(s)
	}
	if seen.Repeat {
		m.repeats++
		return seen
	}
	seen.Late = m.newest != 0 && t < m.newest
	if seen.Late {
		seen.JumpedBack = m.setBack(number.next, t, at, s)
		seen.Late = !seen.JumpedBack
	} else {
		m.back.length = 0
	}
	m.time(t, at, timed, &seen)
	m.said.add(s.State)
	m.body.add(s, t, cfg.Decimal, seen.Late, m.every())
	m.last, m.unit, m.timed = at, s.Unit, timed
	return seen
}

// kept takes a message that a broker kept: it proves nothing about now.
func (m *machine) kept(s *plant.Sample) Seen {
	m.retained++
	if s.HasSeq && m.seq.have && m.seq.fill(s.Seq, s.Stamp, !s.Flags.Has(plant.NoDeviceTime)) {
		return Seen{Gaps: -1}
	}
	return Seen{}
}

// setBack reports whether a stamp older than the newest shows a clock that was
// set back: the number says that the sample is new, or several such samples
// came at the pace of our clock, with none newer between them.
func (m *machine) setBack(next bool, t, at plant.Instant, s *plant.Sample) bool {
	if m.newest.Sub(t) <= minJumpBack {
		return false
	}
	if !next {
		if !m.back.paced(t, at) {
			return false
		}
		if s.HasSeq {
			m.seq.restart(s.Seq, t, true)
		}
	}
	m.back.length = 0
	m.newest = t
	return true
}

// paced takes an old sample into the run and reports whether it is one of a
// clock that was set back.
func (r *run) paced(t, at plant.Instant) bool {
	if r.length == 0 || t <= r.last {
		*r = run{length: 1, at: at, from: t, last: t}
		return false
	}
	r.length, r.last = min(r.length+1, runLength), t
	made, came := t.Sub(r.from), at.Sub(r.at)
	return r.length == runLength && made <= 2*came && came <= 2*made
}

// every is the machine's interval, as far as it is known by now.
func (m *machine) every() time.Duration {
	if d := m.made.typical(); d > 0 {
		return d
	}
	if d := m.came.typical(); d > 0 {
		return d
	}
	return plant.DefaultInterval
}

// time takes the sample's stamp and arrival.
func (m *machine) time(t, at plant.Instant, timed bool, seen *Seen) {
	behind := at.Sub(t)
	seen.Future = behind < -maxAhead
	was := m.lag.draining
	if timed {
		switch {
		case seen.JumpedBack:
			m.lag = lag{known: true, usual: behind}
		case seen.Late:
			m.lag.late(at, behind, m.every())
		default:
			m.step(t, at, behind)
		}
		m.jumped = seen.JumpedBack || m.jumped && seen.Late
		seen.Draining = m.lag.draining
	} else if m.last != 0 {
		m.came.add(at.Sub(m.last))
	}
	if !seen.Late {
		m.newest = max(m.newest, t)
		if seen.JumpedBack {
			m.newest = t
		}
	}
	m.count(seen)
	m.gateway.take(at, behind, timed, seen)
	if was != m.lag.draining {
		m.turn()
	}
}

// step takes a sample that is newer than all before. Steps of a backlog, which
// may have been thinned out, and those across a clock that was set make its
// interval only until a better one is known.
func (m *machine) step(t, at plant.Instant, behind time.Duration) {
	if m.last == 0 || m.newest == 0 {
		m.lag.live(at, behind, 0, 0, plant.DefaultInterval)
		return
	}
	made, came := t.Sub(m.newest), at.Sub(m.last)
	m.lag.live(at, behind, made, came, m.every())
	if !m.lag.draining {
		m.came.add(came)
	}
	if !m.lag.draining && !m.jumped || m.made.typical() == 0 {
		m.made.add(made)
	}
}

func (m *machine) count(seen *Seen) {
	if seen.Late {
		m.late++
	}
	if seen.JumpedBack {
		m.jumps++
	}
	if seen.Future {
		m.future++
	}
}

// turn notes that a backlog began or ended.
func (m *machine) turn() {
	if m.lag.draining {
		m.backlogs++
		m.gateway.drains(1)
	} else {
		m.gateway.drains(-1)
	}
}
