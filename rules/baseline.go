package rules

import "github.com/seed-00829101/heartline/plant"

// The origins of a normal output; the first that exists holds.
const (
	OriginFixed          = "fixed"
	OriginReferenceDay   = "reference_day"
	OriginReferenceShift = "reference_shift"
	OriginLearned        = "learned"
)

// Baselines is normal output worked out from history, and frozen: what
// History.Baselines returns. Read-only once made.
type Baselines struct {
	Lines []LineBaseline `json:"lines"`
}

// LineBaseline is the normal output of one line from one origin.
type LineBaseline struct {
	Plant  string `json:"plant"`
	Line   string `json:"line"`
	Origin string `json:"origin"`
	// The dates it was made of, both included, and how many days had a good
	// sample.
	From plant.Date `json:"from"`
	To   plant.Date `json:"to"`
	Days int        `json:"days"`
	// PerDay is the mean output of a day, of OriginReferenceDay.
	PerDay float64 `json:"per_day,omitempty"`
	// Shifts is the output of each shift, of the other origins.
	Shifts []ShiftBaseline `json:"shifts,omitempty"`
}

// ShiftBaseline is the normal output of a shift that starts on a day of the
// week.
type ShiftBaseline struct {
	Day    plant.Weekday `json:"day"`
	Shift  string        `json:"shift,omitempty"` // "": whole production days
	Normal float64       `json:"normal"`
	Of     int           `json:"of"` // how many such shifts it was made of
}
