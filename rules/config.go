package rules

import "github.com/seed-00829101/heartline/plant"

// Config is what a user writes in rules.yaml. The zero Config is valid and
// means every default; see Defaults.
type Config struct {
	Resume  Resume  `yaml:"resume" json:"resume"`
	Stall   Stall   `yaml:"stall" json:"stall"`
	Silence Silence `yaml:"silence" json:"silence"`
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

// Definition is one version of registry and rules: what verdicts are made by.
// It is read-only and safe for concurrent use once made.
type Definition struct {
	Version  string          `json:"version"` // hash of both
	Registry *plant.Registry `json:"registry"`
	Rules    Config          `json:"rules"`
}
