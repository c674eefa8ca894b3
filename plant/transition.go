package plant

// Transition is one change of a plant's phase, a line's state or a custom
// rule's alert, with what it was decided on. It is made by the rules alone and never changed afterwards.
type Transition struct {
	// ID is "<frame sequence>-<index>": the same after every replay.
	ID string `json:"id"`
	// Kind is "phase", "line" or "alert".
	Kind  string `json:"kind"`
	Plant string `json:"plant"`
	Line  string `json:"line,omitempty"`
	// Machine is set of alerts alone: those of rules about machines.
	Machine string `json:"machine,omitempty"`
	// At is when the change happened, by event time or due time; not when
	// we saw it.
	At   Instant `json:"at"`
	From string  `json:"from"`
	To   string  `json:"to"`
	// Reason is a word for why: "window", "late_start", "unexplained",
	// "silent", "blind", "first_part", ...
	Reason string `json:"reason"`
	// Since is when what led here began: for a stall the last increment.
	Since Instant `json:"since,omitempty"`
	// First marks a first verdict: a state, not news. It alerts nobody.
	First bool `json:"first,omitempty"`
	// Relapsed marks a stopped plant that had been resumed before.
	Relapsed bool `json:"relapsed,omitempty"`
	// Verdict is what a phase was decided on; nil for lines.
	Verdict *Verdict `json:"verdict,omitempty"`
	// Alert is what a custom rule says; nil for all other kinds.
	Alert *Alert `json:"alert,omitempty"`
	// Definition is the version of rules and registry that said so.
	Definition string `json:"definition"`
}

// The kinds of transition.
const (
	KindPhase = "phase"
	KindLine  = "line"
)

// Verdict is what one closed window of a plant came to.
type Verdict struct {
	// The window, half open: (From, To].
	From Instant `json:"from"`
	To   Instant `json:"to"`
	// Recovery is output over normal output; the bounds count unobserved
	// scheduled time as no output and as normal output. NaN and infinity
	// are absent in JSON: nil means "not evaluated" or unbounded.
	Recovery     *float64 `json:"recovery"`
	RecoveryLow  *float64 `json:"recovery_low"`
	RecoveryHigh *float64 `json:"recovery_high"`
	// Output and NormalOutput are in the plant's unit; NormalOutput is 0
	// where only an absolute threshold is set.
	Output       float64 `json:"output"`
	NormalOutput float64 `json:"normal_output"`
	// Baseline says where normal output came from: fixed, reference_day,
	// reference_shift, learned, or mixed; empty where there is none.
	Baseline string `json:"baseline,omitempty"`
	// BaselinePeriod is the dates that it was made of, both included, as
	// 2019-12-01/2019-12-31; empty where it is fixed, or of several.
	BaselinePeriod string `json:"baseline_period,omitempty"`
	// Proxy marks figures of a counter that stands in for good output.
	Proxy bool `json:"proxy,omitempty"`
	// Coverage is observed over scheduled time, 0 to 1.
	Coverage float64 `json:"coverage"`
	// Threshold is the one that decided, in the unit of the rule.
	Threshold float64 `json:"threshold,omitempty"`
}

// OutputSlot is what one line made in one closed quarter of an hour.
type OutputSlot struct {
	Plant string  `json:"plant"`
	Line  string  `json:"line"`
	At    Instant `json:"at"` // the slot's end; it covers (At-15m, At]
	Made  float64 `json:"made"`
	Scrap float64 `json:"scrap"`
	// Expected is normal output, and Baseline where that came from; empty:
	// there is none.
	Expected float64 `json:"expected"`
	Baseline string  `json:"baseline,omitempty"`
	// Proxy marks output that stands in for good output, like kWh.
	Proxy bool `json:"proxy,omitempty"`
	// In seconds of the slot.
	Scheduled float64 `json:"scheduled_s"`
	Observed  float64 `json:"observed_s"`
	Downtime  float64 `json:"downtime_s"`
}

// Seen reports whether anything was heard of the line in the slot.
func (s *OutputSlot) Seen() bool { return s.Observed > 0 || s.Made != 0 || s.Scrap != 0 }
