package rules

import (
	"math"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// define makes def hold from now on. What remains keeps what it remembers;
// plants, lines and machines that are gone are forgotten, new ones begin. The
// same version again changes nothing.
func (s *State) define(def *Definition) {
	if def == nil {
		def = &Definition{Registry: new(plant.Registry)}
	}
	if s.def != nil && def.Version == s.def.Version && len(def.Registry.Plants) == len(s.order) {
		return
	}
	s.allChange()
	old, before, firing := s.plants, s.order, s.allFiring()
	s.def = def
	made := newPlanner(def)
	made.before, made.rules = s.rules, newCustomRules(def.Rules.Custom)
	s.rules, s.failed = made.rules, nil
	s.plants = make(map[string]*plantState, len(def.Registry.Plants))
	s.order, s.deadlines = s.order[:0:0], nil
	ord := 0
	for i, conf := range def.Registry.Plants {
		p := s.enrol(conf, old[conf.ID], made, &ord)
		p.index = i
		s.plants[p.id] = p
		s.order = append(s.order, p)
		delete(old, p.id)
		delete(s.strangers, p.id)
	}
	for id := range old {
		s.dirty = append(s.dirty, id) // its view is gone
	}
	s.endFlags(before)
	s.endGone(firing) // before anything else ends one
	for _, p := range s.order {
		s.resume(p)
		for _, l := range p.lines {
			if s.at > 0 && !l.Judged { // off shift, whether heard or not
				now := l.now()
				s.restate(l, &now, s.at, becauseShiftEnd)
			}
		}
		p.dirty = false
		s.touch(p)
	}
}

// machinesOf is how many machines plants have.
func machinesOf(plants ...*plant.Plant) (n int) {
	for _, p := range plants {
		for _, l := range p.Lines {
			n += len(l.Machines)
		}
	}
	return n
}

// enrol makes the plant of conf, with what was (nil: nothing) remembered.
func (s *State) enrol(conf *plant.Plant, was *plantState, made *planner, ord *int) *plantState {
	p := &plantState{id: conf.ID, conf: conf, ord: *ord, days: calendar.Days{Zone: conf.Location(), Starts: conf.DayStart()}}
	p.th, p.sched = made.thresholds(conf), made.schedule(conf, "")
	room := make([]machine, machinesOf(conf)) // at once: half a million take a while one by one
	p.machines = make(map[machineID]*machine, len(room))
	*ord++
	p.Enrolled, p.WaitedAt = s.at, s.at
	if was != nil {
		p.plantMemory = was.plantMemory
	}
	p.Draining = 0
	p.Rules = watch(made.rules.plant, made.before.plant, p.Rules, plant.Counter{}, false)
	for i, lc := range conf.Lines {
		l := &line{id: lc.ID, index: i, plant: p, conf: lc, counts: lc.IsCommissioned()}
		l.sched, l.base = made.schedule(conf, lc.ID), made.baseline(p, lc)
		if was != nil {
			l.recall(was)
		}
		l.machines = make([]*machine, len(lc.Machines))
		for j, id := range lc.Machines {
			l.machines[j], room = &room[0], room[1:]
			s.install(l.machines[j], l, id, was, ord)
		}
		l.rules(made)
		for _, m := range l.machines {
			if !m.counts {
				continue
			}
			l.output, p.outputs = append(l.output, m), append(p.outputs, m)
			if m.Draining {
				p.Draining++
			}
		}
		s.keepFlags(l)
		p.lines = append(p.lines, l)
	}
	if len(p.outputs) > 0 {
		p.windows.cut = func(from plant.Instant) plant.Instant { return windowEnd(p.days, from, p.th.window) }
		p.slots.cut, p.shifts.cut = slotEnd, p.shiftEnd
		p.continuePeriods(was, s.at)
	}
	return p
}

// recall takes what the line of the same name remembered.
func (l *line) recall(was *plantState) {
	for _, o := range was.lines {
		if o.id == l.id {
			l.lineMemory = o.lineMemory
		}
	}
}

// rules gives the line and its machines what they remember for custom rules.
// A line that is not commissioned alerts nobody.
func (l *line) rules(made *planner) {
	set, before := made.rules, made.before
	if !l.counts {
		set = customRules{}
	}
	l.Rules = watch(set.line, before.line, l.Rules, plant.Counter{}, false)
	for _, m := range l.machines {
		m.Rules = watch(set.machine, before.machine, m.Rules, l.conf.Counter, m.counts)
	}
}

// install makes m a machine of l.
func (s *State) install(m *machine, l *line, id string, was *plantState, ord *int) {
	m.id, m.line, m.ord, m.counts = id, l, *ord, l.counts && l.conf.Counts(id)
	*ord++
	m.interval, m.onChange = l.conf.Interval.Every, l.conf.Interval.OnChange
	var alive time.Duration
	for _, g := range l.plant.conf.GatewaysOf(l.id) {
		m.gateways = append(m.gateways, g.ID)
		if m.ahead == 0 {
			m.ahead = time.Duration(g.ClockOffset)
		}
		if k := time.Duration(g.KeepAlive); k > 0 {
			alive = max(alive, k*3/2+gatewayGrace)
		}
	}
	m.silence = max(time.Duration(l.plant.th.missed)*m.interval, alive)
	l.times(l.plant.th, m.interval)
	l.flagAfter = l.flagWindow(l.plant.th, m.interval)
	c := l.conf.Counter
	m.rule = counterRule{scale: 1, rollover: c.Rollover, resets: c.Resets, hole: m.hole(), perHour: l.conf.Normal.PerHour}
	if cycle := l.conf.IdealCycle; cycle > 0 {
		m.rule.perHour = float64(time.Hour) / float64(cycle)
	}
	if was != nil {
		for _, o := range was.lines {
			for _, x := range o.machines {
				if o.id == l.id && x.id == id {
					m.memory = x.memory
				}
			}
		}
	}
	l.plant.machines[machineID{l.id, id}] = m
}

// continuePeriods takes over the open periods where the same lines are cut
// into the same windows; otherwise the first begins at the next boundary, and
// what was held so far is given up.
func (p *plantState) continuePeriods(was *plantState, at plant.Instant) {
	same := was != nil && was.windows.cut != nil && len(was.lines) == len(p.lines)
	for i := 0; same && i < len(p.lines); i++ {
		same = was.lines[i].id == p.lines[i].id
	}
	if same {
		p.slots.open, p.slots.last = was.slots.open, was.slots.last
		p.continueShifts(was.shifts.open, was.shifts.last, at)
	} else {
		p.slots.last = slotEnd(at - 1)
		p.continueShifts(nil, 0, at)
	}
	if same && was.th.window == p.th.window && was.days.Equal(p.days) {
		p.windows.open, p.windows.last = was.windows.open, was.windows.last
		return
	}
	p.windows.last = firstWindow(p.days, at, p.th.window)
	p.Phase.Up, p.Phase.Down, p.Phase.Undecidable = held{}, held{}, 0
}

// resume schedules what p and its machines wait for.
func (s *State) resume(p *plantState) {
	p.settle(s)
	for _, l := range p.lines {
		l.piece = l.sched.At(s.at)
	}
	p.declare()
	s.declared(p)
	p.Counting = s.listening && p.Draining == 0 && !p.deaf(s)
	for _, l := range p.lines {
		for _, m := range l.machines {
			if m.Heard != 0 && m.Lost == "" && !m.onChange && m.silence > 0 && m.silence < math.MaxInt64 {
				s.schedule(m, max(m.Heard.Add(m.silence), s.at))
			}
		}
	}
	s.plan(p)
}
