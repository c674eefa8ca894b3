package reference

import "slices"

// lineRef is a line and what is known of its state.
type lineRef struct {
	plant    *plantRef
	conf     *lineConf
	machines map[string]*machine
	output   []*machine
	state    string
	changed  int64 // when, by what it was dated
	changes  []lineChange
	anew     int64 // the end of the last planned stop that a machine reported
	days     *days
	past     *baseline // normal output from history; nil: none
}

type lineChange struct {
	Plant, Line string
	At          int64
	From, To    string
	Since       int64
	Reason      string // of stalled, unknown, planned_stop, and of running outside the schedule
}

// tRun and tStall are the glossary's.
func (l *lineRef) tRun() int64 {
	return max(l.plant.rules.MinRunning, 3*l.conf.IdealCycle, 2*l.conf.Interval)
}

func (l *lineRef) tStall() int64 { return max(l.plant.rules.ShortStop, l.tRun()) }

// silenceOf is after how long without a sample m is silent.
func (l *lineRef) silenceOf(m *machine) int64 {
	return max(int64(l.plant.rules.Missed)*l.conf.Interval, m.silence)
}

// runs reports whether m makes parts, as far as is known.
func (l *lineRef) runs(m *machine) bool { return m.everInc && m.last-m.inc < l.tRun() }

// due is when m's stall falls due. Its age begins at the last increment, or
// anew; before a stretch's first part the grace of a late start passes first.
func (l *lineRef) due(m *machine, clock int64) int64 {
	from := max(m.first, m.inc, m.anew, l.anew)
	start, ok := l.days.stretch(clock)
	if ok {
		from = max(from, start)
	}
	if end, ok := l.days.restEnd(clock); ok {
		from = max(from, end)
	}
	at := from + l.tStall()
	if ok && l.waits(clock) {
		at = max(at, start+max(l.plant.rules.Grace, l.tStall()))
	}
	return at
}

// waits reports whether the stretch around clock still waits for its first
// part. Without a calendar no stretch begins.
func (l *lineRef) waits(clock int64) bool {
	start, ok := l.days.stretch(clock)
	return ok && l.lastInc() <= start
}

func (l *lineRef) lastInc() (last int64) {
	for _, m := range l.output {
		last = max(last, m.inc)
	}
	return last
}

// now is the line's state as the table of the glossary has it: the first row
// that matches.
func (l *lineRef) now(clock int64) (state, reason string) {
	if l.conf.Uncommissioned {
		return "commissioning", ""
	}
	k := l.days.at(clock)
	runs, unknown, stalled := false, false, true
	words, planned := "", ""
	for _, m := range l.output {
		if m.unknown() {
			unknown = true
			continue
		}
		runs = runs || l.runs(m)
		if !m.everGood {
			stalled = false
			continue
		}
		stalled = stalled && m.last >= l.due(m, clock)
		if w := l.meaning(m); plannedWord(w) && planned != "changeover" {
			planned = map[string]string{"planned": "reported", "changeover": "changeover"}[w]
		}
		if w := l.meaning(m); w == "internal" || words == "" {
			words = w
		}
	}
	switch {
	case !k.shift && !runs:
		return "off_shift", ""
	case runs && !k.scheduled():
		return "running", "unscheduled"
	case runs:
		return "running", ""
	case unknown:
		return "unknown", l.whyUnknown()
	case k.rest:
		return "planned_stop", k.why
	case planned != "":
		return "planned_stop", planned
	case !stalled:
		return "short_stop", ""
	case l.waits(clock):
		return "stalled", "late_start"
	case words != "":
		return "stalled", words
	}
	return "stalled", "unexplained"
}

func (l *lineRef) meaning(m *machine) string { return meaning(l.conf.States, m.word) }

// whyUnknown is of the first output machine that is unknown.
func (l *lineRef) whyUnknown() string {
	for _, m := range l.output {
		switch {
		case m.lost != "":
			return m.lost
		case m.badNow && l.meaning(m) == "no data":
			return "no_data"
		case m.badNow:
			return "bad_quality"
		case m.behind:
			return "blind"
		case !m.ever:
			return "never_seen"
		}
	}
	return ""
}

// look takes the state of the moment; a change is dated, never before the
// change before.
func (l *lineRef) look(clock, date int64) { l.lookFor(clock, date, "") }

