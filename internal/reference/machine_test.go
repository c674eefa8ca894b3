package reference

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// machine is everything that was heard of one machine.
type machine struct {
	line       *lineConf
	silence    int64 // after how long without a word it is silent; 0: never
	identities map[string]bool
	counting   counting
	bookings   []booking
	missed     bool           // of one that reports on change: something may not have reached us
	holes      map[int64]bool // stamps of good samples that came after that
	good       []int64        // stamps of the good samples, in order of arrival

	ever      bool // heard
	seen      bool
	newest    int64 // of any quality
	badNow    bool  // the newest sample is of bad quality
	word      string
	heard     int64      // `at` of the last sample that proves anything
	lost      string     // silent or blind, until it is heard again
	lag       int64      // of stamps behind our clock, usually
	behind    bool       // blind still: what comes is a backlog
	drainAt   int64      // since when more than that,
	drainLag  int64      // and by how much then
	draining  bool       // a backlog: samples more than three intervals further behind
	behinds   []behindAt // how far samples lay behind our clock, as long as that did not leap
	anchor    behindAt   // of those, what the others are compared with
	newestLag int64
	cut       int64      // by how much the newest stamp was cut
	unmoved   int64      // the newest good stamp before that, until its sample is read
	skipped   [][2]int64 // stamps that a clock left out when it was set ahead
	everGood  bool
	first     int64 // stamp of the first good sample
	last      int64 // of the newest good one
	inc       int64 // of the last increment
	everInc   bool
	anew      int64 // ages start anew here: the end of a gap or of a planned stop; 0: nowhere
}

func newMachine(l *lineConf, keepAlive int64) *machine {
	m := &machine{line: l, identities: map[string]bool{}, counting: counting{line: l}, holes: map[int64]bool{}}
	if keepAlive > 0 {
		m.silence = keepAlive*3/2 + 10*second
	}
	return m
}

// repeats reports whether the sample was already heard.
func (m *machine) repeats(r *record) bool {
	id := fmt.Sprintf("%d #%d", r.TS, r.Seq)
	if r.Seq == 0 {
		id = fmt.Sprintf("%d %v %v %v %s", r.TS, r.Good, r.HasGood, r.Bad, r.State)
	}
	if m.identities[id] {
		return true
	}
	m.identities[id] = true
	return false
}

// lose makes the machine silent or blind.
func (m *machine) lose(why string) { m.lost, m.draining, m.behind = why, false, false }

// drain notes whether samples come from a backlog, which gets shorter: else the
// machine's clock is wrong.
func (m *machine) drain(at, lag int64) {
	if m.line.OnChange {
		return
	}
	lag = max(lag, 0)
	was := m.draining
	m.draining = m.seen && lag > m.lag+3*m.line.Interval
	switch passed := at - m.drainAt; {
	case !m.draining:
		m.lag = lag
	case !was:
		m.drainAt, m.drainLag = at, lag
	case passed >= 3*m.line.Interval && lag >= m.drainLag-passed/10:
		m.lag, m.draining = lag, false // as far behind all the time: its clock is
	}
}

// behindAt is by how much a sample that came at that time lay behind.
type behindAt struct{ at, lag int64 }

// clock notes how far a sample lies behind. If the newest ones, and those between,
// lay about as far behind for three intervals and more, and this newest one lies
// more than three intervals less, then the device's clock was set ahead: its past is
// that much later than its stamps said.
func (m *machine) clock(at, lag int64, newest bool) {
	lag = max(lag, 0)
	three := 3 * m.line.Interval
	if m.line.OnChange {
		three = 3 * minute
	}
	differ := func(a, b int64) bool { return a-b > three || b-a > three }
	n := len(m.behinds)
	if n == 0 {
		m.behinds, m.anchor, m.newestLag = []behindAt{{at, lag}}, behindAt{at, lag}, lag
		return
	}
	first, last := m.behinds[0], m.behinds[n-1]
	if by := m.newestLag - lag; newest && by > three && !differ(last.lag, m.newestLag) && last.at-first.at >= three {
		m.later(by)
	}
	switch drifts := differ(lag, m.anchor.lag); {
	case differ(lag, last.lag), drifts && at-m.anchor.at < three:
		m.behinds, m.anchor = nil, behindAt{at, lag} // it leapt, or ran
	case drifts: // slowly
		m.anchor = behindAt{at, lag}
	}
	m.behinds = append(m.behinds, behindAt{at, lag})
	if newest {
		m.newestLag = lag
	}
}

