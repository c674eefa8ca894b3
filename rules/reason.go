package rules

import (
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// reason is a word for why a line's state changed.
type reason string

const (
	becauseFirstPart   reason = "first_part"  // an increment
	becauseNoPart      reason = "no_part"     // none for T_run
	becauseUnexplained reason = "unexplained" // none for T_stall, and nobody said why
	becauseLateStart   reason = "late_start"  // ... and none since the shifts began
	becauseInternal    reason = "internal"    // ... and a machine says that it is held, or in a fault
	becauseExternal    reason = "external"    // ... starved or blocked
	becauseSilent      reason = "silent"
	becauseBlind       reason = "blind"
	becauseBad         reason = "bad_quality"
	becauseNoData      reason = "no_data" // the machine's own word: unavailable
	becauseNeverSeen   reason = "never_seen"
	becauseHeard       reason = "heard" // again, or for the first time
	becauseUnscheduled reason = "unscheduled"
	becauseShiftStart  reason = "shift_start"
	becauseShiftEnd    reason = "shift_end"
	becauseStopEnd     reason = "stop_end" // of a break, maintenance or declared stop
	becauseReported    reason = "reported" // a planned stop, by the machine's own word
)

// because is why the line is in state, in a piece of time, where something
// explains it better than what was just seen.
func (l *line) because(state plant.LineState, p *calendar.Piece, why reason) reason {
	switch state {
	case plant.Running:
		if p.Kind != calendar.Working {
			return becauseUnscheduled
		}
	case plant.PlannedStop:
		switch {
		case p.Kind == calendar.Planned:
			return reason(p.Why)
		case l.reports(plant.MeansChangeover):
			return plant.DeclareChangeover
		}
		return becauseReported
	case plant.Stalled:
		return l.whyStalled(p)
	case plant.LineUnknown:
		return l.whyUnknown(why)
	}
	return why
}

// whyStalled is the first that holds.
func (l *line) whyStalled(p *calendar.Piece) reason {
	switch {
	case p.Stretch != 0 && l.lastIncrement() <= p.Stretch:
		return becauseLateStart
	case l.reports(plant.MeansInternal):
		return becauseInternal
	case l.reports(plant.MeansExternal):
		return becauseExternal
	}
	return becauseUnexplained
}

// whyUnknown keeps what was just seen, unless that was an edge of the
// calendar: then it is what the machines were before.
func (l *line) whyUnknown(why reason) reason {
	if why == becauseSilent || why == becauseBlind {
		return why
	}
	for _, m := range l.output {
		switch {
		case m.Lost != "":
			return m.Lost
		case m.Bad && m.Means == plant.MeansNoData:
			return becauseNoData
		case m.Bad:
			return becauseBad
		case m.Draining && m.Status == plant.LineUnknown: // we hear of its past
			return becauseBlind
		case m.Heard == 0:
			return becauseNeverSeen
		}
	}
	return why
}