// lookFor is look after a machine was lost, which explains what becomes
// unknown now.
func (l *lineRef) lookFor(clock, date int64, lost string) {
	state, reason := l.now(clock)
	if state == l.state {
		return
	}
	if state == "unknown" && lost != "" && l.state != "off_shift" { // else a shift began at the same instant
		reason = lost
	}
	date = max(date, l.changed)
	c := lineChange{Plant: l.plant.conf.ID, Line: l.conf.ID, At: date, From: l.state, To: state, Reason: reason, Since: date}
	if state == "stalled" || state == "short_stop" {
		if c.Since = l.lastInc(); c.Since == 0 {
			for _, m := range l.output {
				if c.Since == 0 || m.first < c.Since {
					c.Since = m.first
				}
			}
		}
	}
	l.state, l.changed = state, date
	l.changes = append(l.changes, c)
}

// sample takes a sample that is no repetition; stamp is its event time.
func (l *lineRef) sample(m *machine, r *record, stamp int64) {
	returns, was := m.lost != "" || m.behind, m.unknown()
	date := func(at int64) int64 {
		if returns && l.state == "unknown" {
			return r.At
		}
		return at
	}
	heard := m.heard
	m.ever, m.lost, m.heard = true, "", r.At
	bad := r.Bad || meaning(l.conf.States, r.State) == "no data"
	late := m.everGood && stamp < m.last || bad && m.seen && stamp < m.newest
	newer := !late && (!m.seen || stamp >= m.newest)
	m.clock(r.At, r.At-stamp, newer)
	if newer {
		m.ours(r, stamp, r.At-heard-without(l.plant.deaf, heard, r.At))
		m.drain(r.At, r.At-stamp)
		m.behind = m.draining && was
	}
	read := m.book(r, stamp)
	if read.late {
		l.look(r.At, date(r.At))
		return
	}
	newest := !m.seen || stamp >= m.newest
	if newest {
		m.seen, m.newest, m.badNow = true, stamp, read.bad
	}
	if newest && !r.Bad {
		l.says(m, r.State, stamp)
	}
	if read.bad {
		l.look(r.At, date(stamp))
		return
	}
	if m.everGood && !l.conf.OnChange && stamp-m.last > l.silenceOf(m) {
		m.anew = stamp
	}
	if !m.everGood {
		m.everGood, m.first = true, stamp
	} else if !read.increment && !was {
		l.between(m, r, stamp, date)
	}
	m.last, m.unmoved = stamp, 0
	if read.increment {
		m.everInc, m.inc = true, stamp
	}
	l.look(r.At, date(stamp))
}

// says takes the machine's word for its state; where it ends a planned stop the
// ages of the line start anew.
func (l *lineRef) says(m *machine, word string, stamp int64) {
	if plannedWord(l.meaning(m)) && !plannedWord(meaning(l.conf.States, word)) {
		l.anew = max(l.anew, stamp)
	}
	m.word = word
}

// between takes what fell due between the machine's last sample and this one:
// of all machines, as they were by then, since they stand or run together.
func (l *lineRef) between(m *machine, r *record, stamp int64, date func(int64) int64) {
	edges := []int64{r.At}
	for _, at := range l.days.edges {
		// Where it ran until then, what the calendar was afterwards.
		if at > m.last-24*hour && at <= r.At && l.runs(m) {
			edges = append(edges, at)
		}
	}
	before, ran := m.last, l.runs(m)
	if m.unmoved != 0 && l.state != "stalled" {
		before = m.unmoved // nobody looked since then, by the right clock
	}
	known := map[*machine]int64{}
	for _, o := range l.output {
		if !o.unknown() || o == m {
			known[o] = o.last
		}
	}
	known[m] = stamp
	dues := slices.Clone(edges[1:])
	for o, last := range known {
		if o != m && !ran && plannedWord(l.meaning(m)) {
			continue // what it says holds from now on, not since another fell due
		}
		dues = append(dues, slices.DeleteFunc(l.falls(o, edges), func(at int64) bool {
			return at > last || o != m && at <= l.changed // told
		})...)
	}
	slices.Sort(dues)
	for _, due := range dues {
		if due > before {
			clock := r.At // what stood has met every edge by now
			if ran {
				clock = due
			}
			for o, last := range known {
				o.last = min(max(due, l.changed), last) // what was told by then stays
			}
			m.last = min(due, stamp)
			l.look(clock, date(due))
		}
	}
	for o, last := range known {
		o.last = last
	}
}

// falls are when m no longer runs, and when it falls stalled, by the calendar
// as it is at each of the edges.
func (l *lineRef) falls(m *machine, edges []int64) (dues []int64) {
	if m.everInc {
		dues = append(dues, m.inc+l.tRun())
	}
	for _, at := range edges {
		if !plannedWord(l.meaning(m)) {
			dues = append(dues, l.due(m, at))
		}
	}
	return dues
}
