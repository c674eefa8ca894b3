package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tinyScenario = `name: Nothing is made
start: 2026-03-02 08:00
plants: [{id: p, lines: [{id: l, normal: 500/h, interval: 10s, machines: [m]}]}]
rules: {resume: {window: 15m, hold: 1h, stop_hold: 15m}}
output: [{machine: m, counts: 0 for 1h}]
expect:
  - {plant: p, changes: [08:15 stopped first]}
  - {line: l, changes: [08:00 short stop, 08:05 stalled]}
`

func TestRulesTest(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		write(t, filepath.Join(dir, name), text, 0o600)
		return filepath.Join(dir, name)
	}
	good := put("good.yaml", tinyScenario)
	failing := put("failing.yaml", strings.NewReplacer("Nothing", "Too much", "08:15", "08:30").Replace(tinyScenario))
	status, out, errs := inPlace("", "rules", "test", good)
	if want := "ok    " + good + ": Nothing is made (3 expectations)\n1 scenario, 3 expectations: all hold\n"; status != 0 || out != want || errs != "" {
		t.Errorf("status %d, %s%s, want %s", status, out, errs, want)
	}
	status, out, errs = inPlace("", "rules", "test", dir)
	if status != 1 || errs != "heartline: 1 of 2 scenarios failed\n" ||
		!strings.Contains(out, "  ! 08:30 stopped first  08:15 stopped first\n") || !strings.HasSuffix(out, "2 scenarios, 6 expectations: 1 does not hold, in 1 scenario\n") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
	if status, out, errs = inPlace("", "rules", "test", "--run", "^Noth", dir); status != 0 || strings.Contains(out, "Too much") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
	status, out, errs = inPlace("", "rules", "test", "--output", "json", failing)
	var got struct {
		Scenarios, Expectations, Failed int
		Reports                         []struct {
			Name     string
			Failures []struct {
				Line int
				Rows []struct{ Want, Got string }
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != 1 || got.Failed != 1 || got.Expectations != 3 {
		t.Fatalf("status %d, %v, %s%s", status, err, out, errs)
	}
	if f := got.Reports[0].Failures; len(f) != 1 || f[0].Line != 7 || f[0].Rows[0].Got != "08:15 stopped first" {
		t.Errorf("it says %s", out)
	}
	unwritten, _, _ := strings.Cut(tinyScenario, "expect:")
	status, out, errs = inPlace("", "rules", "test", "--show", put("unwritten.yaml", unwritten))
	if want := "expect:\n  - plant: \"p\"\n    changes:\n      - 08:15 stopped first 0.00\n  - line: \"p/l\"\n    changes:\n      - 08:00 short_stop (heard)\n      - 08:05 stalled since 08:00 (unexplained)\n"; status != 0 || !strings.HasSuffix(out, want) {
		t.Errorf("status %d, %s%s, want %s", status, out, errs, want)
	}
	// A bad file keeps no other from being played, and is told at the end.
	bad := put("bad.yaml", "name: n\nplnats: []\n")
	status, out, errs = inPlace("", "rules", "test", bad, good)
	if status != 2 || !strings.Contains(out, "1 scenario, 3 expectations: all hold") || !strings.Contains(errs, "bad.yaml:2: plnats: there is no such key; did you mean plants?") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
	for _, args := range [][]string{{}, {t.TempDir()}, {filepath.Join(dir, "none.yaml")}, {"--run", "(", good}, {"--run", "nobody", good}, {"--output", "xml", good}, {"--output", "json", "--show", good}, {filepath.Join(dir, "unwritten.yaml")}} {
		if status, out, errs = inPlace("", append([]string{"rules", "test"}, args...)...); status != 2 || errs == "" {
			t.Errorf("%q: status %d, %s%s", args, status, out, errs)
		}
	}
}

// The scenario that the help shows holds.
func TestTheScenarioInTheHelp(t *testing.T) {
	_, text, _ := strings.Cut(newRulesTest().Long, "are expected of them:\n\n")
	text, _, _ = strings.Cut(text, "\n\n")
	name := filepath.Join(t.TempDir(), "s.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, errs := inPlace("", "rules", "test", name); status != 0 {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
}
