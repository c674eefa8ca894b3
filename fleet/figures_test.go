package fleet

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// midnight of a Monday.
var monday = plant.InstantOf(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))

const day = 24 * time.Hour

// definition enrols plants written "id label=value ...", each with one line.
func definition(plants ...string) *rules.Definition {
	reg := &plant.Registry{}
	for _, text := range plants {
		words := strings.Fields(text)
		p := &plant.Plant{ID: words[0], Labels: map[string]string{}, Lines: []*plant.Line{{ID: "l", Machines: []string{"m"}}}}
		for _, w := range words[1:] {
			name, value, _ := strings.Cut(w, "=")
			p.Labels[name] = value
		}
		reg.Plants = append(reg.Plants, p)
	}
	reg.Index()
	return &rules.Definition{Version: "v1", Registry: reg, Rules: rules.Config{}.WithDefaults()}
}

func change(id string, at plant.Instant, to plant.Phase) []plant.Transition {
	return []plant.Transition{{Kind: plant.KindPhase, Plant: id, At: at, To: to.String()}}
}

// window is a day's window that ended at to.
func window(id string, to plant.Instant, recovery, coverage float64) []rules.Window {
	v := plant.Verdict{From: to.Add(-day), To: to, Coverage: coverage}
	if !math.IsNaN(recovery) {
		v.Recovery = &recovery
	}
	return []rules.Window{{Plant: id, Verdict: v}}
}

func figures(t *testing.T, f *Fleet, at plant.Instant, by ...string) []plant.Resumption {
	t.Helper()
	out, err := f.Figures(at, by...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// said is a figure in a line; shares in percent.
func said(r *plant.Resumption) string {
	share := func(f *float64) string {
		if f == nil {
			return "-"
		}
		return fmt.Sprintf("%.4g", *f*100)
	}
	return fmt.Sprintf("%s=%s: %d of %d, %d unknown, %d excluded, rate %s (%s to %s), coverage %s, recovery %s, activity %s",
		r.Segment, r.Value, r.Resumed+r.Normal, r.Eligible, r.Unknown, r.Excluded,
		share(r.Rate), share(r.RateLow), share(r.RateHigh), share(r.Coverage), share(r.Recovery), share(r.Activity))
}

func expect(t *testing.T, got []plant.Resumption, want ...string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(got) {
			g = said(&got[i])
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("figure %d\n got %s\nwant %s", i, g, w)
		}
	}
}

// Zhejiang's published figures of 2020.
func TestActivityIndexIsTheMeanOfRateAndRecovery(t *testing.T) {
	for _, c := range []struct{ rate, recovery, want float64 }{{57.60, 45.28, 51.44}, {60.15, 47.27, 53.71}} {
		if got := Activity(c.rate, c.recovery); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("activity of %v and %v: got %v, want %v", c.rate, c.recovery, got, c.want)
		}
	}
}

// The worked example of docs/fleet.md.
func TestTheWorkedExample(t *testing.T) {
	def := definition("a region=Zhejiang", "b region=Zhejiang", "c region=Jiangsu", "d region=Jiangsu", "e")
	def.Registry.Plants[1].Weight = 3
	f := New(def, monday)
	f.Tell(change("a", monday.Add(day), plant.Resumed), window("a", monday.Add(day), 0.60, 1))
	f.Tell(change("b", monday.Add(day), plant.Stopped), window("b", monday.Add(day), 0.10, 0.9))
	f.Tell(change("c", monday.Add(day), plant.Normal), window("c", monday.Add(day), 1.10, 1))
	f.Tell(nil, window("d", monday.Add(day), 0, 0)) // silent: never judged
	f.Tell(change("e", monday.Add(6*time.Hour), plant.Excluded), nil)
	expect(t, figures(t, f, monday.Add(day), "region"),
		"all=all: 2 of 4, 1 unknown, 1 excluded, rate 50 (50 to 75), coverage 75, recovery 33.33, activity 41.67",
		"region=(none): 0 of 0, 0 unknown, 1 excluded, rate - (- to -), coverage -, recovery -, activity -",
		"region=Jiangsu: 1 of 2, 1 unknown, 0 excluded, rate 50 (50 to 100), coverage 50, recovery 55, activity 52.5",
		"region=Zhejiang: 1 of 2, 0 unknown, 0 excluded, rate 50 (50 to 50), coverage 100, recovery 22.5, activity 36.25")
}

