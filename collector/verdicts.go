package collector

import (
	"encoding/json"

	"github.com/seed-00829101/heartline/plant"
)

// Verdicts is what the rules made of one frame, as it is kept in the queue of
// results until the store has it. Numbers that do not exist are absent: JSON
// knows neither NaN nor infinity.
type Verdicts struct {
	// At is the stamp of the frame that led here.
	At plant.Instant `json:"at"`
	// Definition is the version of rules and registry that said so.
	Definition  string             `json:"definition"`
	Transitions []plant.Transition `json:"transitions,omitempty"`
	Windows     []PlantWindow      `json:"windows,omitempty"`
	Slots       []plant.OutputSlot `json:"slots,omitempty"`
	Lines       []LineStatus       `json:"lines,omitempty"`
	// Declared holds what people declared, and what of it was ended.
	Declared []plant.Declaration `json:"declared,omitempty"`
	// Flags holds gaming flags that were raised, and that went.
	Flags []plant.FlagChange `json:"flags,omitempty"`
	// Shifts holds what lines made of shifts that closed.
	Shifts []plant.ShiftFigures `json:"shifts,omitempty"`
	// Resumption holds figures of the fleet and its segments.
	Resumption []plant.Resumption `json:"resumption,omitempty"`
}

// PlantWindow is a closed window of a plant and the phase it left it in.
type PlantWindow struct {
	Plant    string      `json:"plant"`
	Phase    plant.Phase `json:"phase"`
	Relapsed bool        `json:"relapsed,omitempty"`
	// Labels are the registry's labels of the plant.
	Labels  map[string]string `json:"labels,omitempty"`
	Verdict plant.Verdict     `json:"verdict"`
}

// LineStatus is what a line does at one moment.
type LineStatus struct {
	Plant  string          `json:"plant"`
	Line   string          `json:"line"`
	At     plant.Instant   `json:"at"`
	State  plant.LineState `json:"state"`
	Reason string          `json:"reason,omitempty"`
	Since  plant.Instant   `json:"since,omitempty"`
	// Output is what the line made in the plant's current window, Expected
	// its normal output of the same time; nil where nobody can say.
	Output   *float64 `json:"output,omitempty"`
	Expected *float64 `json:"expected,omitempty"`
}

// Empty reports whether there is nothing to store.
func (v *Verdicts) Empty() bool {
	return len(v.Transitions)+len(v.Windows)+len(v.Slots)+len(v.Lines)+len(v.Shifts)+len(v.Declared)+len(v.Flags)+len(v.Resumption) == 0
}

// Marshal writes v as JSON. A number that is NaN or infinite is a CodeInternal
// error: who makes a Verdicts leaves such numbers out.
func (v *Verdicts) Marshal() ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, plant.Errorf(plant.CodeInternal, "results cannot be written as JSON: %w", err)
	}
	return text, nil
}

// UnmarshalVerdicts reads what Marshal wrote. What it cannot read is a
// CodeDamaged error.
func UnmarshalVerdicts(text []byte) (*Verdicts, error) {
	v := new(Verdicts)
	if err := json.Unmarshal(text, v); err != nil {
		return nil, plant.Errorf(plant.CodeDamaged, "a document of results cannot be read: %w", err)
	}
	return v, nil
}
