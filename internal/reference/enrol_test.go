package reference

import "slices"

// newPlant enrols a plant; nil: nothing does.
func newPlant(s *scenario, conf *plantConf) *plantRef {
	if len(s.Records) == 0 {
		return nil
	}
	p := &plantRef{conf: conf, rules: s.rulesOf(conf), listening: true, enrolled: s.From, end: s.To}
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
	p.days = newDays(conf, calendar, "", first, last)
	if conf.ExcludedTo != "" {
		p.excluded = [2]int64{p.days.moment(conf.ExcludedFrom), p.days.moment(conf.ExcludedTo)}
	}
	p.phases = phases{rules: p.rules, plant: conf.ID, phase: "unknown"}
	for _, lc := range conf.Lines {
		l := &lineRef{plant: p, conf: lc, machines: map[string]*machine{}, state: "unknown"}
		l.days = p.days
		if calendar != nil && calendar.Maintenance != nil {
			l.days = newDays(conf, calendar, lc.ID, first, last)
		}
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
	p.windows = slices.DeleteFunc(p.days.windows(p.rules.Window, p.enrolled, p.end), func(w window) bool { return p.scheduled(w) == 0 })
	p.learn(s) // from the whole recording
	return p
}

// gateway is the line's; nil: it has none.
func (p *plantConf) gateway(line string) *gatewayConf {
	for _, g := range p.Gateways {
		if g.Lines == nil || slices.Contains(g.Lines, line) {
			return g
		}
	}
	return nil
}

func (p *plantConf) keepAlive(line string) int64 {
	if g := p.gateway(line); g != nil {
		return g.KeepAlive
	}
	return 0
}

// offset is how far the clocks of the line's machines are ahead.
func (p *plantConf) offset(line string) int64 {
	if g := p.gateway(line); g != nil {
		return g.Offset
	}
	return 0
}
