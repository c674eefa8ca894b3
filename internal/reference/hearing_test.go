package reference

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
	if !m.ever || m.lost != "" || l.conf.OnChange {
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
	silent := map[*machine]bool{}
	p.eachMachine("", func(l *lineRef, m *machine) {
		if at, ok := p.silentAt(l, m, now); ok && at <= now {
			silent[m] = true
		}
	})
	for _, l := range p.lines {
		for _, id := range l.conf.Machines {
			if m := l.machines[id]; silent[m] {
				why := "silent"
				if !p.listening || p.gatewayGone(l, silent, now) {
					why = "blind"
				}
				m.lose(why)
				l.lookFor(now, now, why)
			}
		}
		l.look(now, now)
	}
	p.drains(now)
	if p.excluded[1] != 0 {
		p.phases.excluded(now >= p.excluded[0] && now < p.excluded[1], now)
	}
	for len(p.windows) > 0 && now >= p.windows[0].to && without(p.still, p.windows[0].to, now) >= p.rules.Lateness {
		p.close()
	}
}

// gatewayGone reports whether all machines behind the line's gateway are lost, fall
// silent now, or are late by one and a half intervals: two at least, of those that
// were heard ever. They were heard last one after the other.
func (p *plantRef) gatewayGone(l *lineRef, silent map[*machine]bool, now int64) bool {
	g, n, gone := p.conf.gateway(l.conf.ID), 0, true
	if g == nil {
		return false
	}
	p.eachMachine(g.ID, func(_ *lineRef, m *machine) {
		if m.ever {
			n++
			late := !m.line.OnChange && 2*without(p.deaf, m.heard, now) >= 3*m.line.Interval
			gone = gone && (m.lost != "" || silent[m] || late)
		}
	})
	if gone = gone && n >= 2; gone {
		p.eachMachine(g.ID, func(_ *lineRef, m *machine) { // it stands for all beneath
			if m.lost != "" {
				m.lost = "blind"
			}
		})
	}
	return gone
}

func (p *plantRef) listens(r *record) {
	switch on := r.Listening == "true"; {
	case on && !p.listening:
		p.deaf[len(p.deaf)-1][1] = r.At
		p.listening = true
	case !on && p.listening:
		p.deaf = append(p.deaf, [2]int64{r.At, 0})
		p.listening = false
		p.eachMachine("", func(_ *lineRef, m *machine) { m.missed = m.missed || m.ever })
	}
}

// eachMachine goes through the machines behind a gateway, or all.
func (p *plantRef) eachMachine(gateway string, f func(l *lineRef, m *machine)) {
	for _, l := range p.lines {
		if g := p.conf.gateway(l.conf.ID); gateway != "" && (g == nil || g.ID != gateway) {
			continue
		}
		for _, id := range l.conf.Machines {
			f(l, l.machines[id])
		}
	}
}

// drains notes since when the lateness of windows stands still.
func (p *plantRef) drains(at int64) {
	draining := !p.listening
	for _, l := range p.lines {
		for _, m := range l.output {
			draining = draining || m.draining && m.lost == "" && !l.conf.Uncommissioned
		}
	}
	switch n := len(p.still); {
	case draining && (n == 0 || p.still[n-1][1] != 0):
		p.still = append(p.still, [2]int64{at, 0})
	case !draining && n > 0 && p.still[n-1][1] == 0:
		p.still[n-1][1] = at
	}
}
