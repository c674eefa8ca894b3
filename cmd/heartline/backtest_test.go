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

// From an empty directory, with everything named by flags.
func TestBacktestOfSamplesWithoutAConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	var samples strings.Builder
	begin := time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC) // 06:00 in Berlin
	for i := range 32 {
		ms := begin.Add(time.Duration(i) * time.Minute).UnixMilli()
		fmt.Fprintf(&samples, `{"at":%d,"ts":%d,"plant":"p","line":"l","machine":"m","good":2}`+"\n", ms, ms)
	}
	for name, text := range map[string]string{
		"p.yaml":       "plants:\n  - {id: p, timezone: Europe/Berlin, lines: [{id: l, normal: 120/h, machines: [m], counter: {kind: delta}}]}\n",
		"r.yaml":       "resume: {at: 50%, stop: 20%, window: 15m, hold: 30m, stop_hold: 15m}\n",
		"none.ndjson":  "",
		"other.ndjson": `{"at":1772427600000,"plant":"p","line":"l","machine":"x","good":1}`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	play := func(in string, args ...string) (out, errs string) {
		status, out, errs := inPlace(in, append([]string{"rules", "backtest", "--registry", "p.yaml", "--rules", "r.yaml"}, args...)...)
		if status != 0 {
			t.Fatalf("%v: status %d: %s", args, status, errs)
		}
		return out, errs
	}
	// 31 minutes of a day of 24 h were observed, and it ran in all of them.
	aDay := []string{"--samples", "-", "--from", "2026-03-02T00:00:00", "--to", "2026-03-03T01:00:00", "--shifts"}
	if out, _ := play(samples.String(), aDay...); !strings.Contains(out, "2026-03-02T23:00:00.000Z  shift p/l day  availability 2.2 %, coverage 2.2 % (no ideal_cycle, no scrap)\n") {
		t.Errorf("--shifts: %s", out)
	}
	if out, _ := play(samples.String(), append(aDay, "--output", "json")...); !strings.Contains(out, `"shift": "day"`) {
		t.Errorf("--shifts --output json: %s", out)
	}
	empty := "{\n  \"phases\": [],\n  \"lines\": []\n}\n"
	if out, errs := play("", "--samples", "none.ndjson", "--output", "json"); out != empty || errs != "warning: nothing was recorded of that time: no record was played\n" {
		t.Errorf("nothing: %s%s", out, errs)
	}
	if out, errs := play("", "--samples", "other.ndjson", "--output", "json"); out != empty || !strings.Contains(errs, `machine "p/l/x" is not enrolled: 1 samples`) {
		t.Errorf("a stranger: %s%s", out, errs)
	}
	want, _ := play(samples.String(), "--samples", "-", "--from", "2026-03-02T05:00:00Z", "--output", "json")
	if !strings.Contains(want, `"to": "resumed"`) {
		t.Errorf("%s", want)
	}
	for _, from := range []string{"2026-03-02T06:00", "2026-03-02 06:00:00", "1772427600000", "2026-03-02T06:00:00+01:00"} {
		if got, _ := play(samples.String(), "--samples", "-", "--from", from, "--output", "json"); got != want {
			t.Errorf("--from %s: %s", from, got)
		}
	}
}

// Holidays of years that nobody has data of are said to be missing: a working
// week would be counted as a stop.
func TestBacktestOfYearsWithoutHolidays(t *testing.T) {
	t.Chdir(t.TempDir())
	const registry = `
plants: [{id: p, timezone: Asia/Shanghai, calendar: cn, lines: [{id: l, normal: 60/h, machines: [m]}]}]
calendars: [{name: cn, days: [mon, tue, wed, thu, fri], holidays: CN}]
`
	samples := fmt.Sprintf(`{"at":%[1]d,"ts":%[1]d,"plant":"p","line":"l","machine":"m","good":2}`, time.Date(2008, 12, 31, 16, 0, 0, 0, time.UTC).UnixMilli())
	for name, text := range map[string]string{"plants.yaml": registry, "s.ndjson": samples} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for to, want := range map[string]string{"2009-03-01": "not for 2009: none holds there", "2010-03-01": "not for 2009: none holds there"} {
		status, _, errs := inPlace("", "rules", "backtest", "--samples", "s.ndjson", "--to", to)
		if status != 0 || !strings.Contains(errs, "warning: the holidays of CN are known from 2010 to ") || !strings.Contains(errs, want) {
			t.Errorf("to %s: status %d: %s", to, status, errs)
		}
	}
	if _, _, errs := inPlace("", "rules", "backtest", "--samples", "s.ndjson", "--from", "2010-01-01", "--to", "2010-03-01"); errs != "" {
		t.Errorf("of a year that is known: %s", errs)
	}
}

