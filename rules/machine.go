package rules

import (
	"math"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/custom"
)

const (
	// maxAhead is how far a device's stamp may be ahead of our clock before
	// ours is used instead.
	maxAhead = 5 * time.Minute
	// gatewayGrace is added to one and a half keep-alives of a gateway.
	gatewayGrace = 10 * time.Second
)

// machine is one enrolled machine. What is saved in a snapshot is in its
// memory; the rest follows from the definition.
type machine struct {
	memory
	id       string
	line     *line
	ord      int
	counts   bool // its counter is part of the line's output
	interval time.Duration
	onChange bool
	silence  time.Duration // T: silent after it
	rule     counterRule
	gateways []string
	ahead    time.Duration // its clock, as declared
	due      plant.Instant // of its entry in the heap; 0: none
}

// memory is what a machine remembers.
type memory struct {
	Heard    plant.Instant   `json:"heard,omitempty"` // by our clock
	HeardObs time.Duration   `json:"heard_obs,omitempty"`
	Broker   string          `json:"broker,omitempty"`
	Newest   plant.Instant   `json:"newest,omitempty"` // event time, bad quality included
	Good     plant.Instant   `json:"good,omitempty"`   // event time of the newest good sample
	First    plant.Instant   `json:"first,omitempty"`  // event time of the first good sample
	LastInc  plant.Instant   `json:"last_inc,omitempty"`
	Anew     plant.Instant   `json:"anew,omitempty"` // the stall's age starts here
	Count    total           `json:"count"`
	Scrap    total           `json:"scrap"`
	Scrapped plant.Instant   `json:"scrapped,omitempty"` // event time of the newest scrap counter
	Recent   recent          `json:"recent"`
	Latest   plant.Instant   `json:"latest,omitempty"` // newest stamp of those, as sent
	Next     int             `json:"next,omitempty"`
	Status   plant.LineState `json:"status"`
	Word     string          `json:"word,omitempty"` // the machine's own, for its state
	// WordSince is when it changed to it, or was heard again with it.
	WordSince plant.Instant `json:"word_since,omitempty"`
	Means     plant.Meaning `json:"means,omitempty"`
	Lost      reason        `json:"lost,omitempty"` // silent or blind, until heard again
	Bad       bool          `json:"bad,omitempty"`
	Lag       time.Duration `json:"lag,omitempty"` // usual one, of stamp behind our clock
	// Missed: of a machine that reports on change, something since its newest
	// sample may not have reached us.
	Missed   bool          `json:"missed,omitempty"`
	Holes    []hole        `json:"holes,omitempty"` // not observed, oldest first
	Draining bool          `json:"draining,omitempty"`
	DrainAt  plant.Instant `json:"drain_at,omitempty"`
	DrainLag time.Duration `json:"drain_lag,omitempty"`
	Steady   steady        `json:"steady,omitzero"`
	Suspect  *suspect      `json:"suspect,omitempty"` // nil: it never said that it runs
	Rules    *custom.Watch `json:"rules,omitempty"`   // of custom rules; nil: there are none
}

// hole is how long may lie between two samples that observe the time between.
// Where changes are reported, and none was missed, that is any time.
func (m *machine) hole() time.Duration {
	switch {
	case m.onChange && m.Missed:
		return 0
	case m.onChange:
		return math.MaxInt64
	}
	return 3 * m.interval
}

// sample takes one heartbeat of the machine, in the order of the queue.
func (s *State) sample(m *machine, x *plant.Sample) {
	v, hasCount := readingOf(x, m.line.conf.Counter.Field)
	size := recentTotals
	if m.delta(x) {
		size = recentDeltas
	}
	newer := m.Latest != 0 && x.Stamp > m.Latest // than all that may be known
	if m.Recent.known(identity(x), &m.Next, size, newer) {
		return // a duplicate proves nothing
	}
	m.Latest = max(m.Latest, x.Stamp)
	t := x.Stamp
	if !x.Flags.Has(plant.NoDeviceTime) {
		t = t.Add(-m.ahead)
	}
	cut, deaf := time.Duration(0), time.Duration(0)
	if t > s.at.Add(maxAhead) {
		cut, t = t.Sub(s.at), s.at
	}
	if m.Steady.Cut > 0 {
		deaf = s.deaf(m)
	}
	wasLost := m.Lost != "" || m.Draining && m.Status == plant.LineUnknown
	heard := m.Heard
	s.hear(m, x.Broker)
	s.touch(m.line.plant)
	bad, newest := x.Flags.Has(plant.BadQuality) || m.hasNoData(x), t >= m.Newest
	if t < m.Good || bad && !newest { // late: it ends silence, and changes nothing else of a state
		s.clocks(m, heard, t, cut, deaf, false)
		if !bad && m.counts {
			s.lateSample(m, x, v, hasCount, t)
		}
		if wasLost && m.counts {
			s.lineChanged(m, m.judge(), s.at, becauseHeard)
		}
		return
	}
	changed := false
	if newest { // or else newer ones were bad: as if they were not there
		s.clocks(m, heard, t, cut, deaf, true)
		s.drain(m, t)
		m.Newest, m.Bad = t, bad
		changed = m.says(x, t)
	} else {
		s.clocks(m, heard, t, cut, deaf, false)
	}
	if !bad {
		gap := m.gap(t)
		if gap {
			m.WordSince = t // what it said meanwhile is not known
		}
		s.good(m, x, v, hasCount, t, wasLost)
		if s.rules != (customRules{}) {
			s.heedSample(m, x, t, gap, changed)
		}
	} else if m.counts {
		s.lineChanged(m, plant.LineUnknown, t, becauseBad)
	}
	if m.counts {
		s.seenAfter(m.line.plant, t)
	}
}

