package reference

import "math"

// verdictOf is what one window came to.
type verdictOf struct {
	share, low, high *float64 // of normal output; nil: not evaluated, or without bound
	judgedLow        float64  // in the unit of the thresholds
	judgedHigh       float64
	evaluated        bool
}

// judge works out a window from all bookings so far.
func (p *plantRef) judge(w window) verdictOf {
	var out, more, normal, lowRatios, highRatios, weights float64
	var allOut, allMore float64 // for an absolute threshold
	units := map[string]bool{}
	for _, l := range p.lines {
		units[l.conf.Unit] = true
	}
	for _, l := range p.lines {
		if l.conf.Uncommissioned {
			continue
		}
		scheduled := l.days.scheduled(w.from, w.to)
		made, observed := 0.0, 0.0
		for _, m := range l.output {
			made += m.made(l.days, w)
			observed += float64(m.observed(l.days, w)) / float64(len(l.output))
		}
		b, ok := p.normal(l, w)
		unobserved := float64(scheduled) - observed
		if unobserved < 1e-6 {
			unobserved = 0
		}
		allOut += made
		switch {
		case unobserved == 0:
		case ok:
			allMore += b * unobserved / float64(scheduled)
		case l.conf.IdealCycle > 0:
			allMore += unobserved / float64(l.conf.IdealCycle)
		default:
			allMore = math.Inf(1)
		}
		if !ok {
			continue
		}
		out, normal = out+made, normal+b
		missed := 0.0
		if unobserved > 0 {
			missed = b * unobserved / float64(scheduled)
		}
		more += missed
		if b == 0 {
			continue // it has no ratio
		}
		weight := l.conf.Weight
		if weight == 0 {
			weight = 1
		}
		weights += weight
		lowRatios += weight * made / b
		highRatios += weight * (made + missed) / b
	}
	var v verdictOf
	if normal > 0 {
		low, high := out/normal, (out+more)/normal
		if len(units) > 1 {
			low, high = lowRatios/weights, highRatios/weights
		}
		v = verdictOf{share: &low, low: &low, high: &high, judgedLow: low, judgedHigh: high, evaluated: true}
	}
	if p.rules.Absolute {
		hours := float64(p.scheduled(w)) / float64(hour)
		v.judgedLow, v.judgedHigh, v.evaluated = allOut/hours, (allOut+allMore)/hours, true
	}
	return v
}

// scheduled is the plant's scheduled time: of its commissioned line that has
// most.
func (p *plantRef) scheduled(w window) (most int64) {
	for _, l := range p.lines {
		if !l.conf.Uncommissioned {
			most = max(most, l.days.scheduled(w.from, w.to))
		}
	}
	return most
}

// normal is B of a line and window.
func (p *plantRef) normal(l *lineRef, w window) (float64, bool) {
	if l.conf.Normal > 0 {
		return l.conf.Normal * float64(l.days.scheduled(w.from, w.to)) / float64(hour), true
	}
	return p.baselineOf(l, w)
}
