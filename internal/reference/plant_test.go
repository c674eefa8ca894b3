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
	excluded  [2]int64 // from, to; 0: not
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
		p.eachMachine("", func(l *lineRef, m *machine) {
			if at, ok := p.silentAt(l, m, now); ok && at > now {
				next = min(next, at)
			}
		})
		if at, ok := p.lateAt(now); ok && at > now {
			next = min(next, at)
		}
		now = next
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

func (p *plantRef) record(r *record) {
	switch {
	case r.Listening != "":
		p.listens(r)
	case r.Plant != p.conf.ID:
	case r.Link == "down":
		p.eachMachine(r.Gateway, func(l *lineRef, m *machine) {
			m.missed = m.missed || m.ever
			if m.ever && m.lost == "" {
				m.lose("blind")
				l.lookFor(r.At, r.At, "blind")
			}
		})
	case r.Link == "up": // one that reports on change is judged by the session
		p.eachMachine(r.Gateway, func(l *lineRef, m *machine) {
			if l.conf.OnChange {
				m.lost = ""
			}
			l.look(r.At, r.At)
		})
	default:
		p.sample(r)
	}
	p.drains(r.At)
}

func (p *plantRef) sample(r *record) {
	stamp := r.TS
	if !r.NoTS {
		stamp -= p.conf.offset(r.Line)
	}
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
		} else {
			m.ever, m.lost, m.heard = true, "", r.At
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
