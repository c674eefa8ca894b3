package app

import (
	"testing"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

func TestFlagsThatStandAreCounted(t *testing.T) {
	view := func(id string, kinds ...string) rules.PlantView {
		var flags []plant.GamingFlag
		for _, k := range kinds {
			flags = append(flags, plant.GamingFlag{Kind: k})
		}
		return rules.PlantView{ID: id, Lines: []rules.LineView{{Flags: flags}}}
	}
	var c flagCount
	c.changed([]rules.PlantView{view("p", plant.FrozenCounter, plant.PowerWithoutOutput), view("q", plant.FrozenCounter), view("r")})
	if got := c.total(); got[plant.FrozenCounter] != 2 || got[plant.PowerWithoutOutput] != 1 || got[plant.AboveIdealCycle] != 0 || len(got) != len(plant.GamingKinds) {
		t.Errorf("%v", got)
	}
	c.changed([]rules.PlantView{view("p")})
	c.gone([]string{"q"})
	if got := c.total(); got[plant.FrozenCounter] != 0 || got[plant.PowerWithoutOutput] != 0 {
		t.Errorf("after they are gone: %v", got)
	}
}
