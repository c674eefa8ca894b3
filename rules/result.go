package rules

import "github.com/seed-00829101/heartline/plant"

// Result is what a step changed. Its slices are reused by the next Step.
type Result struct {
	Transitions []plant.Transition
	// Windows holds every window that closed, decided or not.
	Windows []Window
	// Slots holds every quarter of an hour that closed.
	Slots []plant.OutputSlot
	// Shifts holds what each line made of every shift that closed.
	Shifts []plant.ShiftFigures
	// Declared holds what people said and was taken, and what of it somebody
	// ended: then To and EndedBy say so.
	Declared []plant.Declaration
	// Flags holds gaming flags that were raised, and that went.
	Flags []plant.FlagChange
	// Failures holds custom rules that could not be evaluated.
	Failures []RuleFailure
}

func (r *Result) reset() {
	r.Transitions, r.Windows, r.Slots = r.Transitions[:0], r.Windows[:0], r.Slots[:0]
	r.Shifts, r.Declared, r.Flags = r.Shifts[:0], r.Declared[:0], r.Flags[:0]
	r.Failures = r.Failures[:0]
}

// Window is a closed window of a plant and the phase it left the plant in.
type Window struct {
	Plant    string        `json:"plant"`
	Phase    plant.Phase   `json:"phase"`
	Relapsed bool          `json:"relapsed,omitempty"`
	Verdict  plant.Verdict `json:"verdict"`
}
