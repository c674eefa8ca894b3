package reference

import "slices"

// plantRef plays one plant.
type plantRef struct {
	conf      *plantConf
	rules     *rulesConf
	days      *days
	lines     []*lineRef
	enrolled  int64
	end       int64
	phases    phases
	windows   []window
	deaf      [][2]int64 // when we were not listening; the last may be open
	still     [][2]int64 // when the lateness of windows stood still: deaf, or a backlog drained
	listening bool
}

// read is the reading of the glossary.
func read(s *scenario) outcome {
	var out outcome
	for _, conf := range s.Plants {
		p := newPlant(s, conf)
		if p == nil {
			continue
		}
		p.play(s)
		out.Phases = append(out.Phases, p.phases.changes...)
		for _, l := range p.lines {
			out.Lines = append(out.Lines, l.changes...)
		}
	}
	out.tidy()
	return out
}

// newPlant enrols a plant; nil: nothing does.
func newPlant(s *scenario, conf *plantConf) *plantRef {
	if len(s.Records) == 0 {
		return nil
	}
	p := &plantRef{conf: conf, rules: &s.Rules, listening: true, enrolled: s.From, end: s.To}
	if p.end == 0 {
		p.end = s.Records[len(s.Records)-1].At
	}
	if p.enrolled == 0 {
		i := slices.IndexFunc(s.Records, func(r record) bool { return r.Plant == conf.ID && r.Link == "" && r.At <= p.end })
		if i < 0 {
			return nil
		}
		p.enrolled = s.Records[i].At
	}
	first, last := min(p.enrolled, s.Records[0].At), p.end
	for _, r := range s.Records {
		if r.TS != 0 {
			first = min(first, r.TS)
		}
		last = max(last, r.At)
	}
	var calendar *calendarConf
	for _, c := range s.Calendars {
		if c.Name == conf.Calendar {
			calendar = c
		}
	}
	p.days = newDays(conf, calendar, first, last)
	p.phases = phases{rules: &s.Rules, plant: conf.ID, phase: "unknown"}
	p.windows = p.days.windows(s.Rules.Window, p.enrolled, p.end)
	for _, lc := range conf.Lines {
		l := &lineRef{plant: p, conf: lc, machines: map[string]*machine{}, state: "unknown"}
		if lc.Uncommissioned {
			l.state = "commissioning" // from the start: no change
		}
		for _, id := range lc.Machines {
			m := newMachine(lc, conf.keepAlive(lc.ID))
			l.machines[id] = m
			if lc.Sum || len(lc.Output) == 0 || slices.Contains(lc.Output, id) {
				l.output = append(l.output, m)
			}
		}
		p.lines = append(p.lines, l)
	}
	p.learn(s) // from the whole recording
	return p
}

// keepAlive is that of the line's gateway; 0: it has none.
func (p *plantConf) keepAlive(line string) int64 {
	for _, g := range p.Gateways {
		if slices.Contains(g.Lines, line) {
			return g.KeepAlive
		}
	}
	return 0
}

// play goes from instant to instant: all full minutes, all records, and what
// falls due between them. What is due goes before the records of an instant.
func (p *plantRef) play(s *scenario) {
	i := 0
	for ; i < len(s.Records) && s.Records[i].At < p.enrolled; i++ {
		if r := &s.Records[i]; r.Listening != "" {
			p.listens(r)
		}
	}
	p.drains(p.enrolled)
	for now := p.enrolled; ; {
		p.due(now)
		for ; i < len(s.Records) && s.Records[i].At == now; i++ {
			p.record(&s.Records[i])
		}
		if now >= p.end {
			return
		}
		next := min(p.end, now-now%minute+minute)
		if i < len(s.Records) {
			next = min(next, s.Records[i].At)
		}
		for _, l := range p.lines {
			for _, m := range l.machines {
				if at, ok := p.silentAt(l, m, now); ok && at > now {
					next = min(next, at)
				}
			}
		}
		if at, ok := p.lateAt(now); ok && at > now {
			next = min(next, at)
		}
		now = next
	}
}

// without is how long (from, to] is, some times left out.
func without(out [][2]int64, from, to int64) int64 {
	sum := max(0, to-from)
	for _, d := range out {
		end := d[1]
		if end == 0 {
			end = to
		}
		if a, b := max(from, d[0]), min(to, end); a < b {
			sum -= b - a
		}
	}
	return sum
}

// silentAt is when m is lost if all goes on as it does now.
func (p *plantRef) silentAt(l *lineRef, m *machine, now int64) (int64, bool) {
	if !m.seen || m.lost || l.conf.OnChange {
		return 0, false
	}
	after := l.silenceOf(m)
	if !p.listening {
		return max(now, m.heard+after), true
	}
	return now + max(0, after-without(p.deaf, m.heard, now)), true
}

