package rules

import (
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// Override changes the rules for some plants: those named, and those that
// have all the labels. Keys that it sets hold instead of the fleet's; of
// several overrides the later one's.
type Override struct {
	Plants         []string          `yaml:"plants" json:"plants,omitempty"`
	Labels         map[string]string `yaml:"labels" json:"labels,omitempty"`
	Resume         Resume            `yaml:"resume" json:"resume,omitzero"`
	Baseline       BaselineConfig    `yaml:"baseline" json:"baseline,omitzero"`
	DisruptionDate plant.Date        `yaml:"disruption_date" json:"disruption_date,omitzero"`
	Stall          Stall             `yaml:"stall" json:"stall,omitzero"`
	Silence        Silence           `yaml:"silence" json:"silence,omitzero"`
	LateStart      LateStart         `yaml:"late_start" json:"late_start,omitzero"`
	Flags          Flags             `yaml:"flags" json:"flags,omitzero"`
}

// holds reports whether the override is about p.
func (o *Override) holds(p *plant.Plant) bool {
	if slices.Contains(o.Plants, p.ID) {
		return true
	}
	for name, value := range o.Labels {
		if p.Labels[name] != value {
			return false
		}
	}
	return len(o.Labels) > 0
}

// overridden reports whether any override holds for p.
func (c Config) overridden(p *plant.Plant) bool {
	return slices.ContainsFunc(c.Overrides, func(o Override) bool { return o.holds(p) })
}

// For returns the rules that hold for p, with defaults filled in and without
// overrides.
func (c Config) For(p *plant.Plant) Config {
	overrides := c.Overrides
	c.Overrides = nil
	for i := range overrides {
		if overrides[i].holds(p) {
			c.apply(&overrides[i])
		}
	}
	return c.WithDefaults()
}

func (c *Config) apply(o *Override) {
	r := &c.Resume
	set(&r.At, o.Resume.At)
	set(&r.Stop, o.Resume.Stop)
	set(&r.Window, o.Resume.Window)
	set(&r.Hold, o.Resume.Hold)
	set(&r.StopHold, o.Resume.StopHold)
	set(&r.Lateness, o.Resume.Lateness)
	if !o.Resume.Normal.IsZero() {
		r.Normal, r.NormalExit = o.Resume.Normal, plant.Level{}
	}
	set(&r.NormalExit, o.Resume.NormalExit)
	set(&c.Baseline, o.Baseline)
	set(&c.DisruptionDate, o.DisruptionDate)
	set(&c.Stall.ShortStop, o.Stall.ShortStop)
	set(&c.Stall.MinRunning, o.Stall.MinRunning)
	set(&c.Silence.Missed, o.Silence.Missed)
	set(&c.LateStart.Grace, o.LateStart.Grace)
	set(&c.Flags.Window, o.Flags.Window)
	set(&c.Flags.Little, o.Flags.Little)
	set(&c.Flags.Repeats, o.Flags.Repeats)
	set(&c.Flags.AboveIdeal, o.Flags.AboveIdeal)
}

// set puts v into at, where it is set.
func set[T comparable](at *T, v T) {
	if v != *new(T) {
		*at = v
	}
}
