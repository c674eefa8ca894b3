package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// phaseMemory is where a plant's phase stands (glossary: Plant phases).
type phaseMemory struct {
	Phase    plant.Phase   `json:"phase"`
	Since    plant.Instant `json:"since,omitempty"`
	Judged   bool          `json:"judged,omitempty"`  // there was a first verdict
	Before   plant.Phase   `json:"before,omitempty"`  // what unknown is judged from
	Resumed  bool          `json:"resumed,omitempty"` // at some time since enrolment
	Relapsed bool          `json:"relapsed,omitempty"`
	// What has been held so far, and from when on.
	Up          held           `json:"up"`
	Down        held           `json:"down"`
	Undecidable int            `json:"undecidable,omitempty"` // windows in a row
	Last        *plant.Verdict `json:"last,omitempty"`
	// NotBefore is the end of the last exclusion.
	NotBefore plant.Instant `json:"not_before,omitempty"`
}

// held adds up consecutive windows: as elapsed time, and as production days.
type held struct {
	From  plant.Instant `json:"from,omitempty"`
	Fixed time.Duration `json:"fixed,omitempty"`
	Days  float64       `json:"days,omitempty"`
}

func (h *held) add(w *period, d calendar.Days) {
	if h.From == 0 {
		h.From = w.From
	}
	length := w.To.Sub(w.From)
	h.Fixed += length
	for at := w.From; at < w.To; {
		begin, end := d.Day(at)
		h.Days += float64(min(end, w.To).Sub(at)) / float64(end.Sub(begin))
		at = end
	}
}

// reaches reports whether the windows add up to span.
func (h *held) reaches(span plant.Span) bool {
	if span.Days > 0 {
		return h.Days >= float64(span.Days)-1e-9
	}
	return h.Fixed >= span.Fixed
}

// recovery is what a window came to, in the unit of the thresholds: a share
// of normal output, or units per scheduled hour.
type recovery struct {
	known     bool // false: no baseline
	low, high float64
	unbounded bool // high is infinite
}

func (r *recovery) above(threshold float64) bool { return reaches(r.low, threshold) }
func (r *recovery) below(threshold float64) bool {
	return !r.unbounded && !reaches(r.high, threshold)
}

// splits reports whether low and high are on different sides of threshold.
func (r *recovery) splits(threshold float64) bool { return !r.above(threshold) && !r.below(threshold) }

// closeWindow judges the plant's oldest window. One without scheduled time
// does not exist; one that shares time with an exclusion decides nothing.
func (s *State) closeWindow(p *plantState) {
	w := p.windows.close()
	v, r, exists := s.measure(p, &w, w.To)
	if !exists {
		return
	}
	from := p.Phase.Phase
	to, why, since := from, "", plant.Instant(0)
	if from != plant.Excluded && w.From >= p.Phase.NotBefore {
		to, why, since = p.decide(&w, &r)
	}
	v.Threshold = p.th.threshold(from, to)
	p.Phase.Last = &v
	if to != from || from != plant.Excluded && !p.Phase.Judged && to != plant.PhaseUnknown {
		first := !p.Phase.Judged
		p.Phase.Phase, p.Phase.Since, p.Phase.Judged = to, w.To, true
		p.Phase.Relapsed = to == plant.Stopped && p.Phase.Resumed
		if to == plant.Resumed {
			p.Phase.Resumed = true
		}
		verdict := v
		s.emit(plant.Transition{
			Kind: plant.KindPhase, Plant: p.id, At: w.To, From: from.String(), To: to.String(), Reason: why,
			Since: since, First: first, Relapsed: p.Phase.Relapsed, Verdict: &verdict,
		})
	}
	s.res.Windows = append(s.res.Windows, Window{Plant: p.id, Phase: p.Phase.Phase, Relapsed: p.Phase.Relapsed, Verdict: v})
	s.touch(p)
}

// threshold is the one that a change to phase is decided by.
func (th *thresholds) threshold(from, to plant.Phase) float64 {
	switch {
	case to == plant.Stopped:
		return th.stop
	case from == plant.Normal && (to == plant.Normal || to == plant.Resumed):
		return th.normalExit
	case to == plant.Normal:
		return th.normal
	}
	return th.at
}

// decide returns the phase after the window, why, and since when that began.
func (p *plantState) decide(w *period, r *recovery) (plant.Phase, string, plant.Instant) {
	m := &p.Phase
	now := m.Phase
	if m.Judged && now == plant.PhaseUnknown {
		now = m.Before
	}
	if !r.known {
		return unknown(m, "no_baseline", w)
	}
	if p.th.undecidable(m.Judged, now, r) {
		if m.Undecidable++; m.Undecidable < 2 {
			return m.Phase, "", 0 // pauses both counts
		}
		return unknown(m, "undecidable", w)
	}
	m.Undecidable = 0
	if r.above(p.th.at) {
		m.Up.add(w, p.days)
	} else {
		m.Up = held{}
	}
	if r.below(p.th.stop) {
		m.Down.add(w, p.days)
	} else {
		m.Down = held{}
	}
	return p.th.next(m, now, r)
}

// next is the phase that follows now, for a decidable window.
func (th *thresholds) next(m *phaseMemory, now plant.Phase, r *recovery) (plant.Phase, string, plant.Instant) {
	up, down := m.Up.From != 0, m.Down.From != 0
	rising := !m.Judged || now == plant.Stopped || now == plant.RampingUp
	switch {
	case down && now != plant.Stopped && m.Down.reaches(th.stopHold):
		return plant.Stopped, "held_below_stop", m.Down.From
	case up && rising && m.Up.reaches(th.hold):
		return plant.Resumed, "held_above_at", m.Up.From
	case up && rising && now != plant.RampingUp:
		return plant.RampingUp, "above_at", m.Up.From
	case now == plant.Resumed && th.normal > 0 && r.above(th.normal):
		return plant.Normal, "above_normal", m.Up.From
	case now == plant.Normal && r.below(th.normalExit):
		return plant.Resumed, "below_normal_exit", m.Up.From
	}
	if !m.Judged {
		return plant.PhaseUnknown, "", 0
	}
	return now, "decidable", m.Since
}

// unknown ends both counts.
func unknown(m *phaseMemory, why string, w *period) (plant.Phase, string, plant.Instant) {
	m.Up, m.Down = held{}, held{}
	if m.Judged && m.Phase != plant.PhaseUnknown {
		m.Before = m.Phase
	}
	return plant.PhaseUnknown, why, w.From
}

// undecidable looks at the thresholds that matter now.
func (th *thresholds) undecidable(judged bool, now plant.Phase, r *recovery) bool {
	at, stop := r.splits(th.at), r.splits(th.stop)
	switch {
	case !judged || now == plant.RampingUp:
		return at || stop
	case now == plant.Stopped:
		return at
	}
	return stop
}
