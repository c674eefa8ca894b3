package app

import (
	"sync"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// flagCount counts the gaming flags that stand now. Safe for concurrent use.
type flagCount struct {
	mu      sync.Mutex                // guards what follows
	byPlant map[string]map[string]int // by plant and kind; of plants with flags
}

// changed notes what views say.
func (c *flagCount) changed(views []rules.PlantView) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byPlant == nil {
		c.byPlant = map[string]map[string]int{}
	}
	for i := range views {
		v := &views[i]
		delete(c.byPlant, v.ID)
		for _, l := range v.Lines {
			for _, f := range l.Flags {
				if c.byPlant[v.ID] == nil {
					c.byPlant[v.ID] = map[string]int{}
				}
				c.byPlant[v.ID][f.Kind]++
			}
		}
	}
}

func (c *flagCount) gone(ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		delete(c.byPlant, id)
	}
}

// total is how many there are of each kind, those of which there is none too.
func (c *flagCount) total() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]int{}
	for _, kind := range plant.GamingKinds {
		out[kind] = 0
	}
	for _, kinds := range c.byPlant {
		for kind, n := range kinds {
			out[kind] += n
		}
	}
	return out
}

func (m *metrics) flags(gauge gauging) {
	for kind, n := range m.app.flags.total() {
		gauge("heartline_flags", float64(n), kind)
	}
}
