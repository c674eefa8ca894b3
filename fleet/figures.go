package fleet

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// Figures returns what the whole fleet comes to at that instant and, after it,
// what each segment does: for each label of by, its values in order. A label
// that no plant has is a CodeInvalid error. An instant before what is
// remembered is a CodeNotFound error.
//
// An instant belongs to the production day it ends or lies in, as windows are
// half open: the figures of a day are those of its end.
func (f *Fleet) Figures(at plant.Instant, by ...string) ([]plant.Resumption, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.hasLabels(by); err != nil {
		return nil, err
	}
	if at < f.since {
		return nil, plant.Errorf(plant.CodeNotFound, "figures are remembered from %s on; older ones are in InfluxDB, measurement resumption", f.since)
	}
	return f.figures(at, at, by), nil
}

func (f *Fleet) hasLabels(by []string) error {
	for _, label := range by {
		if !slices.ContainsFunc(f.order, func(m *member) bool { _, has := m.conf.Labels[label]; return has }) {
			return plant.Errorf(plant.CodeInvalid, "no plant has a label %q; there are %v", label, Labels(f.def.Registry))
		}
	}
	return nil
}

// figures are those of the day that at belongs to, by what happened until
// known.
func (f *Fleet) figures(at, known plant.Instant, by []string) []plant.Resumption {
	all := new(sum)
	segments := make([]map[string]*sum, len(by))
	for i := range by {
		segments[i] = map[string]*sum{}
	}
	for _, m := range f.order {
		x := m.at(at, known)
		all.add(&x)
		for i, label := range by {
			value := cmp.Or(m.conf.Labels[label], plant.SegmentNone)
			if segments[i][value] == nil {
				segments[i][value] = new(sum)
			}
			segments[i][value].add(&x)
		}
	}
	out := []plant.Resumption{all.figures(plant.SegmentAll, plant.SegmentAll)}
	for i, label := range by {
		first := len(out)
		for value, s := range segments[i] {
			out = append(out, s.figures(label, value))
		}
		slices.SortFunc(out[first:], func(a, b plant.Resumption) int { return cmp.Compare(a.Value, b.Value) })
	}
	for i := range out {
		out[i].At, out[i].Definition, out[i].Basis = at, f.def.Version, plant.BasisNow
	}
	return out
}

// standing is what one plant adds to the figures of one instant.
type standing struct {
	eligible, excluded bool
	phase              plant.Phase
	window             *windowMark
	weight             float64
}

func (m *member) at(t, known plant.Instant) standing {
	x := standing{weight: m.conf.Weight}
	if t < m.Enrolled || !m.commissioned {
		return x
	}
	x.phase = m.phase(known)
	if x.phase == plant.Excluded {
		x.excluded = true
		return x
	}
	x.eligible = m.schedule.Always() || m.schedule.within(m.days.Date(t-1))
	x.window = m.window(known)
	return x
}

// sum adds up plants.
type sum struct {
	plant.Resumption
	weights, weighted float64
}

func (s *sum) add(x *standing) {
	if x.excluded {
		s.Excluded++
	}
	if !x.eligible {
		return
	}
	s.Eligible++
	switch x.phase {
	case plant.Stopped:
		s.Stopped++
	case plant.RampingUp:
		s.RampingUp++
	case plant.Resumed:
		s.Resumed++
	case plant.Normal:
		s.Normal++
	default:
		s.Unknown++
	}
	w := x.window
	if w == nil {
		return
	}
	if w.Observed {
		s.Reporting++
	}
	if !math.IsNaN(w.Recovery) {
		s.weights += x.weight
		s.weighted += x.weight * w.Recovery
		s.Proxy = s.Proxy || w.Proxy
	}
}

// figures works out the shares (glossary: Fleet figures).
func (s *sum) figures(segment, value string) plant.Resumption {
	r := s.Resumption
	r.Segment, r.Value = segment, value
	if s.weights > 0 {
		r.Recovery = ptr(s.weighted / s.weights)
	}
	if r.Eligible == 0 {
		return r
	}
	share := func(n int) *float64 { return ptr(float64(n) / float64(r.Eligible)) }
	producing := r.Resumed + r.Normal
	r.Rate, r.RateLow, r.RateHigh = share(producing), share(producing), share(producing+r.Unknown)
	r.Coverage = share(r.Reporting)
	if r.Recovery != nil {
		r.Activity = ptr(Activity(*r.Rate, *r.Recovery))
	}
	return r
}

// Activity is the activity index of a resumption rate and an output recovery,
// their mean, as Zhejiang published it in 2020.
func Activity(rate, recovery float64) float64 { return (rate + recovery) / 2 }

func ptr(f float64) *float64 { return &f }
