package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// reason is a word for why a line's state changed.
type reason string

const (
	becauseFirstPart   reason = "first_part"  // an increment
	becauseNoPart      reason = "no_part"     // none for T_run
	becauseUnexplained reason = "unexplained" // none for T_stall, and nobody said why
	becauseSilent      reason = "silent"
	becauseBlind       reason = "blind"
	becauseBad         reason = "bad_quality"
	becauseHeard       reason = "heard" // again, or for the first time
)

// line is one enrolled line.
type line struct {
	lineMemory
	id       string
	index    int // its place in the plant
	plant    *plantState
	conf     *plant.Line
	counts   bool // commissioned
	machines []*machine
	output   []*machine // whose count is the line's
	run      time.Duration
	stall    time.Duration
}

// lineMemory is what a line remembers.
type lineMemory struct {
	State  plant.LineState `json:"state"`
	Reason reason          `json:"reason,omitempty"`
	Since  plant.Instant   `json:"since,omitempty"` // of the state
	Judged bool            `json:"judged,omitempty"`
}

// times of the line: T_run and T_stall (glossary: Line states).
func (l *line) times(th *thresholds, interval time.Duration) {
	l.run = max(th.minRunning, 3*time.Duration(l.conf.IdealCycle), 2*interval)
	l.stall = max(th.shortStop, l.run)
}

// judge is the machine's state by its newest good sample. Ages are measured
// between samples, never against a clock.
func (m *machine) judge() plant.LineState {
	switch {
	case m.Lost != "" || m.Bad || m.Good == 0 || m.Draining && m.Status == plant.LineUnknown:
		return plant.LineUnknown
	case m.LastInc != 0 && m.Good.Sub(m.LastInc) < m.line.run:
		return plant.Running
	case m.Good.Sub(m.stallFrom()) >= m.line.stall:
		return plant.Stalled
	}
	return plant.ShortStop
}

// stallFrom is where the age of a stall starts.
func (m *machine) stallFrom() plant.Instant { return max(m.LastInc, m.Anew) }

// advance brings the machine from its old status to that of its newest
// sample, at t, through what fell due on the way.
func (s *State) advance(m *machine, old plant.LineState, t plant.Instant, wasLost reason) {
	now := m.judge()
	if old == plant.LineUnknown {
		switch {
		case now == plant.LineUnknown:
		case wasLost != "" || m.line.State == plant.LineUnknown && m.line.Judged && m.line.Reason != becauseBad:
			s.lineChanged(m, now, s.at, becauseHeard) // leaving silence, by our clock
		default:
			s.lineChanged(m, now, t, becauseHeard)
		}
		return
	}
	if now == plant.Running {
		s.lineChanged(m, now, t, becauseFirstPart)
		return
	}
	if old == plant.Running && (now != plant.Stalled || m.LastInc.Add(m.line.run) < m.stallFrom().Add(m.line.stall)) {
		s.lineChanged(m, plant.ShortStop, min(m.LastInc.Add(m.line.run), t), becauseNoPart)
	}
	if now == plant.Stalled {
		s.lineChanged(m, now, min(m.stallFrom().Add(m.line.stall), t), becauseUnexplained)
	} else {
		s.lineChanged(m, now, t, becauseNoPart)
	}
}

// lineChanged sets the status of an output machine and, where that changes
// the line's state, says so, dated at, but never before the change before.
func (s *State) lineChanged(m *machine, status plant.LineState, at plant.Instant, why reason) {
	m.Status = status
	l := m.line
	if !l.counts {
		return
	}
	state := l.judge()
	if state == l.State {
		return
	}
	if !l.Judged && state == plant.LineUnknown {
		return
	}
	at = max(at, l.Since)
	tr := plant.Transition{
		Kind: plant.KindLine, Plant: l.plant.id, Line: l.id, At: at,
		From: l.State.String(), To: state.String(), Reason: string(why), Since: at, First: !l.Judged,
	}
	if state == plant.Stalled || state == plant.ShortStop {
		if tr.Since = l.lastIncrement(); tr.Since == 0 {
			tr.Since = m.stallFrom() // no part ever: from the first sample
		}
	}
	l.State, l.Reason, l.Since, l.Judged = state, why, at, true
	s.emit(tr)
	s.touch(l.plant)
}

// judge is the line's state by its output machines: running if any heard one
// runs, else unknown if any is unknown, else in a short stop if any is.
func (l *line) judge() plant.LineState {
	state := plant.Stalled
	for _, m := range l.output {
		switch m.Status {
		case plant.Running:
			return plant.Running
		case plant.LineUnknown:
			state = plant.LineUnknown
		case plant.ShortStop:
			if state != plant.LineUnknown {
				state = plant.ShortStop
			}
		}
	}
	return state
}

// lastIncrement is the newest increment of the line's output machines.
func (l *line) lastIncrement() plant.Instant {
	var last plant.Instant
	for _, m := range l.output {
		last = max(last, m.LastInc)
	}
	return last
}
