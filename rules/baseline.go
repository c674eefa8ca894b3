package rules

import (
	"cmp"
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// The origins of a normal output; the first that exists holds.
const (
	OriginFixed          = "fixed"
	OriginReferenceDay   = "reference_day"
	OriginReferenceShift = "reference_shift"
	OriginLearned        = "learned"
)

// Sort puts the figures in the order of plants, lines and origins.
func (b *Baselines) Sort() {
	slices.SortFunc(b.Lines, func(x, y LineBaseline) int {
		return cmp.Or(cmp.Compare(x.Plant, y.Plant), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Origin, y.Origin))
	})
}

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
	From plant.Date `json:"from,omitzero"`
	To   plant.Date `json:"to,omitzero"`
	Days int        `json:"days,omitempty"`
	// PerHour is what is made in an hour of scheduled time, of OriginFixed.
	PerHour float64 `json:"per_hour,omitempty"`
	// PerDay is the mean output of a day, of OriginReferenceDay.
	PerDay float64 `json:"per_day,omitempty"`
	// Shifts is the output of each shift, of the other origins.
	Shifts []ShiftBaseline `json:"shifts,omitempty"`
	// Frozen is when it was worked out; 0: not frozen.
	Frozen plant.Instant `json:"frozen,omitzero"`
}

// Period is the dates it was made of, as 2019-12-01/2019-12-31; "" of a fixed
// figure.
func (b *LineBaseline) Period() string {
	if b.From.IsZero() {
		return ""
	}
	return b.From.String() + "/" + b.To.String()
}

// ShiftBaseline is the normal output of a shift that starts on a day of the
// week.
type ShiftBaseline struct {
	Day    plant.Weekday `json:"day"`
	Shift  string        `json:"shift,omitempty"` // "": whole production days
	Normal float64       `json:"normal"`
	Of     int           `json:"of"` // how many such shifts it was made of
}
