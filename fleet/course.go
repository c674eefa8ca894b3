package fleet

import (
	"math"
	"slices"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/calendar"
)

const (
	// keepWindows of a plant's newest windows are remembered one by one,
	// older ones by production day, and only keepDays of those.
	keepWindows = 4
	keepDays    = 60
	// keepPhases bounds the changes of a plant's phase that are remembered.
	keepPhases = 400
)

// course is what became of one plant: its changes of phase and its windows, in
// order of time. It is exported field by field for snapshots only.
type course struct {
	Enrolled plant.Instant
	Phases   []phaseMark
	Windows  []windowMark
}

// phaseMark says that a phase holds from At on.
type phaseMark struct {
	At    plant.Instant
	Phase plant.Phase
}

// windowMark is what a closed window, which ended at To, came to.
type windowMark struct {
	To       plant.Instant
	Recovery float64 // NaN: not evaluated
	Observed bool    // at least in part
	Proxy    bool
}

// turn notes a change of phase. Of several at one instant the last stands.
func (c *course) turn(at plant.Instant, phase plant.Phase) {
	i, same := slices.BinarySearchFunc(c.Phases, at, func(m phaseMark, at plant.Instant) int { return compare(m.At, at) })
	if same {
		c.Phases[i].Phase = phase
		return
	}
	c.Phases = slices.Insert(c.Phases, i, phaseMark{at, phase})
}

// close notes a closed window. A window that is told again replaces itself.
func (c *course) close(v *plant.Verdict) {
	m := windowMark{To: v.To, Recovery: math.NaN(), Observed: v.Coverage > 0, Proxy: v.Proxy}
	if v.Recovery != nil {
		m.Recovery = *v.Recovery
	}
	i, same := slices.BinarySearchFunc(c.Windows, v.To, func(w windowMark, at plant.Instant) int { return compare(w.To, at) })
	if same {
		c.Windows[i] = m
		return
	}
	c.Windows = slices.Insert(c.Windows, i, m)
}

// forget drops what is older than a live server remembers.
func (c *course) forget(days calendar.Days) {
	if n := len(c.Phases) - keepPhases; n > 0 {
		c.Phases = slices.Delete(c.Phases, 0, n)
	}
	// The window that has just ceased to be among the newest stays only
	// where it is the last of its day.
	if i := len(c.Windows) - keepWindows - 1; i >= 0 && days.Date(c.Windows[i].To-1) == days.Date(c.Windows[i+1].To-1) {
		c.Windows = slices.Delete(c.Windows, i, i+1)
	}
	if n := len(c.Windows) - keepWindows - keepDays; n > 0 {
		c.Windows = slices.Delete(c.Windows, 0, n)
	}
}

// phase is the phase that holds at that instant.
func (c *course) phase(at plant.Instant) plant.Phase {
	i, _ := slices.BinarySearchFunc(c.Phases, at+1, func(m phaseMark, at plant.Instant) int { return compare(m.At, at) })
	if i == 0 {
		return plant.PhaseUnknown
	}
	return c.Phases[i-1].Phase
}

// window is the newest that was over by then; nil: none was.
func (c *course) window(at plant.Instant) *windowMark {
	i, _ := slices.BinarySearchFunc(c.Windows, at+1, func(w windowMark, at plant.Instant) int { return compare(w.To, at) })
	if i == 0 {
		return nil
	}
	return &c.Windows[i-1]
}

func compare(a, b plant.Instant) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// member is one plant of the registry, with its course.
type member struct {
	*course
	conf         *plant.Plant
	days         calendar.Days
	schedule     *weekly
	commissioned bool
}

// tell takes what the rules decided about the plant.
func (m *member) tell(t *plant.Transition) {
	var phase plant.Phase
	if err := phase.UnmarshalText([]byte(t.To)); err == nil {
		m.turn(t.At, phase)
	}
}

// weekly answers, for plants of one calendar, whether anything was scheduled
// within a week. It remembers its answers.
type weekly struct {
	*calendar.Schedule
	known map[plant.Date]bool
}

// weekDays is how many days back a plant that was scheduled is eligible.
const weekDays = 7

// within reports whether any time of the seven production days up to date is
// scheduled.
func (w *weekly) within(date plant.Date) bool {
	if w.Always() {
		return true
	}
	answer, known := w.known[date]
	if !known {
		n := date.Number()
		answer = w.Scheduled(w.Start(plant.DateNumber(n-weekDays+1)), w.Start(plant.DateNumber(n+1))) > 0
		w.known[date] = answer
	}
	return answer
}

type scheduleKey struct {
	cal    *plant.Calendar
	zone   string
	starts int64
}

// members puts the registry's plants in order, with what was known of them.
func members(def *rules.Definition, known map[string]*course, at plant.Instant) (out []*member, by map[string]*member) {
	by = make(map[string]*member, len(def.Registry.Plants))
	schedules := map[scheduleKey]*weekly{}
	for _, p := range def.Registry.Plants {
		m := &member{conf: p, days: calendar.Days{Zone: p.Location(), Starts: p.DayStart()}, course: known[p.ID]}
		if m.course == nil {
			m.course = &course{Enrolled: at}
		}
		m.commissioned = slices.ContainsFunc(p.Lines, (*plant.Line).IsCommissioned)
		key := scheduleKey{p.Schedule(), p.Timezone, int64(p.DayStart())}
		if schedules[key] == nil {
			schedules[key] = &weekly{calendar.New(p.Schedule(), m.days, "", def.Registry.HolidayTable), map[plant.Date]bool{}}
		}
		m.schedule = schedules[key]
		out, by[p.ID] = append(out, m), m
	}
	return out, by
}
