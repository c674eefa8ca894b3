package rules

import (
	"math"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// powerWatch holds a line's power against its output, in windows that follow
// each other.
type powerWatch struct {
	At   plant.Instant `json:"at"`            // newest reading
	Last float64       `json:"last"`          // what it was
	From plant.Instant `json:"from"`          // of the window
	For  time.Duration `json:"for,omitempty"` // counted of it
	// Energy is power times hours, Made the line's output.
	Energy float64 `json:"energy,omitempty"`
	Made   float64 `json:"made,omitempty"`
}

// meters reports whether the line's power is read from m.
func (l *line) meters(m *machine) bool {
	p := &l.conf.Power
	return p.Field != "" && l.counts && (p.Machine == m.id || p.Machine == "" && len(l.output) > 0 && l.output[0] == m)
}

// power takes a good sample of the machine that meters the line's power.
func (s *State) power(m *machine, x *plant.Sample, t plant.Instant) {
	l, conf := m.line, &m.line.conf.Power
	r, ok := readingOf(x, conf.Field)
	v := r.float()
	if !ok || math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	if l.Power == nil {
		l.Power = &powerWatch{At: t, From: t, Last: v}
		return
	}
	w := l.Power
	before, last := w.At, w.Last
	w.At, w.Last = t, v
	s.meterRead(m, before, t, last, v)
	counted := m.counted(before, t)
	if conf.Kind == plant.KindTotal && counted > 0 {
		v = (v - last) / t.Sub(before).Hours()
	}
	if counted == 0 || v < 0 || !l.heardUpTo(t) {
		if w.For == 0 {
			w.From, w.Made = t, 0
		}
		return
	}
	w.For += counted
	w.Energy += v * counted.Hours()
	if w.For >= l.flagAfter {
		s.judgePower(l, w)
		*w = powerWatch{At: t, Last: w.Last, From: t}
	}
}

// heardUpTo reports whether what the line made up to t is known.
func (l *line) heardUpTo(t plant.Instant) bool {
	for _, m := range l.output {
		if m.Good == 0 || t.Sub(m.Good) > m.hole() {
			return false
		}
	}
	return true
}

// judgePower flags the line where its mean power was above standby, and its
// output next to nothing.
func (s *State) judgePower(l *line, w *powerWatch) {
	e := plant.GamingEvidence{Seconds: w.For.Seconds(), Made: w.Made, Power: w.Energy / w.For.Hours(), Standby: l.conf.Power.Standby}
	if normal, _ := l.expected(w.From, w.At); normal > 0 {
		e.Normal = normal * float64(w.For) / float64(l.sched.Scheduled(w.From, w.At))
	}
	if e.Power <= e.Standby || e.Made > l.plant.th.little*e.Normal {
		s.unflag(l, plant.PowerWithoutOutput, "", w.At)
		return
	}
	f := plant.GamingFlag{Kind: plant.PowerWithoutOutput, Since: w.From, Until: w.At, Evidence: e}
	if i := l.flagged(f.Kind, ""); i >= 0 { // one window more
		was := &l.Flags[i]
		f.Since = was.Since
		n := was.Evidence.Seconds + e.Seconds
		f.Evidence.Power = (was.Evidence.Power*was.Evidence.Seconds + e.Power*e.Seconds) / n
		f.Evidence.Seconds, f.Evidence.Made, f.Evidence.Normal = n, was.Evidence.Made+e.Made, was.Evidence.Normal+e.Normal
	}
	s.flag(l, f)
}

// paceWatch holds what a line made in closed slots against its ideal cycle.
type paceWatch struct {
	From plant.Instant `json:"from"`
	For  time.Duration `json:"for"`
	Made float64       `json:"made"`
}

// pace takes a slot of the line that has closed. A slot that nobody saw tells
// nothing, and begins anew.
func (s *State) pace(l *line, from, to plant.Instant, t *tally) {
	if l.conf.IdealCycle == 0 || l.conf.Counter.Proxy {
		return
	}
	w := &l.Pace
	if t.Observed+t.Beside == 0 && t.Made == 0 {
		*w = paceWatch{}
		return
	}
	if w.For == 0 {
		w.From = from
	}
	w.For, w.Made = w.For+to.Sub(from), w.Made+t.Made
	if w.For < l.flagAfter {
		return
	}
	e := plant.GamingEvidence{Seconds: w.For.Seconds(), Made: w.Made, PerHour: w.Made / w.For.Hours(),
		Ideal: float64(time.Hour) / float64(l.conf.IdealCycle)}
	if e.PerHour > l.plant.th.aboveIdeal*e.Ideal {
		f := plant.GamingFlag{Kind: plant.AboveIdealCycle, Since: w.From, Until: to, Evidence: e}
		if i := l.flagged(f.Kind, ""); i >= 0 {
			f.Since = l.Flags[i].Since
			f.Evidence.Seconds += l.Flags[i].Evidence.Seconds
			f.Evidence.Made += l.Flags[i].Evidence.Made
			f.Evidence.PerHour = f.Evidence.Made / f.Evidence.Seconds * 3600
		}
		s.flag(l, f)
	} else {
		s.unflag(l, plant.AboveIdealCycle, "", to)
	}
	*w = paceWatch{}
}
