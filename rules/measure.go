package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// measure works out a window as of until, at most its end: recovery, with its
// bounds, and what it was made of (glossary: Recovery; R low, R high).
func (s *State) measure(p *plantState, w *period, until plant.Instant) (plant.Verdict, recovery) {
	length := max(until.Sub(w.From), 0)
	v := plant.Verdict{From: w.From, To: w.To}
	sum := sums{weighted: p.mixedUnits()}
	var scheduled, observed time.Duration
	for i, l := range p.lines {
		if !l.counts {
			continue
		}
		t := &w.Lines[i]
		seen := min(t.Observed, length)
		scheduled, observed = scheduled+length, observed+seen
		sum.add(l, t.Made, length, length-seen)
	}
	v.Output, v.NormalOutput = sum.made, sum.normal
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
	if s.th.absolute {
		return v, sum.rate(length)
	}
	return v, share
}

func ptr(f float64) *float64 { return &f }

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

	all, allHigh float64 // of all lines, for absolute thresholds
	unbounded    bool
}

func (x *sums) add(l *line, made float64, length, unseen time.Duration) {
	perHour := l.conf.Normal.PerHour
	fastest := perHour
	if fastest == 0 && l.conf.IdealCycle > 0 {
		fastest = float64(time.Hour) / float64(l.conf.IdealCycle)
	}
	x.all += made
	x.allHigh += made + fastest*unseen.Hours()
	if fastest == 0 && unseen > 0 {
		x.unbounded = true
	}
	normal := perHour * length.Hours()
	if normal <= 0 {
		return
	}
	x.lines++
	x.made += made
	x.normal += normal
	x.high += made + perHour*unseen.Hours()
	x.weights += l.conf.Weight
	x.ratio += l.conf.Weight * made / normal
	x.ratio2 += l.conf.Weight * (made + perHour*unseen.Hours()) / normal
}

// share is the recovery as a share of normal output.
func (x *sums) share() recovery {
	switch {
	case x.lines == 0:
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
