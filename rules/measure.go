package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// averaged is what the averages over machines of a window's pieces may be off
// by: each is cut to a nanosecond, and stamps are of milliseconds.
const averaged = 10 * time.Microsecond

// measure works out a window as of until, at most its end: recovery, with its
// bounds, and what it was made of (glossary: Recovery; R low, R high). exists
// is false where the window has no scheduled time.
func (s *State) measure(p *plantState, w *period, until plant.Instant) (v plant.Verdict, r recovery, exists bool) {
	v = plant.Verdict{From: w.From, To: w.To}
	sum := sums{weighted: p.mixedUnits()}
	var scheduled, observed time.Duration
	for i, l := range p.lines {
		if !l.counts {
			continue
		}
		t := &w.Lines[i]
		exists = exists || l.sched.Scheduled(w.From, w.To) > 0
		length := l.sched.Scheduled(w.From, until)
		seen := min(t.Observed, length)
		if length-seen < averaged {
			seen = length
		}
		scheduled, observed = scheduled+length, observed+seen
		sum.add(l, w, until, t.Made, length, length-seen)
		v.Proxy = v.Proxy || l.conf.Counter.Proxy
	}
	v.Output, v.NormalOutput, v.Baseline, v.BaselinePeriod = sum.made, sum.normal, sum.origin, sum.period
	if sum.lines == 0 && !sum.weighted {
		v.Output = sum.all
	}
	if scheduled > 0 {
		v.Coverage = float64(observed) / float64(scheduled)
	}
	share := sum.share()
	if share.known {
		v.Recovery, v.RecoveryLow = ptr(share.low), ptr(share.low)
		if !share.unbounded {
			v.RecoveryHigh = ptr(share.high)
		}
	}
	if p.th.absolute {
		return v, sum.rate(p.scheduled(w.From, until)), exists
	}
	return v, share, exists
}

func ptr(f float64) *float64 { return &f }

// scheduled is the plant's scheduled time: that of its line that has most.
func (p *plantState) scheduled(from, to plant.Instant) (most time.Duration) {
	for _, l := range p.lines {
		if l.counts {
			most = max(most, l.sched.Scheduled(from, to))
		}
	}
	return most
}

// mixedUnits reports whether lines that count have different units.
func (p *plantState) mixedUnits() bool {
	unit, any := "", false
	for _, l := range p.lines {
		if l.counts && any && l.conf.Unit != unit {
			return true
		}
		if l.counts {
			unit, any = l.conf.Unit, true
		}
	}
	return false
}

// sums adds up the lines of a plant.
type sums struct {
	weighted bool // lines of different units: mean of their ratios

	lines         int
	made, normal  float64 // of the lines with a baseline, unless weighted
	high          float64
	weights       float64
	ratio, ratio2 float64 // weighted: low and high
	origin        string
	period        string // that the normal outputs were made of; "": none, or several

	all, allHigh float64 // of all lines, for absolute thresholds
	unbounded    bool
}

// add adds a line that made so much in length of scheduled time, of which
// unseen was not observed.
func (x *sums) add(l *line, w *period, until plant.Instant, made float64, length, unseen time.Duration) {
	normal, origin := l.normal(w.From, w.To, until)
	var missed float64 // what may have been made unseen
	switch {
	case unseen <= 0:
	case origin != "":
		missed = normal * float64(unseen) / float64(length)
	case l.conf.IdealCycle > 0:
		missed = float64(unseen) / float64(l.conf.IdealCycle)
	default:
		x.unbounded = true
	}
	x.all += made
	x.allHigh += made + missed
	if origin == "" {
		return
	}
	x.lines++
	period := ""
	if from := l.base.of(origin); from != nil {
		period = from.Period()
	}
	switch {
	case x.origin == "":
		x.origin, x.period = origin, period
	case x.origin != origin:
		x.origin, x.period = "mixed", ""
	case x.period != period:
		x.period = ""
	}
	x.made += made
	x.normal += normal
	x.high += made + missed
	if normal > 0 {
		x.weights += l.conf.Weight
		x.ratio += l.conf.Weight * made / normal
		x.ratio2 += l.conf.Weight * (made + missed) / normal
	}
}

// share is the recovery as a share of normal output.
func (x *sums) share() recovery {
	switch {
	case x.lines == 0 || x.normal <= 0:
		return recovery{}
	case x.weighted:
		return recovery{known: x.weights > 0, low: x.ratio / x.weights, high: x.ratio2 / x.weights}
	}
	return recovery{known: true, low: x.made / x.normal, high: x.high / x.normal}
}

// rate is the output per scheduled hour.
func (x *sums) rate(length time.Duration) recovery {
	if length <= 0 {
		return recovery{}
	}
	h := length.Hours()
	return recovery{known: true, low: x.all / h, high: x.allHigh / h, unbounded: x.unbounded}
}