func TestAPlantThatIsNeverHeardStaysInTheDenominator(t *testing.T) {
	f := New(definition("a", "b", "c"), monday)
	f.Tell(change("a", monday.Add(day), plant.Resumed), window("a", monday.Add(day), 1, 1))
	expect(t, figures(t, f, monday.Add(30*day)),
		"all=all: 1 of 3, 2 unknown, 0 excluded, rate 33.33 (33.33 to 100), coverage 33.33, recovery 100, activity 66.67")
}

func TestThePastIsAnsweredAsItWas(t *testing.T) {
	f := New(definition("a", "b"), monday)
	f.Enrol("b", monday.Add(2*day))
	f.Tell(change("a", monday.Add(day), plant.Stopped), window("a", monday.Add(day), 0, 1))
	f.Tell(change("a", monday.Add(3*day), plant.Resumed), window("a", monday.Add(3*day), 0.8, 1))
	// What comes late belongs where it happened.
	f.Tell(change("b", monday.Add(3*day), plant.Resumed), window("b", monday.Add(3*day), 0.4, 1))
	f.Tell(change("b", monday.Add(2*day), plant.RampingUp), nil)
	for _, c := range []struct {
		at   plant.Instant
		want string
	}{
		{monday, "0 of 1, 1 unknown, 0 excluded, rate 0 (0 to 100), coverage 0, recovery -, activity -"},
		{monday.Add(day) - 1, "0 of 1, 1 unknown, 0 excluded, rate 0 (0 to 100), coverage 0, recovery -, activity -"},
		{monday.Add(day), "0 of 1, 0 unknown, 0 excluded, rate 0 (0 to 0), coverage 100, recovery 0, activity 0"},
		{monday.Add(2 * day), "0 of 2, 0 unknown, 0 excluded, rate 0 (0 to 0), coverage 50, recovery 0, activity 0"},
		{monday.Add(3 * day), "2 of 2, 0 unknown, 0 excluded, rate 100 (100 to 100), coverage 100, recovery 60, activity 80"},
	} {
		expect(t, figures(t, f, c.at), "all=all: "+c.want)
	}
	if _, err := f.Figures(monday - 1); plant.CodeOf(err) != plant.CodeNotFound {
		t.Errorf("before the first: %v", err)
	}
	if _, err := f.Figures(monday, "regoin"); plant.CodeOf(err) != plant.CodeInvalid {
		t.Errorf("a label that nobody has: %v", err)
	}
}

func TestWhoIsScheduledOnOneOfSevenDaysIsEligible(t *testing.T) {
	def := definition("a", "b", "c")
	// a works on Mondays, b has been closed since the 2nd and opens on the 12th.
	monAlone := &plant.Calendar{Name: "mondays", Days: []plant.Weekday{plant.Mon}}
	closed := &plant.Calendar{Name: "closed", Exceptions: []plant.Exception{{
		From: plant.Date{Year: 2026, Month: 3, Day: 2}, To: plant.Date{Year: 2026, Month: 3, Day: 11}, Closed: true}}}
	closed.Days = []plant.Weekday{plant.Mon, plant.Tue, plant.Wed, plant.Thu, plant.Fri, plant.Sat, plant.Sun}
	def.Registry.Calendars = []*plant.Calendar{monAlone, closed}
	def.Registry.Plants[0].Calendar, def.Registry.Plants[1].Calendar = "mondays", "closed"
	def.Registry.Plants[2].Lines[0].Commissioned = new(bool) // never eligible
	def.Registry.Index()
	f := New(def, monday.Add(-30*day))
	for _, c := range []struct {
		date time.Duration // days after Monday the 2nd
		want int
	}{{-1, 2}, {0, 2}, {5, 2}, {6, 1}, {7, 1}, {9, 1}, {10, 2}, {30, 2}} {
		end := monday.Add((c.date + 1) * day)
		if got := figures(t, f, end)[0].Eligible; got != c.want {
			t.Errorf("at the end of day %d: %d eligible, want %d", c.date, got, c.want)
		}
	}
}
