package rules

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

const (
	// flagIntervals and flagUnits are how many heartbeats, and units by the
	// normal figure or the ideal cycle, a flag is judged on at least.
	flagIntervals = 5
	flagUnits     = 10
)

// suspect is what is counted of a machine that says it runs.
type suspect struct {
	Shown   reading  `json:"shown,omitzero"` // by its counter, last
	Frozen  evidence `json:"frozen,omitzero"`
	Payload uint64   `json:"payload,omitempty"`
	Same    evidence `json:"same,omitzero"`
}

// evidence is a run of samples that all say the same.
type evidence struct {
	From plant.Instant `json:"from"`
	For  time.Duration `json:"for"` // scheduled, and observed
	N    int           `json:"n"`   // samples
}

// add takes the sample at t into the run, counted after the one before it.
func (e *evidence) add(t plant.Instant, counted time.Duration) {
	if e.N++; e.N == 1 {
		counted = 0
	}
	if e.For == 0 && counted == 0 {
		e.From = t
	}
	e.For += counted
}

// flagWindow is how long evidence has to be.
func (l *line) flagWindow(th *thresholds, interval time.Duration) time.Duration {
	d := max(th.flagWindow, flagIntervals*interval, l.stall, flagUnits*time.Duration(l.conf.IdealCycle))
	if r := l.base.rate(); r > 0 {
		d = max(d, time.Duration(min(flagUnits/r*float64(time.Hour), float64(math.MaxInt64/2))))
	}
	return d
}

// rate is about what is made in an hour; 0: not known.
func (b *lineBase) rate() float64 {
	if b.perHour > 0 {
		return b.perHour
	}
	return b.perDay / 24
}

// gaming looks at a good sample of an output machine: whether it says that it
// runs while its counter stands, or says the very same again and again.
func (s *State) gaming(m *machine, x *plant.Sample, v reading, t, before plant.Instant, made float64) {
	runs, delta := m.Means == plant.MeansRunning, m.delta(x)
	if m.Suspect == nil {
		if !runs && !(delta && made > 0) || m.onChange {
			return
		}
		m.Suspect = &suspect{Shown: v}
	}
	w, counted := m.Suspect, m.counted(before, t)
	moved := made > 0 || delta && v.float() != 0 || !delta && v != w.Shown
	w.Shown = v
	if !runs || moved {
		s.unflag(m.line, plant.FrozenCounter, m.id, t)
		w.Frozen = evidence{}
	}
	if runs {
		w.Frozen.add(t, counted)
		if !moved {
			s.accuse(m, plant.FrozenCounter, &w.Frozen, t, 0)
		}
	}
	if !runs && made == 0 {
		s.unflag(m.line, plant.RepeatedPayload, m.id, t)
		w.Same, w.Payload = evidence{}, 0
		return
	}
	sum, telling := payload(x)
	if !telling || sum != w.Payload {
		s.unflag(m.line, plant.RepeatedPayload, m.id, t)
		w.Same, w.Payload = evidence{}, sum
	}
	if w.Same.add(t, counted); telling && w.Same.N >= m.line.plant.th.repeats {
		s.accuse(m, plant.RepeatedPayload, &w.Same, t, made*float64(w.Same.N))
	}
}

// accuse flags the machine once there is evidence enough.
func (s *State) accuse(m *machine, kind string, e *evidence, t plant.Instant, made float64) {
	if e.For < m.line.flagAfter {
		return
	}
	f := plant.GamingFlag{Kind: kind, Machine: m.id, Since: e.From, Until: t, Evidence: plant.GamingEvidence{Seconds: e.For.Seconds(), Made: made}}
	if kind == plant.RepeatedPayload {
		f.Evidence.Repeats = e.N
	}
	s.flag(m.line, f)
}

// counted is how much of the time between two samples of m may be evidence:
// scheduled, observed, and not of a stop that somebody declared.
func (m *machine) counted(before, t plant.Instant) time.Duration {
	l := m.line
	switch {
	case before == 0 || t <= before || m.onChange || l.stop != "" || t.Sub(before) > m.hole():
		return 0
	case l.piece.From <= before && t <= l.piece.To:
		if l.piece.Kind != calendar.Working {
			return 0
		}
		return t.Sub(before)
	}
	return l.sched.Scheduled(before, t)
}

// payload is a sum of all the sample's fields, and whether it tells anything
// that they are the same again: only a reading with decimals never stands.
func payload(x *plant.Sample) (sum uint64, telling bool) {
	const k = 0x9E3779B97F4A7C15
	sum = uint64(len(x.Fields))
	for i := range x.Fields {
		f := &x.Fields[i]
		v := uint64(f.Int) ^ math.Float64bits(f.Float)
		if f.Kind == plant.Float && f.Float != math.Trunc(f.Float) {
			telling = true
		}
		if f.Bool {
			v ^= k
		}
		for j := range len(f.Str) {
			v = (v ^ uint64(f.Str[j])) * k
		}
		sum = bits.RotateLeft64(sum*k, 29) ^ v
	}
	return sum | 1, telling
}

// flag raises a flag of the line, or renews the evidence of one that stands.
func (s *State) flag(l *line, f plant.GamingFlag) {
	s.touch(l.plant)
	for i := range l.Flags {
		if l.Flags[i].Kind == f.Kind && l.Flags[i].Machine == f.Machine {
			l.Flags[i] = f
			return
		}
	}
	l.Flags = append(l.Flags, f)
	s.res.Flags = append(s.res.Flags, plant.FlagChange{Plant: l.plant.id, Line: l.id, At: f.Until, Stands: true, Flag: f})
}

// unflag takes a flag away, where it stands, as of t.
func (s *State) unflag(l *line, kind, machine string, t plant.Instant) {
	if i := l.flagged(kind, machine); i >= 0 {
		s.unflagged(l, l.Flags[i], t)
		l.Flags = slices.Delete(slices.Clone(l.Flags), i, i+1)
		s.touch(l.plant)
	}
}

func (s *State) unflagged(l *line, f plant.GamingFlag, t plant.Instant) {
	s.res.Flags = append(s.res.Flags, plant.FlagChange{Plant: l.plant.id, Line: l.id, At: max(t, f.Until), Flag: f})
}

// flagged is the place of a flag that stands; -1: it does not.
func (l *line) flagged(kind, machine string) int {
	for i := range l.Flags {
		if l.Flags[i].Kind == kind && l.Flags[i].Machine == machine {
			return i
		}
	}
	return -1
}

// keepFlags drops the flags that a changed definition cannot raise any more.
func (s *State) keepFlags(l *line) {
	l.Flags = slices.DeleteFunc(slices.Clone(l.Flags), func(f plant.GamingFlag) bool {
		gone := !l.counts || f.Kind == plant.PowerWithoutOutput && l.conf.Power.Field == "" ||
			f.Kind == plant.AboveIdealCycle && l.conf.IdealCycle == 0 ||
			f.Machine != "" && !slices.ContainsFunc(l.output, func(m *machine) bool { return m.id == f.Machine })
		if gone {
			s.unflagged(l, f, s.at)
		}
		return gone
	})
	if len(l.Flags) == 0 {
		l.Flags = nil
	}
}

// endFlags ends the flags of lines of before that are gone with a definition.
func (s *State) endFlags(before []*plantState) {
	for _, p := range before {
		now := s.plants[p.id]
		for _, l := range p.lines {
			if now != nil && slices.ContainsFunc(now.lines, func(o *line) bool { return o.id == l.id }) {
				continue
			}
			for _, f := range l.Flags {
				s.unflagged(l, f, s.at)
			}
		}
	}
}
