package sim

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-00829101/heartline/plant"
)

const demoWindow = 10 * time.Second

// tell plays the demo for d and returns, per plant, its recovery in each
// window, and the longest time each line went without a part, and since when.
func tell(t *testing.T, d time.Duration) (recovery map[string][]float64, pauses map[string][2]time.Duration) {
	recovery, pauses = map[string][]float64{}, map[string][2]time.Duration{}
	story := NewDemo(start)
	topics := map[string]*struct {
		plant string
		good  uint64
		made  time.Duration
		heard bool
	}{}
	for _, p := range DemoRegistry().Plants {
		recovery[p.ID] = make([]float64, d/demoWindow)
		for _, l := range p.Lines {
			topics[Topic(p.ID, l.ID, l.Machines[0])] = &struct {
				plant string
				good  uint64
				made  time.Duration
				heard bool
			}{plant: p.ID}
		}
	}
	lines := map[string]float64{}
	for _, p := range DemoRegistry().Plants {
		lines[p.ID] = float64(len(p.Lines))
	}
	for {
		m, err := story.Next()
		if err != nil {
			t.Fatal(err)
		}
		at := m.At.Sub(start)
		if at > d {
			return recovery, pauses
		}
		b, x := parse(t, m), topics[m.Topic]
		if x.heard && b.Good > x.good {
			window := int((at - 1) / demoWindow) // half open, (from, to]
			recovery[x.plant][window] += float64(b.Good-x.good) / (lines[x.plant] * demoNormal * demoWindow.Hours())
			if pause := at - x.made; pause > pauses[m.Topic][0] {
				pauses[m.Topic] = [2]time.Duration{pause, x.made}
			}
			x.made = at
		}
		x.good, x.heard = b.Good, true
	}
}

func TestTheDemosStory(t *testing.T) {
	recovery, pauses := tell(t, 4*time.Minute)
	// s: under 20 %; r: 30 % or more; -: between.
	word := func(rs []float64) (out string) {
		for _, r := range rs {
			switch {
			case r < 0.2:
				out += "s"
			case r >= 0.3:
				out += "r"
			default:
				out += "-"
			}
		}
		return out
	}
	for id, want := range map[string]string{
		"shaoxing-07":  "ssrrrrrrrrrrrrrrrrrrssss", // stopped, ramping up at 30 s, resumed at 40 s
		"gwangju-02":   "rrrrrrrrrrrrrrrrrrrrrrrr",
		"pune-11":      "rrrrrrrrrrrrrrrrrrrrrrrr", // the other line carries it
		"wolfsburg-03": "rrrrrrsssssssrrrrrrrrrrr", // relapsed at 70 s
		"monterrey-04": "sssss----sss------------",
	} {
		if got := word(recovery[id]); got != want {
			t.Errorf("%s: %s, want %s (%.2f)", id, got, want, recovery[id])
		}
	}
	stall := pauses[Topic("pune-11", "press-2", "press-2")]
	if stall[0] < 70*time.Second || stall[1] > 36*time.Second {
		t.Errorf("press-2 paused for %v from %v on", stall[0], stall[1])
	}
	if steady := pauses[Topic("gwangju-02", "assembly-1", "tester-1")]; steady[0] > 2*time.Second {
		t.Errorf("tester-1 paused for %v", steady[0])
	}
}

func TestTheDemoIsTheSameEachTime(t *testing.T) {
	a, b := NewDemo(start), NewDemo(start)
	for range 5000 {
		x, _ := a.Next()
		y, _ := b.Next()
		if !cmp.Equal(x, y) {
			t.Fatalf("%s, then %s", x.Payload, y.Payload)
		}
	}
}

func TestTheDemosRegistryIsShipped(t *testing.T) {
	text, err := os.ReadFile("../configs/demo/plants.yaml")
	if err != nil {
		t.Fatal(err)
	}
	opts := cmp.Options{cmpopts.IgnoreUnexported(plant.Registry{}, plant.Plant{}), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(DemoRegistry(), readRegistry(t, text), opts); diff != "" {
		t.Error(diff)
	}
}
