package rules

import "github.com/seed-00829101/heartline/plant"

// BaselineConfig says where the normal output of lines without a fixed figure
// comes from: the first that gives one.
type BaselineConfig struct {
	Reference Reference `yaml:"reference" json:"reference,omitzero"`
	// Learned: from before the disruption date.
	Learned bool `yaml:"learned" json:"learned,omitempty"`
}

// Reference is a period of ordinary production, both dates included.
type Reference struct {
	From plant.Date `yaml:"from" json:"from,omitzero"`
	To   plant.Date `yaml:"to" json:"to,omitzero"`
	Per  string     `yaml:"per" json:"per,omitempty"` // day | shift; default day
}

// The kinds of mean of a reference period.
const (
	PerDay   = "day"
	PerShift = "shift"
)

// IsZero reports whether there is no reference period.
func (r Reference) IsZero() bool { return r == Reference{} }

// Years are the years that the rules' dates lie in.
func (c Config) Years() (years []int) {
	add := func(b BaselineConfig, disruption plant.Date) {
		for y := b.Reference.From.Year; y <= b.Reference.To.Year && y > 0; y++ {
			years = append(years, y)
		}
		if b.Learned && !disruption.IsZero() {
			years = append(years, disruption.Year)
		}
	}
	add(c.Baseline, c.DisruptionDate)
	for _, o := range c.Overrides {
		add(o.Baseline, o.DisruptionDate)
	}
	return years
}
