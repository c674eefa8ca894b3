package app

import (
	"sync"

	"github.com/seed-00829101/heartline/rules"
)

// alertKey tells alerts apart, as they are counted.
type alertKey struct{ rule, severity string }

// alertCount counts the alerts that fire now, and custom rules that could not
// be evaluated. Safe for concurrent use.
type alertCount struct {
	mu      sync.Mutex // guards what follows
	byPlant map[string]map[alertKey]int
	failed  map[string]uint64 // evaluations, by rule
}

// changed notes what views say.
func (c *alertCount) changed(views []rules.PlantView) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range views {
		v := &views[i]
		delete(c.byPlant, v.ID)
		for _, a := range v.Alerts {
			if c.byPlant == nil {
				c.byPlant = map[string]map[alertKey]int{}
			}
			if c.byPlant[v.ID] == nil {
				c.byPlant[v.ID] = map[alertKey]int{}
			}
			c.byPlant[v.ID][alertKey{a.Rule, a.Severity}]++
		}
	}
}

func (c *alertCount) gone(ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		delete(c.byPlant, id)
	}
}

// failure counts one.
func (c *alertCount) failure(rule string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		c.failed = map[string]uint64{}
	}
	c.failed[rule]++
}

// alerts are how many fire of each rule that holds now, and how often each
// could not be evaluated.
func (m *metrics) alerts(gauge gauging, count counting) {
	c := &m.app.alerts
	c.mu.Lock()
	defer c.mu.Unlock()
	firing := map[alertKey]int{}
	for _, r := range m.app.loaded().Rules.Custom {
		firing[alertKey{r.Name, r.Severity}] = 0
		count("heartline_rule_failures_total", c.failed[r.Name], r.Name)
	}
	for _, alerts := range c.byPlant {
		for key, n := range alerts {
			firing[key] += n
		}
	}
	for key, n := range firing {
		gauge("heartline_alerts_firing", float64(n), key.rule, key.severity)
	}
}