// lateSample takes a good sample older than the machine's newest good one:
// where its period is still open a delta is booked, and the time around it may
// be observed after all.
func (s *State) lateSample(m *machine, x *plant.Sample, v reading, hasCount bool, t plant.Instant) {
	if s.history != nil {
		s.history.Seen(m.line.plant.id, m.line.id, t)
	}
	if hasCount && m.delta(x) {
		s.book(m, max(v.float(), 0)*m.scale(x), t, t, false)
	}
	s.split(m, t)
}

// good takes a sample that counts for output, observation and ages.
func (s *State) good(m *machine, x *plant.Sample, v reading, hasCount bool, t plant.Instant, wasLost bool) {
	before := m.Good
	if m.First == 0 {
		m.First, m.Anew = t, t
	} else if t.Sub(before) > m.silence && !m.onChange {
		m.Anew = t
	}
	m.Good = t
	if !m.counts {
		if m.line.meters(m) {
			s.power(m, x, t)
		}
		return
	}
	if s.history != nil {
		s.history.Seen(m.line.plant.id, m.line.id, t)
	}
	made := 0.0
	if hasCount {
		made = s.count(m, x, v, t, before)
	} else {
		s.observe(m, before, t)
	}
	m.Missed = false
	old := m.Status
	if made > 0 {
		m.LastInc = t
	}
	s.advance(m, old, t, wasLost)
	if hasCount {
		s.gaming(m, x, v, t, before, made)
	}
	if m.line.Power != nil {
		m.line.Power.Made += made
	}
	if m.line.meters(m) {
		s.power(m, x, t)
	}
}

// gap reports whether nothing is known of the time between the good sample
// before and one of t.
func (m *machine) gap(t plant.Instant) bool {
	if m.onChange {
		return m.Missed
	}
	return m.Good != 0 && t.Sub(m.Good) > m.silence
}

// says notes the machine's own word for its state, and reports whether it is
// another than before. A sample without one changes nothing: some gateways send
// it when it changes only.
func (m *machine) says(x *plant.Sample, t plant.Instant) (changed bool) {
	if x.State == m.Word || x.State == "" || x.Flags.Has(plant.BadQuality) {
		return false
	}
	was := m.Means
	changed = m.Word != ""
	m.Word, m.WordSince = strings.Clone(x.State), t
	m.Means = plant.StateMeaning(m.line.conf.States, m.Word)
	if was.Planned() && !m.Means.Planned() && m.counts {
		m.line.Again = max(m.line.Again, t)
		for _, o := range m.line.output { // their ages start anew, too
			if o != m && o.Status == plant.Stalled {
				o.Status = o.judge()
			}
		}
	}
	return changed
}

// hasNoData reports whether the machine says that nothing is known of it:
// then its counters are not, either.
func (m *machine) hasNoData(x *plant.Sample) bool {
	if x.State == "" || x.State == m.Word {
		return m.Means == plant.MeansNoData
	}
	return plant.StateMeaning(m.line.conf.States, x.State) == plant.MeansNoData
}

// drain notes whether the machine's samples come from a backlog: they are
// more than three intervals further behind our clock than this machine's
// usually are. Where they stay as far behind, it is an offset of the clock.
func (s *State) drain(m *machine, t plant.Instant) {
	if m.onChange {
		return
	}
	lag := max(s.at.Sub(t), 0) // one stamp ahead makes no backlog of what follows
	was := m.Draining
	switch {
	case m.Newest == 0, lag <= m.Lag+3*m.interval:
		m.Lag, m.Draining = lag, false
	case !m.Draining:
		m.Draining, m.DrainAt, m.DrainLag = true, s.at, lag
	default:
		if passed := s.at.Sub(m.DrainAt); passed >= 3*m.interval && lag >= m.DrainLag-passed/10 {
			m.Lag, m.Draining = lag, false
		}
	}
	if was != m.Draining && m.counts {
		s.drains(m.line.plant, m.Draining)
	}
}
