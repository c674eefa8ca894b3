package fleet

import (
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

const (
	// pace is the shortest time, by the frames' clock, between two looks at
	// what changed: a day's windows close within seconds, one after the other.
	pace = 10 * time.Second
	// grace is how long after the rules' lateness an instant is settled: what
	// falls due is seen up to a tick later, and told after a pace.
	grace = time.Minute
	// atOnce bounds the plants that are looked at because of one frame, each
	// instant anew: a backlog of weeks must not delay the rules.
	atOnce = 20_000
	// refresh is how old the newest figures may be though nothing happened:
	// plants cross into the next production day.
	refresh = time.Minute
)

// Live is a Fleet that follows the rules of a running server and says which
// figures are to be written. What it says follows from the frames alone, so
// that after a restart the same frames lead to the same figures.
//
// Each change of a plant's phase, and each end of a production day, is an
// instant with figures. They are of basis first until the instant has settled:
// the rules' lateness after it, or after it became known. What becomes known
// of a day's end later is of basis now.
//
// Frame and Marshal are called by one goroutine, all else by any.
type Live struct {
	*Fleet
	labels   []string
	lateness time.Duration
	liveMemory

	latest   []plant.Resumption // guarded by mu, as is all below
	latestAt plant.Instant
	newest   plant.Instant // frame
	stale    bool
}

// liveMemory is what is kept in snapshots.
type liveMemory struct {
	Instants []instant     // in order of time
	Dirty    plant.Instant // figures from here on may have changed; 0: none
	Told     plant.Instant // the frame that was told of last
	DayEnd   plant.Instant // of the fleet's current day
}

// instant is a moment that figures are written for.
type instant struct {
	At, Known plant.Instant
	Daily     bool
	Told      bool
	Sum       uint64 // of the figures as they were told
}

// NewLive returns a Live for the state that the rules are in before its first
// frame.
func NewLive(state *rules.State) *Live {
	l := &Live{Fleet: &Fleet{forgets: true, plants: map[string]*member{}}}
	l.adopt(state.Definition(), 0)
	for _, v := range state.Views() {
		m := l.plants[v.ID]
		if m == nil {
			continue
		}
		if v.Since != 0 {
			m.turn(v.Since, v.Phase)
		}
		if v.Last != nil {
			m.close(v.Last)
		}
	}
	return l
}

func (l *Live) adopt(def *rules.Definition, at plant.Instant) {
	l.define(def, at)
	l.labels = Labels(def.Registry)
	l.lateness = time.Duration(def.Rules.WithDefaults().Resume.Lateness)
	for i := range def.Rules.Overrides {
		l.lateness = max(l.lateness, time.Duration(def.Rules.Overrides[i].Resume.Lateness))
	}
}

// Frame takes what the rules made of the frame stamped at, by def, and returns
// the figures to be written because of it; they are the caller's.
func (l *Live) Frame(def *rules.Definition, at plant.Instant, transitions []plant.Transition, windows []rules.Window) []plant.Resumption {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.newest == 0
	l.newest = at
	if first && l.since == 0 {
		l.since = at
	}
	if def != l.def && def.Version != l.def.Version {
		l.adopt(def, at)
		l.DayEnd, l.stale = 0, true
		l.touch(at, at, false)
	}
	if len(transitions)+len(windows) > 0 {
		l.follow(at, transitions, windows)
	}
	l.pass(at)
	if l.Dirty == 0 || at < l.Told.Add(pace) || len(l.order) == 0 {
		return nil
	}
	return l.tellAll(at)
}

// follow notes which instants have other figures now.
func (l *Live) follow(at plant.Instant, transitions []plant.Transition, windows []rules.Window) {
	l.stale = true
	l.tell(transitions, windows)
	for i := range transitions {
		if t := &transitions[i]; t.Kind == plant.KindPhase {
			l.touch(t.At, at, false)
		}
	}
	for i := range windows {
		if to := windows[i].Verdict.To; len(l.Instants) > 0 && to <= l.Instants[len(l.Instants)-1].At {
			l.dirty(to)
		}
	}
}

// pass notes the ends of days that have come.
func (l *Live) pass(at plant.Instant) {
	if l.DayEnd == 0 {
		_, l.DayEnd = l.day.Day(at)
	}
	for at >= l.DayEnd {
		if at.Sub(l.DayEnd) <= keepDays*24*time.Hour {
			l.touch(l.DayEnd, at, true)
		}
		_, l.DayEnd = l.day.Day(l.DayEnd)
		l.since = max(l.since, l.DayEnd.Add(-(keepDays-1)*24*time.Hour))
	}
}

// touch makes t an instant that is told of.
func (l *Live) touch(t, at plant.Instant, daily bool) {
	i, known := slices.BinarySearchFunc(l.Instants, t, func(x instant, t plant.Instant) int { return compare(x.At, t) })
	if !known {
		l.Instants = slices.Insert(l.Instants, i, instant{At: t, Known: at})
	}
	l.Instants[i].Daily = l.Instants[i].Daily || daily
	l.dirty(t)
}

func (l *Live) dirty(t plant.Instant) {
	if l.Dirty == 0 || t < l.Dirty {
		l.Dirty = t
	}
}

// tellAll returns the figures of the instants that may have others now, as many
// as one frame may cost, and gives up those that can have no others.
func (l *Live) tellAll(at plant.Instant) (out []plant.Resumption) {
	looked := 0
	for i := range l.Instants {
		x := &l.Instants[i]
		settled := at > max(x.At, x.Known).Add(l.lateness+grace)
		if x.At < l.Dirty || x.Told && settled && !x.Daily {
			continue
		}
		if looked += len(l.order); looked > atOnce && looked > len(l.order) {
			l.Dirty = x.At // the next frame goes on here
			return out
		}
		figures := l.figures(x.At, x.At, l.labels)
		sum := digest(figures)
		if x.Told && x.Sum == sum {
			continue
		}
		if !x.Told || !settled {
			for j := range figures {
				figures[j].Basis = plant.BasisFirst
			}
		}
		x.Told, x.Sum = true, sum
		out = append(out, figures...)
	}
	l.Instants = slices.DeleteFunc(l.Instants, func(x instant) bool {
		if x.Daily {
			return at.Sub(x.At) > keepDays*24*time.Hour
		}
		return at > max(x.At, x.Known).Add(l.lateness+grace)
	})
	l.Dirty, l.Told = 0, at
	return out
}

// digest tells figures apart.
func digest(figures []plant.Resumption) uint64 {
	h := fnv.New64a()
	for i := range figures {
		r := &figures[i]
		write(h, r.Segment, r.Value, r.Definition, r.Eligible, r.Resumed, r.Normal, r.RampingUp, r.Stopped, r.Unknown,
			r.Excluded, r.Reporting, r.Recovery)
	}
	return h.Sum64()
}

// Now returns the figures of this moment, with whatever has happened by clocks
// that are ahead of ours: of the whole fleet and of every segment that is
// written. The slice is shared: do not change it.
func (l *Live) Now() []plant.Resumption {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stale || l.latest == nil || l.newest.Sub(l.latestAt) > refresh {
		l.latest, l.latestAt, l.stale = l.figures(l.newest, math.MaxInt64-1, l.labels), l.newest, false
	}
	return l.latest
}

// FiguresNow are Figures as Now has them.
func (l *Live) FiguresNow(by ...string) ([]plant.Resumption, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.hasLabels(by); err != nil {
		return nil, err
	}
	return l.figures(l.newest, math.MaxInt64-1, by), nil
}

// Newest is the stamp of the newest frame.
func (l *Live) Newest() plant.Instant {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.newest
}
