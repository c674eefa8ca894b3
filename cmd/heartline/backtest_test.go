package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// steelExport returns the path of the steel works' export.
func steelExport(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("HEARTLINE_SHARED")
	if shared == "" {
		shared = "../../../shared"
	}
	name, err := filepath.Abs(filepath.Join(shared, "data/steel-2018h1.csv"))
	if err == nil {
		_, err = os.Stat(name)
	}
	if err != nil {
		t.Skipf("the steel works' data is not here (HEARTLINE_SHARED): %v", err)
	}
	return name
}

// The table of the data's README, from the file directly, by a rule of State
// Grid's kind.
func TestBacktestOfTheSteelWorks(t *testing.T) {
	export := steelExport(t)
	mapping, err := filepath.Abs("../../configs/steel.csv-format.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"plants.yaml": `
plants:
  - id: gwangyang
    timezone: Asia/Seoul
    calendar: weekdays
    lines:
      - {id: works, unit: kWh, interval: 15m, machines: [meter], counter: {field: Usage_kWh, kind: delta, decimal: true, proxy: true}}
calendars:
  - {name: weekdays, days: [mon, tue, wed, thu, fri]}
`,
		"rules.yaml":    "baseline: {reference: {from: 2018-01-01, to: 2018-01-31, per: day}}\n",
		"stricter.yaml": "resume: {at: 99%}\nbaseline: {reference: {from: 2018-01-01, to: 2018-01-31, per: day}}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"rules", "backtest", "--from", "2018-01-01", "--csv", export, "--csv-format", mapping, "--output", "json"}
	status, out, errs := inPlace("", args...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	var got struct {
		Phases []struct {
			At       time.Time
			To       string
			Relapsed bool
			First    bool
			Recovery float64
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, p := range got.Phases {
		// The day that decided is the one that ends at p.At.
		rows = append(rows, fmt.Sprintf("%s %.3f %s %v %v", p.At.In(seoul).Add(-time.Second).Format(time.DateOnly), p.Recovery, p.To, p.Relapsed, p.First))
	}
	want := []string{
		"2018-01-01 0.086 stopped false true", "2018-01-02 0.970 resumed false false",
		"2018-02-14 0.163 stopped true false", "2018-02-19 1.050 resumed false false",
		"2018-05-01 0.073 stopped true false", "2018-05-02 1.097 resumed false false",
	}
	if !slices.Equal(rows, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
	status, out, errs = inPlace("", append(args[:len(args)-2], "--rules", "stricter.yaml")...)
	if status != 0 || !strings.Contains(out, "against the configuration's own rules: ") || !strings.Contains(out, "~ ") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
}
