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
		scheduled := p.days.scheduled(w.from, w.to)
		made, observed := 0.0, 0.0
		for _, m := range l.output {
			made += m.made(p.days, w)
			observed += float64(m.observed(p.days, w)) / float64(len(l.output))
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
		more += b * unobserved / float64(scheduled)
		if b == 0 {
			continue // it has no ratio
		}
		weight := l.conf.Weight
		if weight == 0 {
			weight = 1
		}
		weights += weight
		lowRatios += weight * made / b
		highRatios += weight * (made + b*unobserved/float64(scheduled)) / b
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
		hours := float64(p.days.scheduled(w.from, w.to)) / float64(hour)
		v.judgedLow, v.judgedHigh, v.evaluated = allOut/hours, (allOut+allMore)/hours, true
	}
	return v
}

// normal is B of a line and window.
func (p *plantRef) normal(l *lineRef, w window) (float64, bool) {
	if l.conf.Normal > 0 {
		return l.conf.Normal * float64(p.days.scheduled(w.from, w.to)) / float64(hour), true
	}
	return p.baselineOf(l, w)
}

// phases judges windows one after the other.
type phases struct {
	rules     *rulesConf
	phase     string // unknown before the first verdict
	before    string // the phase before unknown
	judged    bool   // a first verdict was given
	resumed   bool   // ever
	up, down  count
	undecided int
	changes   []phaseChange
	plant     string
}

// count adds up consecutive windows.
type count struct {
	ms   int64
	days float64
}

func (c *count) add(w window) {
	c.ms += w.length()
	c.days += float64(w.length()) / float64(w.dayLength)
}

func (c *count) reached(hold span) bool {
	if hold.Days > 0 {
		return c.days >= float64(hold.Days)-1e-9
	}
	return c.ms >= hold.Fixed
}

type phaseChange struct {
	Plant            string
	At               int64
	From, To         string
	Relapsed, First  bool
	Recovery, Lo, Hi *float64
}

const hair = 1e-9 // what sums of parts may be off by

func (p *phases) window(w window, v verdictOf) {
	from := p.phase
	if from == "unknown" && p.judged {
		from = p.before
	}
	if !v.evaluated {
		p.lose(w, v)
		return
	}
	low, high := v.judgedLow, v.judgedHigh
	splits := func(t float64) bool { return low < t-hair && high >= t-hair }
	at, stop := splits(p.rules.At), splits(p.rules.Stop)
	undecidable := at || stop
	switch from {
	case "stopped":
		undecidable = at
	case "resumed", "normal":
		undecidable = stop
	}
	if undecidable {
		if p.undecided++; p.undecided >= 2 {
			p.lose(w, v)
		}
		return
	}
	p.undecided = 0
	if low >= p.rules.At-hair {
		p.up.add(w)
	} else {
		p.up = count{}
	}
	if high < p.rules.Stop-hair {
		p.down.add(w)
	} else {
		p.down = count{}
	}
	to := from
	switch {
	case p.down.ms > 0 && p.down.reached(p.rules.StopHold):
		to = "stopped"
	case from == "resumed" || from == "normal":
		to = p.normal(from, v)
	case p.up.ms > 0 && p.up.reached(p.rules.Hold):
		to = "resumed"
	case p.up.ms > 0:
		to = "ramping_up"
	}
	p.change(w, v, to)
}

// normal tells resumed and normal apart.
func (p *phases) normal(from string, v verdictOf) string {
	exit := p.rules.NormalExit
	if exit == 0 {
		exit = p.rules.Normal - 0.10
	}
	switch {
	case p.rules.Normal == 0:
	case from == "resumed" && v.low != nil && *v.low >= p.rules.Normal-hair:
		return "normal"
	case from == "normal" && v.high != nil && *v.high < exit-hair:
		return "resumed"
	}
	return from
}

// lose: what the plant does is no longer known.
func (p *phases) lose(w window, v verdictOf) {
	p.up, p.down = count{}, count{}
	if p.phase == "unknown" {
		return
	}
	p.before = p.phase
	p.tell(w, v, "unknown")
}

func (p *phases) change(w window, v verdictOf, to string) {
	if to == p.phase {
		return
	}
	p.resumed = p.resumed || to == "resumed"
	p.tell(w, v, to)
}

func (p *phases) tell(w window, v verdictOf, to string) {
	c := phaseChange{Plant: p.plant, At: w.to, From: p.phase, To: to, First: !p.judged}
	c.Relapsed = to == "stopped" && p.resumed
	c.Recovery, c.Lo, c.Hi = v.share, v.low, v.high
	p.judged, p.phase = true, to
	p.changes = append(p.changes, c)
}
