package config

import (
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

func rulesDefaults(c rules.Config) rules.Config {
	if d, ok := any(c).(interface{ WithDefaults() rules.Config }); ok {
		return d.WithDefaults()
	}
	return c
}

func rulesCheck(c rules.Config, reg *plant.Registry) (problems, warnings plant.Problems) {
	if d, ok := any(c).(interface {
		Check(*plant.Registry) (problems, warnings plant.Problems)
	}); ok {
		return d.Check(reg)
	}
	return nil, nil
}
