package console

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// rank is where the board shows a plant: what needs somebody first, then by
// name. It is worked out once per value, not once per look.
type rank struct {
	urgency int
	name    string
	text    string // what the filter box searches, in lower case
}

// urgency orders plants: a stall in a plant that produces is news somebody
// can act on now, a plant that was resumed and stopped comes next, and one
// with an alert of a custom rule after it; one that has been stopped all along can
// wait behind them.
func urgency(v *rules.PlantView) int {
	stalled := slices.ContainsFunc(v.Lines, func(l rules.LineView) bool { return l.State == plant.Stalled })
	switch {
	case v.Phase == plant.Excluded:
		return 9
	case stalled && v.Phase != plant.Stopped:
		return 0
	case v.Phase == plant.Stopped && v.Relapsed:
		return 1
	case len(v.Alerts) > 0:
		return 2
	case v.Phase == plant.Stopped && stalled:
		return 3
	case v.Phase == plant.Stopped:
		return 4
	case v.Phase == plant.PhaseUnknown:
		return 5
	case v.Phase == plant.RampingUp:
		return 6
	case v.Phase == plant.Resumed:
		return 7
	}
	return 8
}

func rankOf(v *rules.PlantView) rank {
	text := []string{v.ID, v.Name}
	for _, k := range slices.Sorted(maps.Keys(v.Labels)) {
		text = append(text, v.Labels[k])
	}
	return rank{urgency: urgency(v), name: cmp.Or(v.Name, v.ID), text: strings.ToLower(strings.Join(text, "\n"))}
}

// ranking is every plant in the board's order, with the counts of the header.
// It is shared by all pages and never changed once made.
type ranking struct {
	version  uint64
	enrolled []*entry
	others   []*entry // heard, but nobody enrolled them
	phases   map[plant.Phase]int
	lines    map[plant.LineState]int
	relapsed int
}

// ranking returns the order as of now, newly made if something changed.
func (b *board) ranking() *ranking {
	b.rankMu.Lock()
	defer b.rankMu.Unlock()
	b.mu.RLock()
	version := b.version
	if b.ranked != nil && b.ranked.version == version {
		b.mu.RUnlock()
		return b.ranked
	}
	r := &ranking{version: version, phases: map[plant.Phase]int{}, lines: map[plant.LineState]int{}}
	for _, e := range b.plants {
		switch {
		case e.view == nil:
		case e.view.Enrolled:
			r.enrolled = append(r.enrolled, e)
		default:
			r.others = append(r.others, e)
		}
	}
	b.mu.RUnlock()
	slices.SortFunc(r.enrolled, byUrgency)
	slices.SortFunc(r.others, byUrgency)
	for _, e := range r.enrolled {
		r.phases[e.view.Phase]++
		if e.view.Relapsed && e.view.Phase == plant.Stopped {
			r.relapsed++
		}
		for i := range e.view.Lines {
			r.lines[e.view.Lines[i].State]++
		}
	}
	b.ranked = r
	return r
}

func byUrgency(x, y *entry) int {
	return cmp.Or(cmp.Compare(x.rank.urgency, y.rank.urgency), cmp.Compare(x.rank.name, y.rank.name), cmp.Compare(x.id, y.id))
}

// matching returns the first limit entries whose text holds every word of q,
// and how many more there are.
func matching(entries []*entry, q string, limit int) (shown []*entry, more int) {
	words := strings.Fields(strings.ToLower(q))
	for _, e := range entries {
		if !hasAll(e.rank.text, words) {
			continue
		}
		if len(shown) < limit {
			shown = append(shown, e)
		} else {
			more++
		}
	}
	return shown, more
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// plant returns the latest view of one plant.
func (b *board) plant(id string) *rules.PlantView {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if e := b.plants[id]; e != nil {
		return e.view
	}
	return nil
}

// all returns every plant, by id.
func (b *board) all() []*rules.PlantView {
	b.mu.RLock()
	out := make([]*rules.PlantView, 0, len(b.plants))
	for _, e := range b.plants {
		if e.view != nil {
			out = append(out, e.view)
		}
	}
	b.mu.RUnlock()
	slices.SortFunc(out, func(x, y *rules.PlantView) int { return cmp.Compare(x.ID, y.ID) })
	return out
}

// newest returns up to limit transitions that want is true of, newest first,
// and the version up to which it looked.
func (b *board) newest(limit int, want func(*plant.Transition) bool) ([]*entry, uint64) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := []*entry{}
	for i := len(b.passed) - 1; i >= 0 && len(out) < limit; i-- {
		if e := b.passed[i]; want == nil || want(e.transition) {
			out = append(out, e)
		}
	}
	return out, b.version
}
