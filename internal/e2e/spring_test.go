package e2e

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
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
		Plants []struct{ Flags []string }
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
	unheard := 0
	for _, p := range got.Plants {
		if slices.Contains(p.Flags, "unobserved") {
			unheard++
		}
	}
	if len(got.Days) != 93 || !got.Simulated || unheard < 2 {
		t.Errorf("%d days, simulated %v, %d plants unheard", len(got.Days), got.Simulated, unheard)
	}
}
