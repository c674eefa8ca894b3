package plant

// GamingFlag stands beside the figures of a line whose samples look as if its
// output were made up. It changes no phase, no state and no alert.
type GamingFlag struct {
	Kind string `json:"kind"`
	// Machine is the one it is about; empty: the line.
	Machine string `json:"machine,omitempty"`
	// Since and Until are the event times that its evidence spans so far.
	Since    Instant        `json:"since"`
	Until    Instant        `json:"until"`
	Evidence GamingEvidence `json:"evidence"`
}

// FlagChange says that a gaming flag of a line was raised, or that it went.
type FlagChange struct {
	Plant string `json:"plant"`
	Line  string `json:"line"`
	// At is the event time of the sample, or the end of the time, that
	// decided it.
	At Instant `json:"at"`
	// Stands is whether it was raised. What went has its last evidence.
	Stands bool       `json:"stands"`
	Flag   GamingFlag `json:"flag"`
}

// The kinds of gaming flag.
const (
	PowerWithoutOutput = "power_without_output"
	FrozenCounter      = "frozen_counter"   // the machine says that it runs, and its counter stands
	RepeatedPayload    = "repeated_payload" // the same to the last digit, again and again
	AboveIdealCycle    = "above_ideal_cycle"
)

// GamingKinds are all kinds of flag.
var GamingKinds = []string{PowerWithoutOutput, FrozenCounter, RepeatedPayload, AboveIdealCycle}

// GamingEvidence is what a flag was raised on; what does not belong to its
// kind is 0.
type GamingEvidence struct {
	// Seconds of scheduled time that was looked at (of above_ideal_cycle any
	// time), and what the line made in it.
	Seconds float64 `json:"seconds"`
	Made    float64 `json:"made"`
	// Normal is what the line normally makes in that time; 0: not known.
	Normal float64 `json:"normal,omitempty"`
	// Power is the mean, in the unit of the reading, and Standby the most it
	// draws while it stands.
	Power   float64 `json:"power,omitempty"`
	Standby float64 `json:"standby,omitempty"`
	// Repeats is how many payloads in a row were the same.
	Repeats int `json:"repeats,omitempty"`
	// PerHour is what was made, Ideal what the ideal cycle allows an hour.
	PerHour float64 `json:"per_hour,omitempty"`
	Ideal   float64 `json:"ideal_per_hour,omitempty"`
}
