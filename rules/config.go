package rules

import (
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/custom"
)

// Config is what a user writes in rules.yaml. The zero Config is valid and
// means every default; see Defaults.
type Config struct {
	Resume   Resume         `yaml:"resume" json:"resume"`
	Baseline BaselineConfig `yaml:"baseline" json:"baseline,omitzero"`
	// DisruptionDate is when production broke off; baselines are learned from
	// before it.
	DisruptionDate plant.Date `yaml:"disruption_date" json:"disruption_date,omitzero"`
	Stall          Stall      `yaml:"stall" json:"stall"`
	Silence        Silence    `yaml:"silence" json:"silence"`
	LateStart      LateStart  `yaml:"late_start" json:"late_start"`
	Flags          Flags      `yaml:"flags" json:"flags,omitzero"`
	Overrides      []Override `yaml:"overrides" json:"overrides,omitempty"`
	// Custom are rules of the user's own.
	Custom []custom.Rule `yaml:"custom" json:"custom,omitempty"`
}

// Resume says when a plant is resumed and when it is stopped.
type Resume struct {
	At         plant.Level    `yaml:"at" json:"at"`
	Stop       plant.Level    `yaml:"stop" json:"stop"`
	Window     plant.Span     `yaml:"window" json:"window"`
	Hold       plant.Span     `yaml:"hold" json:"hold"`
	StopHold   plant.Span     `yaml:"stop_hold" json:"stop_hold"`
	Lateness   plant.Duration `yaml:"lateness" json:"lateness"`
	Normal     plant.Level    `yaml:"normal" json:"normal"`
	NormalExit plant.Level    `yaml:"normal_exit" json:"normal_exit"`
}

// Stall says when a line is in a short stop and when it is stalled.
type Stall struct {
	ShortStop  plant.Duration `yaml:"short_stop" json:"short_stop"`
	MinRunning plant.Duration `yaml:"min_running" json:"min_running"`
}

// Silence says after how many missed intervals a machine is silent.
type Silence struct {
	Missed int `yaml:"missed" json:"missed"`
}

// LateStart says how long a line may take to its first part after a stretch
// of shifts began.
type LateStart struct {
	Grace plant.Duration `yaml:"grace" json:"grace"`
}

// Flags says when a line's samples look as if its output were made up.
type Flags struct {
	// Window is how much scheduled time a flag is judged on, at least.
	Window plant.Duration `yaml:"window" json:"window,omitempty"`
	// Little is the share of normal output up to which power is without output.
	Little plant.Level `yaml:"little" json:"little,omitzero"`
	// Repeats is how many identical payloads in a row are too many.
	Repeats int `yaml:"repeats" json:"repeats,omitempty"`
	// AboveIdeal is the share of what the ideal cycle allows that nobody makes.
	AboveIdeal plant.Level `yaml:"above_ideal" json:"above_ideal,omitzero"`
}

// Definition is one version of registry and rules: what verdicts are made by.
// It is read-only and safe for concurrent use once made.
type Definition struct {
	Version  string          `json:"version"` // hash of both
	Registry *plant.Registry `json:"registry"`
	Rules    Config          `json:"rules"`
	// Baselines is normal output from history, for lines without a fixed
	// figure; nil: there is none.
	Baselines *Baselines `json:"baselines,omitempty"`
}
