package rules

import "github.com/seed-00829101/heartline/plant"

// Result is what a step changed. Its slices are reused by the next Step.
type Result struct {
	Transitions []plant.Transition
	// Windows holds every window that closed, decided or not.
	Windows []Window
	// Slots holds every quarter of an hour that closed.
	Slots []plant.OutputSlot
	// Declared holds what people said and was taken.
	Declared []plant.Declaration
}

// Window is a closed window of a plant and the phase it left the plant in.
type Window struct {
	Plant    string        `json:"plant"`
	Phase    plant.Phase   `json:"phase"`
	Relapsed bool          `json:"relapsed,omitempty"`
	Verdict  plant.Verdict `json:"verdict"`
}
