package plant

// Resumption is what the plants of a segment come to at one moment (see
// docs/fleet.md): the share that produces again, with what is not known.
type Resumption struct {
	// Segment is a label's name and Value its value; SegmentAll both times
	// for the whole fleet, SegmentNone as value for plants without the label.
	Segment string  `json:"segment"`
	Value   string  `json:"segment_value"`
	At      Instant `json:"at"`
	// Definition is the version of rules and registry, Basis one of the
	// bases below.
	Definition string `json:"definition"`
	Basis      string `json:"basis"`

	// Eligible is the denominator. Stopped, RampingUp, Resumed, Normal and
	// Unknown add up to it; Excluded are beside it.
	Eligible  int `json:"eligible"`
	Resumed   int `json:"resumed"`
	Normal    int `json:"normal"`
	RampingUp int `json:"ramping_up"`
	Stopped   int `json:"stopped"`
	Unknown   int `json:"unknown"`
	Excluded  int `json:"excluded"`
	// Reporting are the eligible ones whose newest closed window was
	// observed, at least in part.
	Reporting int `json:"reporting"`

	// Shares from 0 to 1; nil: nobody is eligible. Low counts none of the
	// unknown as resumed, High all of them.
	Rate     *float64 `json:"rate"`
	RateLow  *float64 `json:"rate_low"`
	RateHigh *float64 `json:"rate_high"`
	Coverage *float64 `json:"coverage"` // Reporting of Eligible
	// Recovery is the weighted mean of the plants' recoveries, not capped;
	// nil: none was evaluated. Activity is the mean of Rate and Recovery.
	Recovery *float64 `json:"recovery"`
	Activity *float64 `json:"activity"`
	// Proxy marks a Recovery that counters took part in which stand in for
	// good output.
	Proxy bool `json:"proxy,omitempty"`
}

// SegmentAll names the segment of all plants, SegmentNone the value of those
// that lack a label.
const (
	SegmentAll  = "all"
	SegmentNone = "(none)"
)

// What a figure rests on.
const (
	BasisFirst    = "first"    // as first reported
	BasisNow      = "now"      // as now known
	BasisBacktest = "backtest" // as rules would have said over a recording
)