// lateAt is when the first open window closes at the latest.
func (p *plantRef) lateAt(now int64) (int64, bool) {
	n := len(p.still)
	if len(p.windows) == 0 || n > 0 && p.still[n-1][1] == 0 {
		return 0, false
	}
	if w := p.windows[0]; now >= w.to {
		return now + max(0, p.rules.Lateness-without(p.still, w.to, now)), true
	}
	return p.windows[0].to + p.rules.Lateness, true
}

// due fires what has come due at now.
func (p *plantRef) due(now int64) {
	for _, l := range p.lines {
		for _, m := range l.machines {
			if at, ok := p.silentAt(l, m, now); ok && at <= now {
				m.lost, m.draining, m.behind = true, false, false
			}
		}
		l.look(now, now)
	}
	p.drains(now)
	for len(p.windows) > 0 && now >= p.windows[0].to && without(p.still, p.windows[0].to, now) >= p.rules.Lateness {
		p.close()
	}
}

// close judges the first open window.
func (p *plantRef) close() {
	w := p.windows[0]
	p.windows = p.windows[1:]
	if !slices.ContainsFunc(p.lines, func(l *lineRef) bool { return !l.conf.Uncommissioned }) {
		return
	}
	p.phases.window(w, p.judge(w))
}

func (p *plantRef) listens(r *record) {
	switch on := r.Listening == "true"; {
	case on && !p.listening:
		p.deaf[len(p.deaf)-1][1] = r.At
		p.listening = true
	case !on && p.listening:
		p.deaf = append(p.deaf, [2]int64{r.At, 0})
		p.listening = false
		p.eachMachine("", func(_ *lineRef, m *machine) { m.missed = m.seen })
	}
}

func (p *plantRef) record(r *record) {
	switch {
	case r.Listening != "":
		p.listens(r)
	case r.Plant != p.conf.ID:
	case r.Link == "down":
		p.eachMachine(r.Gateway, func(l *lineRef, m *machine) {
			m.missed = m.missed || m.seen
			m.lost, m.draining, m.behind = m.lost || m.seen, false, false
			l.look(r.At, r.At)
		})
	case r.Link == "up": // one that reports on change is judged by the session
		p.eachMachine(r.Gateway, func(l *lineRef, m *machine) {
			m.lost = m.lost && !l.conf.OnChange
			l.look(r.At, r.At)
		})
	default:
		p.sample(r)
	}
	p.drains(r.At)
}

// eachMachine goes through the machines behind a gateway, or all.
func (p *plantRef) eachMachine(gateway string, f func(l *lineRef, m *machine)) {
	for _, g := range p.conf.Gateways {
		for _, l := range p.lines {
			if g.ID == gateway && slices.Contains(g.Lines, l.conf.ID) {
				for _, id := range l.conf.Machines {
					f(l, l.machines[id])
				}
			}
		}
	}
	for _, l := range p.lines {
		for _, id := range l.conf.Machines {
			if gateway == "" {
				f(l, l.machines[id])
			}
		}
	}
}

// drains notes since when the lateness of windows stands still.
func (p *plantRef) drains(at int64) {
	draining := !p.listening
	for _, l := range p.lines {
		for _, m := range l.output {
			draining = draining || m.draining && !m.lost && !l.conf.Uncommissioned
		}
	}
	switch n := len(p.still); {
	case draining && (n == 0 || p.still[n-1][1] != 0):
		p.still = append(p.still, [2]int64{at, 0})
	case !draining && n > 0 && p.still[n-1][1] == 0:
		p.still[n-1][1] = at
	}
}

func (p *plantRef) sample(r *record) {
	stamp := r.TS
	if stamp > r.At+5*minute {
		stamp = r.At
	}
	for _, l := range p.lines {
		if l.conf.ID != r.Line {
			continue
		}
		m := l.machines[r.Machine]
		if m == nil || m.repeats(r) {
			return
		}
		if slices.Contains(l.output, m) {
			l.sample(m, r, stamp)
		}
	}
	for len(p.windows) > 0 && p.allSeenAfter(p.windows[0].to) {
		p.close()
	}
}

// allSeenAfter: every output machine was seen strictly later.
func (p *plantRef) allSeenAfter(end int64) bool {
	for _, l := range p.lines {
		for _, m := range l.output {
			if !l.conf.Uncommissioned && (!m.seen || m.newest <= end) {
				return false
			}
		}
	}
	return true
}
