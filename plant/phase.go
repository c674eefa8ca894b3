package plant

import "fmt"

// Phase says whether a plant is producing again. See docs/rules.md for when
// each holds.
type Phase uint8

// The phases of a plant. The zero Phase is unknown: no verdict yet.
const (
	PhaseUnknown Phase = iota
	Stopped
	RampingUp
	Resumed
	Normal
	Excluded
)

var phaseWords = [...]string{"unknown", "stopped", "ramping_up", "resumed", "normal", "excluded"}

// String returns the word used in JSON, topics and tags.
func (p Phase) String() string { return word(phaseWords[:], int(p)) }

// MarshalText writes the phase's word.
func (p Phase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a phase's word.
func (p *Phase) UnmarshalText(b []byte) error {
	i, err := indexOf(phaseWords[:], string(b), "phase")
	*p = Phase(i)
	return err
}

// LineState says what a production line does. States exclude each other; the
// first that matches wins (docs/rules.md).
type LineState uint8

// The states of a line. The zero LineState is unknown.
const (
	LineUnknown LineState = iota
	Running
	ShortStop
	Stalled
	PlannedStop
	OffShift
	Commissioning
)

var lineWords = [...]string{"unknown", "running", "short_stop", "stalled", "planned_stop", "off_shift", "commissioning"}

// String returns the word used in JSON, topics and tags.
func (s LineState) String() string { return word(lineWords[:], int(s)) }

// MarshalText writes the state's word.
func (s LineState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's word.
func (s *LineState) UnmarshalText(b []byte) error {
	i, err := indexOf(lineWords[:], string(b), "line state")
	*s = LineState(i)
	return err
}

func word(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return fmt.Sprintf("invalid(%d)", i)
}

func indexOf(words []string, w, what string) (int, error) {
	for i, x := range words {
		if x == w {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%q is no %s", w, what)
}
