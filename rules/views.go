package rules

import (
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// Views returns the views of all plants: those enrolled in the order of the
// registry, then those that nobody enrolled, by their id.
func (s *State) Views() []PlantView {
	out := make([]PlantView, 0, len(s.order)+len(s.strangers))
	for _, p := range s.order {
		out = append(out, s.view(p))
	}
	known := len(out)
	for id, g := range s.strangers {
		out = append(out, g.view(id))
	}
	slices.SortFunc(out[known:], func(a, b PlantView) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// View returns the view of one plant, enrolled or not.
func (s *State) View(id string) (PlantView, bool) {
	if p := s.plants[id]; p != nil {
		return s.view(p), true
	}
	if g := s.strangers[id]; g != nil {
		return g.view(id), true
	}
	return PlantView{}, false
}

// TakeDirty returns the plants whose views may have changed since the last
// call, those that are no longer known among them.
func (s *State) TakeDirty() []string {
	out := s.dirty
	s.dirty = nil
	for _, id := range out {
		if p := s.plants[id]; p != nil {
			p.dirty = false
		}
		if g := s.strangers[id]; g != nil {
			g.dirty = false
		}
	}
	return out
}

func (s *State) view(p *plantState) PlantView {
	v := PlantView{
		ID: p.id, Name: p.conf.Name, Labels: p.conf.Labels, Enrolled: true,
		Phase: p.Phase.Phase, Since: p.Phase.Since, Relapsed: p.Phase.Relapsed, Last: p.Phase.Last,
		Lines:    make([]LineView, 0, len(p.lines)),
		Declared: append([]plant.Declaration(nil), p.Declared...), Past: append([]plant.Declaration(nil), p.Past...),
	}
	slices.Reverse(v.Past)
	v.Alerts = append([]AlertView{}, p.firing()...)
	current := s.current(p)
	if current != nil {
		if c, _, exists := s.measure(p, current, min(s.at, current.To)); exists {
			v.Current = &c
		}
	}
	for _, l := range p.lines {
		lv := LineView{ID: l.id, Unit: l.conf.Unit, State: l.State, Reason: string(l.Reason), Since: l.Since}
		switch {
		case !l.counts:
			lv.State, lv.Reason = plant.Commissioning, ""
		case !l.Judged:
			now := l.now()
			lv.State = l.judge(now.Kind)
			lv.Reason = string(l.because(lv.State, &now, ""))
		}
		lv.Baseline = l.base.holds()
		lv.Shift, lv.LastShift = s.currentShift(l), l.Shift
		lv.Flags = slices.Clone(l.Flags)
		for _, m := range l.machines {
			lv.Heard = max(lv.Heard, m.Heard)
		}
		if current != nil {
			lv.Output = current.Lines[l.index].Made
		}
		v.Lines = append(v.Lines, lv)
	}
	return v
}

// current is the window that holds now; nil where there is none. One that nothing
// has fallen into is not made for it: a look changes nothing.
func (s *State) current(p *plantState) *period {
	if p.windows.cut == nil {
		return nil
	}
	from := p.windows.last
	for i := range p.windows.open {
		w := &p.windows.open[i]
		if w.From <= s.at && s.at < w.To {
			return w
		}
		from = w.To
	}
	for from <= s.at {
		w := period{From: from, To: p.windows.cut(from), Lines: make([]tally, len(p.lines))}
		if s.at < w.To {
			return &w
		}
		from = w.To
	}
	return nil
}

func (g *stranger) view(id string) PlantView {
	v := PlantView{ID: id, Lines: make([]LineView, 0, len(g.Lines))}
	for name, heard := range g.Lines {
		v.Lines = append(v.Lines, LineView{ID: name, Heard: heard})
	}
	slices.SortFunc(v.Lines, func(a, b LineView) int { return strings.Compare(a.ID, b.ID) })
	return v
}
