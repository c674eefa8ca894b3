package e2e

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// baselineList is what the API and heartline baseline say.
type baselineList struct {
	Definition string
	Baselines  []struct {
		Plant, Line, Origin, From, To string
		Days                          int
		PerDay                        float64 `json:"per_day"`
		PerHour                       float64 `json:"per_hour"`
		Frozen                        string
	}
	Missing []struct {
		Plant, Line, Why string
		Asked            bool
	}
}

func baseline(t *testing.T, dir, verb string) (out baselineList) {
	t.Helper()
	text, err := exec.Command(binary, "baseline", verb, "--data_dir", dir, "--output", "json").CombinedOutput()
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

// A plant without any baseline says so and how to get one; once its past came
// in, the mean of its reference period holds live: frozen, in the definition,
// through a restart, whatever comes in later, until somebody freezes anew.
func TestBaselinesComeFromHistoryAndStayFrozen(t *testing.T) {
	dir := t.TempDir()
	registry := writeFile(t, "plants.yaml", "plants: [{id: p, lines: [{id: l, interval: 1m, machines: [m]}, {id: fixed, normal: 60/h, machines: [f]}, {id: n, machines: [n]}]}]\n")
	rules := writeFile(t, "rules.yaml", "resume: {window: 1d, hold: 1d, stop_hold: 1d}\nbaseline: {reference: {from: 2020-03-02, to: 2020-03-04, per: day}}\n")
	h := serve(t, dir, "--registry", registry, "--rules", rules)
	before := baseline(t, dir, "show")
	if len(before.Missing) != 2 || before.Missing[0].Line != "l" || !strings.Contains(before.Missing[0].Why, "no output is known from 2020-03-02 to 2020-03-04") ||
		len(before.Baselines) != 1 || before.Baselines[0].Origin != "fixed" || before.Baselines[0].PerHour != 60 {
		t.Fatalf("before history came in: %+v", before)
	}
	// Days of 96 quarters of 10, 20 and 30: a mean of 1920 a day.
	past := func(tens ...int) string {
		var text strings.Builder
		text.WriteString("at,good\n")
		begin := time.Date(2020, 3, 2, 0, 0, 0, 0, time.UTC)
		for i := range 96 * len(tens) {
			fmt.Fprintf(&text, "%s,%d\n", begin.Add(time.Duration(i+1)*15*time.Minute).Format(time.RFC3339), 10*tens[i/96])
		}
		return writeFile(t, "past.csv", text.String())
	}
	format := writeFile(t, "f.yaml", "time: at\nvalue: good\nkind: delta\nplant: p\nline: l\nmachine: m\n")
	if out, err := importFile(dir, "--csv", past(1, 2, 3), "--csv-format", format); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	h.awaitLog("baselines are frozen")
	after := baseline(t, dir, "show")
	b := after.Baselines[len(after.Baselines)-1]
	if b.Origin != "reference_day" || b.PerDay != 1920 || b.Days != 3 || b.From != "2020-03-02" || b.To != "2020-03-04" || b.Frozen == "" ||
		len(after.Missing) != 1 || after.Missing[0].Line != "n" || after.Definition == before.Definition || !strings.HasPrefix(after.Definition, before.Definition) {
		t.Fatalf("after history came in: %+v", after)
	}
	live := func() (normal float64, origin, period string) {
		var plants struct {
			Plants []struct {
				Current *struct {
					NormalOutput   float64 `json:"normal_output"`
					Baseline       string
					BaselinePeriod string `json:"baseline_period"`
				}
				Lines []struct {
					ID       string
					Baseline *struct{ Origin, Period string }
				}
			}
		}
		eventually(t, "the rules have the baseline", func() bool {
			h.get("/api/v1/plants", &plants)
			return len(plants.Plants) == 1 && len(plants.Plants[0].Lines) == 3 && plants.Plants[0].Lines[0].Baseline != nil
		})
		l := plants.Plants[0].Lines
		if l[1].Baseline == nil || l[1].Baseline.Origin != "fixed" || l[2].Baseline != nil {
			t.Errorf("lines say %+v %+v", l[1].Baseline, l[2].Baseline)
		}
		return 0, l[0].Baseline.Origin, l[0].Baseline.Period
	}
	if _, origin, period := live(); origin != "reference_day" || period != "2020-03-02/2020-03-04" {
		t.Errorf("the live rules say %s %s", origin, period)
	}
	h.stop()
	h = serve(t, dir, "--registry", registry, "--rules", rules)
	if out, err := importFile(dir, "--csv", past(2, 4, 6), "--csv-format", format); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if same := baseline(t, dir, "show"); same.Definition != after.Definition || same.Baselines[len(same.Baselines)-1] != b {
		t.Errorf("frozen figures changed: %+v", same)
	}
	live()
	anew := baseline(t, dir, "freeze")
	if x := anew.Baselines[len(anew.Baselines)-1]; x.PerDay != 3840 || anew.Definition == after.Definition {
		t.Errorf("frozen anew: %+v", anew)
	}
	again := baseline(t, dir, "freeze")
	if again.Definition != anew.Definition {
		t.Error("the same figures frozen again are another definition")
	}
	text := run(t, binary, "baseline", "show", "--data_dir", dir, "--plant", "p")
	if !strings.Contains(text, "3840.0 a day") || !strings.Contains(text, "60.0 an hour") || !strings.Contains(text, "p/n has no baseline: no output is known") {
		t.Errorf("heartline baseline show says\n%s", text)
	}
	h.stop()
}
