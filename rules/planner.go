package rules

import (
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// planner gives plants their rules, schedules and baselines. What is the same
// for many of them is made once.
type planner struct {
	def       *Definition
	rules     customRules
	before    customRules // of the definition before
	fleet     *thresholds
	schedules map[scheduleKey]*calendar.Schedule
	baselines map[[2]string][]*LineBaseline // by plant and line
}

type scheduleKey struct {
	cal  *plant.Calendar
	zone string
	days calendar.Days
	line string // "": without maintenance of single lines
}

func newPlanner(def *Definition) *planner {
	m := &planner{def: def, schedules: map[scheduleKey]*calendar.Schedule{}, baselines: map[[2]string][]*LineBaseline{}}
	fleet := def.Rules
	fleet.Overrides = nil
	th := fleet.WithDefaults().thresholds()
	m.fleet = &th
	if def.Baselines != nil {
		for i := range def.Baselines.Lines {
			b := &def.Baselines.Lines[i]
			key := [2]string{b.Plant, b.Line}
			m.baselines[key] = append(m.baselines[key], b)
		}
	}
	return m
}

// thresholds are the rules of p.
func (m *planner) thresholds(p *plant.Plant) *thresholds {
	if !m.def.Rules.overridden(p) {
		return m.fleet
	}
	th := m.def.Rules.For(p).thresholds()
	return &th
}

// schedule is that of a line of p.
func (m *planner) schedule(p *plant.Plant, line string) *calendar.Schedule {
	cal, days := p.Schedule(), calendar.Days{Zone: p.Location(), Starts: p.DayStart()}
	key := scheduleKey{cal: cal, zone: p.Timezone, days: calendar.Days{Starts: days.Starts}}
	if cal != nil {
		for i := range cal.Maintenance {
			if len(cal.Maintenance[i].Lines) > 0 {
				key.line = line
			}
		}
	}
	s := m.schedules[key]
	if s == nil {
		s = calendar.New(cal, days, line, m.def.Registry.HolidayTable)
		m.schedules[key] = s
	}
	return s
}