// A span that ends before it begins is a slip of the hand; a recording in which
// nothing is, is said.
func TestBacktestOfNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"plants.yaml":  "plants: [{id: p, lines: [{id: l, normal: 500/h, machines: [m]}]}]\n",
		"empty.ndjson": "",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"rules", "backtest", "--samples", "empty.ndjson"}
	if status, _, errs := inPlace("", append(args, "--from", "2018-06-30", "--to", "2018-01-01")...); status != 2 || !strings.Contains(errs, `--to: "2018-01-01" is not after --from, "2018-06-30"`) {
		t.Errorf("status %d: %s", status, errs)
	}
	if status, _, errs := inPlace("", append(args, "--from", "2018-06-30")...); status != 0 || !strings.Contains(errs, "no record was played") {
		t.Errorf("status %d: %s", status, errs)
	}
}

// An export has all rows of one line before those of the next.
func TestBacktestSortsRowsByTime(t *testing.T) {
	t.Chdir(t.TempDir())
	var rows [2][]string
	for i := 1; i <= 20; i++ {
		at := time.Date(2026, 3, 2, 0, 15*i, 0, 0, time.UTC).Format("2006-01-02 15:04")
		for l := range 2 {
			rows[l] = append(rows[l], fmt.Sprintf("%s,l%d,%d\n", at, l, 30*l))
		}
	}
	header := "when,line,made\n"
	sorted, grouped := header, header+strings.Join(rows[0], "")+strings.Join(rows[1], "")
	for i := range rows[0] {
		sorted += rows[0][i] + rows[1][i]
	}
	for name, text := range map[string]string{
		"sorted.csv": sorted, "grouped.csv": grouped,
		"f.yaml": "{time: when, layout: 2006-01-02 15:04, value: made, kind: delta, plant: p, line_column: line, machine: m}\n",
		"p.yaml": "plants: [{id: p, lines: [{id: l0, normal: 120/h, interval: 15m, machines: [m]}, {id: l1, normal: 120/h, interval: 15m, machines: [m]}]}]\n",
		"r.yaml": "resume: {at: 45%, stop: 20%, window: 1h, hold: 2h, stop_hold: 1h}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	play := func(name string) (out, errs string) {
		status, out, errs := inPlace("", "rules", "backtest", "--registry", "p.yaml", "--rules", "r.yaml", "--csv-format", "f.yaml", "--output", "json", "--csv", name)
		if status != 0 {
			t.Fatalf("%s: status %d: %s", name, status, errs)
		}
		return out, errs
	}
	want, told := play("sorted.csv")
	if !strings.Contains(want, `"to": "resumed"`) || told != "" {
		t.Errorf("%s%s", want, told)
	}
	if got, told := play("grouped.csv"); got != want || !strings.Contains(told, "line 22: the rows of a plant are not in order of time") {
		t.Errorf("%s%s", got, told)
	}
}

// Other custom rules give other alerts, and one that cannot be evaluated is said.
func TestBacktestOfCustomRules(t *testing.T) {
	t.Chdir(t.TempDir())
	var samples strings.Builder
	for i := range 360 {
		temp := 70
		if i >= 100 && i < 160 || i >= 300 && i < 315 {
			temp = 90
		}
		at := int64(1772438400000 + 10000*i) // 2026-03-02 08:00
		fmt.Fprintf(&samples, `{"at":%d,"ts":%d,"plant":"p","line":"l","machine":"m","seq":%d,"state":"running","good":%d,"temp":%d,"program":"A7"}`+"\n", at, at, i, i, temp)
	}
	for name, text := range map[string]string{
		"heartline.yaml": "registry: plants.yaml\nrules: old.yaml\n",
		"plants.yaml":    "plants: [{id: p, lines: [{id: l, machines: [m], interval: 10s, normal: 360/h}]}]\n",
		"old.yaml":       "custom: [{name: hot, each: machine, when: temp > 80, for: 1m}, {name: odd, each: machine, when: program > 1}]\n",
		"new.yaml":       "custom: [{name: hot, each: machine, when: temp > 80, for: 5m}, {name: odd, each: machine, when: program > 1}, {name: lines, each: plant, when: \"lines('running') == 1\"}]\n",
		"s.ndjson":       samples.String(),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	status, out, errs := inPlace("", "rules", "backtest", "--samples", "s.ndjson", "--rules", "new.yaml")
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	for _, want := range []string{
		"2026-03-02T08:21:40.000Z  alert hot of p/l/m  inactive -> firing (warning)",
		"alert lines of p  inactive -> firing (warning)",
		"+ 2026-03-02T08:00:10.000Z  alert lines of p firing",
		"- 2026-03-02T08:51:00.000Z  alert hot of p/l/m firing",
		"- 2026-03-02T08:52:30.000Z  alert hot of p/l/m inactive",
		"~ 2026-03-02T08:21:40.000Z  alert hot of p/l/m firing, 4m later than 2026-03-02T08:17:40.000Z",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if want := `custom rule "odd" cannot be evaluated for p/l/m at 2026-03-02T08:00:00.000Z: program is the text "A7", and the rule takes it for a number (ts=`; strings.Count(errs, want) != 1 {
		t.Errorf("it says\n%s", errs)
	}
}
