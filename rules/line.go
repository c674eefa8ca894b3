package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
	"github.com/seed-00829101/heartline/rules/custom"
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
	// flagAfter is how much scheduled time a gaming flag is judged on.
	flagAfter time.Duration
	sched     *calendar.Schedule
	base      lineBase
	piece     calendar.Piece // that holds now, by the clock of the frames
	stop      string         // kind of the declared stop that holds now
}

// lineMemory is what a line remembers.
type lineMemory struct {
	State  plant.LineState `json:"state"`
	Reason reason          `json:"reason,omitempty"`
	Since  plant.Instant   `json:"since,omitempty"` // of the state
	Judged bool            `json:"judged,omitempty"`
	// Again is the end of the newest stop that was declared or that machines
	// reported: the age of a stall starts anew there.
	Again plant.Instant `json:"again,omitempty"`
	// Flags stand beside the figures; see gaming.go.
	Flags []plant.GamingFlag `json:"flags,omitempty"`
	Power *powerWatch        `json:"power,omitempty"`
	Pace  paceWatch          `json:"pace,omitzero"`
	// Shift is the newest one that closed; nil before the first.
	Shift *plant.ShiftFigures `json:"shift,omitempty"`
	Rules *custom.Watch       `json:"rules,omitempty"` // as memory.Rules
}

// times of the line: T_run and T_stall (glossary: Line states).
func (l *line) times(th *thresholds, interval time.Duration) {
	l.run = max(th.minRunning, 3*time.Duration(l.conf.IdealCycle), 2*interval)
	l.stall = max(th.shortStop, l.run)
}

// now is the piece of time that holds: by the calendar, or by what people
// declared.
func (l *line) now() calendar.Piece {
	p := l.piece
	if l.stop != "" && p.Kind != calendar.Off {
		p.Kind, p.Why = calendar.Planned, l.stop
	}
	return p
}

// judge is the machine's state by its newest good sample. Ages are measured
// between samples, never against a clock.
func (m *machine) judge() plant.LineState {
	switch {
	case m.Lost != "" || m.Bad || m.Good == 0 || m.Draining && m.Status == plant.LineUnknown:
		return plant.LineUnknown
	case m.LastInc != 0 && m.Good.Sub(m.LastInc) < m.line.run:
		return plant.Running
	case m.line.now().Kind == calendar.Working && !m.Means.Planned() && m.stallDue(&m.line.piece) <= min(m.Good, m.line.piece.To-1):
		return plant.Stalled
	}
	return plant.ShortStop
}

// stallDue is when the machine falls stalled in a scheduled piece of time: its
// age starts at the last increment, or anew where the piece begins, after a
// gap or after a stop; before a stretch's first part it has the grace of a
// late start.
func (m *machine) stallDue(p *calendar.Piece) plant.Instant {
	due := max(m.LastInc, m.Anew, m.line.Again, p.From).Add(m.line.stall)
	if p.Stretch != 0 && m.line.lastIncrement() <= p.Stretch {
		due = max(due, p.Stretch.Add(max(m.line.plant.th.grace, m.line.stall)))
	}
	return due
}

// advance brings the machine from its old status to that of its newest
// sample, at t, through what fell due on the way. returns: it was silent or
// blind until now.
func (s *State) advance(m *machine, old plant.LineState, t plant.Instant, returns bool) {
	now := m.judge()
	switch {
	case old == plant.LineUnknown && now == plant.LineUnknown:
	case old == plant.LineUnknown:
		if returns && m.line.State == plant.LineUnknown {
			t = s.at // leaving silence, by our clock
		}
		s.lineChanged(m, now, t, becauseHeard)
	case now == plant.Running:
		s.lineChanged(m, now, t, becauseFirstPart)
	case old == plant.Running:
		s.retrace(m, now)
	case now == plant.Stalled:
		if due, all := m.line.stallDue(&m.line.piece); all {
			t = due
		}
		s.lineChanged(m, now, t, becauseUnexplained)
	default:
		s.lineChanged(m, now, t, becauseNoPart)
	}
}

// lineChanged sets the status of an output machine and, where that changes
// the line's state, says so, dated at, but never before the change before.
func (s *State) lineChanged(m *machine, status plant.LineState, at plant.Instant, why reason) {
	now := m.line.now()
	s.machineIs(m, status, &now, at, why)
}

func (s *State) machineIs(m *machine, status plant.LineState, p *calendar.Piece, at plant.Instant, why reason) {
	m.Status = status
	s.restate(m.line, p, at, why)
}

// restate looks what the line's state is in a piece of time, and tells a
// change.
func (s *State) restate(l *line, p *calendar.Piece, at plant.Instant, why reason) {
	if !l.counts {
		return
	}
	state := l.judge(p.Kind)
	if !l.Judged && state == plant.LineUnknown {
		return // nobody heard it yet: nothing to tell
	}
	why = l.because(state, p, why)
	if state == l.State && l.Judged {
		if state != plant.LineUnknown {
			l.Reason = why
		}
		return
	}
	at = max(at, l.Since)
	tr := plant.Transition{
		Kind: plant.KindLine, Plant: l.plant.id, Line: l.id, At: at,
		From: l.State.String(), To: state.String(), Reason: string(why), Since: at, First: !l.Judged,
	}
	if state == plant.Stalled || state == plant.ShortStop {
		if tr.Since = l.lastIncrement(); tr.Since == 0 {
			tr.Since = l.firstSample() // no part ever
		}
	}
	l.State, l.Reason, l.Since, l.Judged = state, why, at, true
	s.emit(tr)
	s.touch(l.plant)
}

// judge is the line's state; the first that matches (glossary: Line states).
func (l *line) judge(kind calendar.Kind) plant.LineState {
	state := l.produces()
	switch {
	case state == plant.Running:
		return state
	case kind == calendar.Off:
		return plant.OffShift
	case state == plant.LineUnknown:
		return state
	case kind == calendar.Planned || l.reports(plant.MeansPlanned) || l.reports(plant.MeansChangeover):
		return plant.PlannedStop
	}
	return state
}

// produces is the state by the output machines alone: running if any heard
// one runs, else unknown if any is unknown, else in a short stop if any is.
func (l *line) produces() plant.LineState {
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

// reports reports whether an output machine's own word means that.
func (l *line) reports(what plant.Meaning) bool {
	for _, m := range l.output {
		if m.Means == what {
			return true
		}
	}
	return false
}

// firstSample is the first good sample of any of the line's output machines.
func (l *line) firstSample() (first plant.Instant) {
	for _, m := range l.output {
		if first == 0 || m.First != 0 && m.First < first {
			first = m.First
		}
	}
	return first
}

// lastIncrement is the newest increment of the line's output machines.
func (l *line) lastIncrement() plant.Instant {
	var last plant.Instant
	for _, m := range l.output {
		last = max(last, m.LastInc)
	}
	return last
}
