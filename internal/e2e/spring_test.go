package e2e

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/sim"
)

// A thousand simulated plants in the spring of 2020. The rules see heartbeats
// only, and must come within half a point of what is true, on every day.
func TestTheSpringOf2020(t *testing.T) {
	dir := t.TempDir()
	run(t, binary, "simulate", "spring-2020", "--dir", dir)
	file, err := os.Open(filepath.Join(dir, "truth.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	truth := map[string]float64{}
	for _, row := range rows[1:] {
		if truth[row[0]], err = strconv.ParseFloat(row[1], 64); err != nil {
			t.Fatal(err)
		}
	}
	if truth["2020-02-23"] != 0.296 || truth["2020-03-24"] != 0.717 {
		t.Errorf("true are %v and %v, want what was published: 0.296 and 0.717", truth["2020-02-23"], truth["2020-03-24"])
	}
	text := run(t, binary, "report", "--registry", filepath.Join(dir, "plants.yaml"), "--rules", filepath.Join(dir, "rules.yaml"),
		"--samples", filepath.Join(dir, "samples.ndjson.gz"), "--from", "2020-01-14", "--to", "2020-04-15", "--output", "json")
	var got struct {
		Simulated bool
		Days      []struct {
			Date       string
			Resumption []struct {
				Eligible int
				Rate     float64
				Low      float64 `json:"rate_low"`
				High     float64 `json:"rate_high"`
			}
		}
		Plants []struct {
			Plant string
			Flags []string
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	const halfAPoint = 0.005
	worst := 0.0
	for _, d := range got.Days {
		x, is := d.Resumption[0], truth[d.Date]
		worst = max(worst, math.Abs(x.Rate-is))
		if math.Abs(x.Rate-is) > halfAPoint || x.Eligible != 1000 {
			t.Errorf("%s: %.1f %% of %d, true are %.1f %%", d.Date, 100*x.Rate, x.Eligible, 100*is)
		}
		if x.Low > is+halfAPoint || x.High < is-halfAPoint {
			t.Errorf("%s: %.1f %% to %.1f %% does not hold the true %.1f %%", d.Date, 100*x.Low, 100*x.High, 100*is)
		}
	}
	t.Logf("%d days, at worst %.2f points off", len(got.Days), 100*worst)
	unheard, accused := 0, []string{}
	for _, p := range got.Plants {
		if slices.Contains(p.Flags, "unobserved") {
			unheard++
		}
		power, frozen := slices.Contains(p.Flags, plant.PowerWithoutOutput), slices.Contains(p.Flags, plant.FrozenCounter)
		if power && frozen {
			accused = append(accused, p.Plant)
		} else if power || frozen {
			t.Errorf("%s has the flags %v: one without the other", p.Plant, p.Flags)
		}
	}
	if cheats := sim.NewSpring(1).Cheats(); len(cheats) != 30 || !slices.Equal(accused, cheats) {
		t.Errorf("the report accuses %v,\nthe %d cheats are %v", accused, len(cheats), cheats)
	}
	if len(got.Days) != 93 || !got.Simulated || unheard < 2 {
		t.Errorf("%d days, simulated %v, %d plants unheard", len(got.Days), got.Simulated, unheard)
	}
}

// On every day the cheats are flagged, from the day after they begin on, and
// nobody else ever is.
func TestTheCheatsOfTheSpringAreFlagged(t *testing.T) {
	spring := sim.NewSpring(1)
	cheats := spring.Cheats()
	opts := backtest.Options{Definition: &rules.Definition{Version: "spring", Registry: spring.Registry()}, Together: true}
	for day := plant.InstantOf(time.Date(2020, 1, 15, 0, 0, 0, 0, time.UTC)); day < plant.InstantOf(time.Date(2020, 4, 15, 0, 0, 0, 0, time.UTC)); day = day.Add(24 * time.Hour) {
		opts.Stops = append(opts.Stops, day)
	}
	since := map[string]plant.Instant{}
	opts.Look = func(at plant.Instant, id string, state *rules.State) {
		v, _ := state.View(id)
		flags := v.Lines[0].Flags
		if len(flags) > 0 && !slices.Contains(cheats, id) {
			t.Errorf("%s: %s is flagged: %+v", at, id, flags)
		}
		if len(flags) > 0 && since[id] == 0 {
			since[id] = flags[0].Since
		}
		if n := len(flags); since[id] != 0 && at.Sub(since[id]) > 24*time.Hour && n != 2 {
			t.Errorf("%s: the cheat %s has %d flags: %+v", at, id, n, flags)
		}
	}
	if _, err := backtest.Run(context.Background(), func() (history.Reader, io.Closer, error) {
		return spring.Samples(), io.NopCloser(nil), nil
	}, opts); err != nil {
		t.Fatal(err)
	}
	// They begin on ten days in a row, from 12 February on.
	first, last := plant.InstantOf(time.Date(2020, 2, 12, 0, 0, 0, 0, time.UTC)).Add(-8*time.Hour), plant.InstantOf(time.Date(2020, 2, 23, 0, 0, 0, 0, time.UTC))
	for _, id := range cheats {
		if at := since[id]; at < first || at > last {
			t.Errorf("%s is flagged since %s, want from 12 to 22 February on", id, at)
		}
	}
}
