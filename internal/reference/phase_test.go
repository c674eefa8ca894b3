package reference

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
	notBefore int64 // the end of the last exclusion
}

// excluded takes the plant out of all figures, or back in: then it is judged
// from the phase before, by windows that begin then.
func (p *phases) excluded(is bool, now int64) {
	c := phaseChange{Plant: p.plant, At: now, From: p.phase}
	switch {
	case is && p.phase != "excluded":
		if p.phase != "unknown" {
			p.before = p.phase
		}
		p.phase = "excluded"
	case !is && p.phase == "excluded":
		p.phase, p.notBefore = "unknown", now
	default:
		return
	}
	p.up, p.down, p.undecided = count{}, count{}, 0
	c.To = p.phase
	p.changes = append(p.changes, c)
}

// count adds up consecutive windows.
type count struct {
	ms   int64
	days float64
}

func (c *count) add(w window) {
	c.ms += w.length()
	c.days += w.days
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
	if from == "excluded" || w.from < p.notBefore {
		return
	}
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