// ours notes by how much a newest stamp was too far ahead, and is not used. Where
// that is less than it was, by more than three intervals, after as long a time in
// which we were deaf, our clock was set ahead; the device's goes on.
func (m *machine) ours(r *record, stamp, deaf int64) {
	three := 3 * m.line.Interval
	if m.line.OnChange {
		three = 3 * minute
	}
	cut := r.TS - stamp
	if m.cut-cut > three && deaf > three {
		m.later(min(deaf, stamp-m.newest))
	}
	m.cut = cut
}

// later moves the machine's past.
func (m *machine) later(by int64) {
	if !m.everGood {
		return
	}
	m.skipped = append(m.skipped, [2]int64{m.last, m.last + by})
	m.unmoved = m.last
	m.last += by
	m.good = append(m.good, m.last) // as if it had been heard there
	m.anew = max(m.anew, m.first) + by
	if m.everInc {
		m.inc += by
	}
	m.counting.valued += by
	if m.counting.spike != nil {
		m.counting.spike.at += by
	}
}

// reading is what a sample changes.
type reading struct {
	late, bad bool
	increment bool
}

// hole is how long may lie between two samples that observe the time between;
// where changes are reported and none was missed that is any time.
func (m *machine) hole(missed bool) int64 {
	switch {
	case m.line.OnChange && missed:
		return 0
	case m.line.OnChange:
		return math.MaxInt64
	}
	return 3 * m.line.Interval
}

// book takes a sample's output; stamp is its event time.
func (m *machine) book(r *record, stamp int64) reading {
	if r.Bad || meaning(m.line.States, r.State) == "no data" {
		return reading{late: m.seen && stamp < m.newest, bad: true}
	}
	late := m.everGood && stamp < m.last // bad ones are as if they were not there
	three := m.hole(m.missed)
	m.counting.hole = three
	m.holes[stamp] = m.holes[stamp] || m.missed && !late
	out := reading{late: late}
	any := m.everGood
	if r.HasGood && (!late || m.line.Kind == "delta") {
		amount, from, covers := m.counting.next(stamp, r.Good)
		b := booking{from: from, to: stamp, amount: amount}
		b.spread = covers && any && stamp-from > three
		m.bookings = append(m.bookings, b)
		out.increment = amount > 0 && !late
	}
	if !late || !m.line.OnChange { // late, it proves nothing about what else was missed
		m.good = append(m.good, stamp)
	}
	if !late {
		m.missed = false
	}
	return out
}

// made is what was made in a window.
func (m *machine) made(d *days, w window) (sum float64) {
	for _, b := range m.bookings {
		total := int64(0)
		if b.spread {
			total = d.scheduled(b.from, b.to)
		}
		switch {
		case total > 0:
			if from, to := max(b.from, w.from), min(b.to, w.to); from < to {
				sum += b.amount * float64(d.scheduled(from, to)) / float64(total)
			}
		case b.to > w.from && b.to <= w.to:
			sum += b.amount
		}
	}
	return sum
}

// observed is how much of a window's scheduled time was observed.
func (m *machine) observed(d *days, w window) (sum int64) {
	var pieces [][2]int64
	good := slices.Clone(m.good)
	slices.Sort(good)
	for i := 1; i < len(good); i++ {
		if good[i]-good[i-1] <= m.hole(m.holes[good[i]]) {
			pieces = append(pieces, [2]int64{good[i-1], good[i]})
		}
	}
	for _, b := range m.bookings {
		if b.spread {
			pieces = append(pieces, [2]int64{b.from, b.to})
		}
	}
	for _, skip := range m.skipped { // of these nothing is known, whatever lies on both sides
		var left [][2]int64
		for _, p := range pieces {
			for _, part := range [][2]int64{{p[0], min(p[1], skip[0])}, {max(p[0], skip[1]), p[1]}} {
				if part[0] < part[1] {
					left = append(left, part)
				}
			}
		}
		pieces = left
	}
	slices.SortFunc(pieces, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	reached := w.from
	for _, p := range pieces {
		if from, to := max(p[0], reached), min(p[1], w.to); from < to {
			sum += d.scheduled(from, to)
			reached = to
		}
	}
	return sum
}

// unknown: silent, blind, never seen, or its newest sample is bad or has no data.
func (m *machine) unknown() bool {
	return !m.seen || m.lost != "" || m.behind || m.badNow
}
