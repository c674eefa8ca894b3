package rules

import "github.com/seed-00829101/heartline/plant"

// PlantView is what a board shows of one plant now. It is a copy: the reader
// may keep it.
type PlantView struct {
	ID       string            `json:"id"`
	Name     string            `json:"name,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Enrolled bool              `json:"enrolled"` // false: heard, but nobody enrolled it
	Phase    plant.Phase       `json:"phase"`
	Since    plant.Instant     `json:"since"` // of the phase
	Relapsed bool              `json:"relapsed"`
	// Last is the newest closed window; nil before the first.
	Last *plant.Verdict `json:"last"`
	// Current is the window still open: output and recovery so far, normal
	// output pro rata. It decides nothing.
	Current *plant.Verdict `json:"current"`
	Lines   []LineView     `json:"lines"`
	// Alerts are those of custom rules that fire.
	Alerts []AlertView `json:"alerts"`
	// Declared is what people said and is in force or ahead, in the order in
	// which they said it; Past is what is over, and notes, newest first.
	Declared []plant.Declaration `json:"declared"`
	Past     []plant.Declaration `json:"past"`
}

// LineView is what a board shows of one line now.
type LineView struct {
	ID     string          `json:"id"`
	Unit   string          `json:"unit,omitempty"`
	State  plant.LineState `json:"state"`
	Reason string          `json:"reason,omitempty"`
	Since  plant.Instant   `json:"since"`
	// Heard is the newest arrival of any of the line's machines.
	Heard plant.Instant `json:"heard"`
	// Output is what the line made in the plant's current window.
	Output float64 `json:"output"`
	// Baseline is where its normal output comes from; nil: there is none.
	// Read-only.
	Baseline *LineBaseline `json:"baseline"`
	// Shift is the shift that holds now, as far as it is seen: its figures are
	// of the time until now. LastShift is the newest one that closed. nil: there
	// is none.
	Shift     *plant.ShiftFigures `json:"shift"`
	LastShift *plant.ShiftFigures `json:"last_shift"` // read-only
	// Flags are the gaming flags that stand; see docs/rules.md.
	Flags []plant.GamingFlag `json:"flags,omitempty"`
}
