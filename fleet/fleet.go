package fleet

import (
	"slices"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// Fleet is every enrolled plant with its course. The registry is what it
// counts: a plant that was never heard of is in it. Safe for concurrent use.
type Fleet struct {
	mu      sync.Mutex
	def     *rules.Definition
	order   []*member // by the registry
	plants  map[string]*member
	forgets bool // what is long ago, as a server does
	day     calendar.Days
	since   plant.Instant // nothing older is known
}

// New returns the plants of def, enrolled at that instant, which remembers
// everything. def must be indexed.
func New(def *rules.Definition, at plant.Instant) *Fleet {
	f := &Fleet{since: at}
	f.define(def, at)
	return f
}

func (f *Fleet) define(def *rules.Definition, at plant.Instant) {
	known := make(map[string]*course, len(f.order))
	for _, m := range f.order {
		known[m.conf.ID] = m.course
	}
	f.def, f.day = def, Day(def.Registry)
	f.order, f.plants = members(def, known, at)
}

// Enrol says that a plant is enrolled from that instant on.
func (f *Fleet) Enrol(id string, at plant.Instant) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := f.plants[id]; m != nil {
		m.Enrolled = at
	}
}

// Tell takes what the rules decided, in the order they did. Plants that are
// not in the registry are left out. It keeps neither slice.
func (f *Fleet) Tell(transitions []plant.Transition, windows []rules.Window) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tell(transitions, windows)
}

func (f *Fleet) tell(transitions []plant.Transition, windows []rules.Window) {
	for i := range transitions {
		if t := &transitions[i]; t.Kind == plant.KindPhase && f.plants[t.Plant] != nil {
			f.plants[t.Plant].tell(t)
		}
	}
	for i := range windows {
		m := f.plants[windows[i].Plant]
		if m == nil {
			continue
		}
		m.close(&windows[i].Verdict)
		if f.forgets {
			m.forget(m.days)
		}
	}
}

// Phase is the phase of a plant at that instant.
func (f *Fleet) Phase(id string, at plant.Instant) plant.Phase {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := f.plants[id]; m != nil {
		return m.phase(at)
	}
	return plant.PhaseUnknown
}

// Day is the production day of the fleet: that of most of its plants, of the
// first of them where two are as many.
func Day(reg *plant.Registry) calendar.Days {
	type key struct {
		zone   string
		starts time.Duration
	}
	count := map[key]int{}
	out, most := calendar.Days{Zone: time.UTC}, 0
	for _, p := range reg.Plants {
		count[key{p.Location().String(), p.DayStart()}]++
	}
	for _, p := range reg.Plants {
		if n := count[key{p.Location().String(), p.DayStart()}]; n > most {
			most, out = n, calendar.Days{Zone: p.Location(), Starts: p.DayStart()}
		}
	}
	return out
}

// maxValues is how many values a label may have to be one that the fleet is
// told apart by without being asked.
const maxValues = 50

// Labels returns the labels that plants of reg have, but for those that tell
// nearly every plant from every other, in order.
func Labels(reg *plant.Registry) (out []string) {
	values := map[string]map[string]bool{}
	for _, p := range reg.Plants {
		for name, value := range p.Labels {
			if values[name] == nil {
				values[name] = map[string]bool{}
			}
			values[name][value] = true
		}
	}
	for name, v := range values {
		if len(v) <= maxValues {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
