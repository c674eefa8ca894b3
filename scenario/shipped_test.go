package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const shipped = "../configs/scenarios/"

// TestShippedScenariosHold plays every scenario that is shipped.
func TestShippedScenariosHold(t *testing.T) {
	files, err := filepath.Glob(shipped + "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are none: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) { holds(t, name) })
	}
}

// holds plays a scenario and tells what of it does not hold.
func holds(t *testing.T, name string) *Report {
	t.Helper()
	s, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range s.Warnings {
		if !strings.Contains(w.What, "left out of the plant's recovery") { // some are there to show that
			t.Error(w)
		}
	}
	report, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Failures) > 0 {
		var b strings.Builder
		report.Print(&b)
		t.Error(b.String())
	}
	return report
}

// write writes a scenario and returns its name.
func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "s.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Each expectation of the worked example, made a little wrong, fails: of what
// it asks for nothing is taken on trust.
func TestAnExpectationThatIsWrongFails(t *testing.T) {
	text, err := os.ReadFile(shipped + "worked-example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	for _, change := range []struct{ from, to, want string }{
		{"first 0.00", "first 0.01", "! 2026-03-01 00:15 stopped first 0.01 2026-03-01 00:15 stopped first 0.00"},
		{"stopped first", "stopped", "! 2026-03-01 00:15 stopped 0.00 2026-03-01 00:15 stopped first 0.00"},
		{"stopped relapsed", "stopped", "! 11:15 stopped 0.10"},
		{"- 10:00 resumed", "- 10:15 resumed", "! 10:15 resumed 0.80 10:00 resumed 0.80"},
		{"      - 09:15 ramping up 0.80\n", "", "! - 09:15 ramping_up since 09:00 (above_at) 0.80"},
		{"(blind)", "(silent)", "! 09:41:30 unknown (silent) 09:41:30 unknown (blind)"},
		{"stalled since 11:02", "stalled since 11:01", "! 11:07 stalled since 11:01 11:07 stalled since 11:02"},
		{"- 11:03 short stop since 11:02", "- 11:03 off shift since 11:02", "! 11:03 off_shift since 11:02 11:03 short_stop since 11:02"},
		{"closed: 09:30", "closed: 09:15", "! closed: 09:15 closed: 09:30"},
		{"closed: 09:45, phase: ramping_up", "closed: 09:45, phase: resumed", "! phase: resumed phase: ramping_up"},
		{"recovery_low: 0.80", "recovery_low: 0.7", "! recovery_low: 0.7 recovery_low: 0.8"},
		{"{window: 09:45, plant: dye, recovery: 0.80, recovery_low: 0.80, recovery_high: 0.80}", "{window: 09:50, plant: dye}", "! window: closed window: not there"},
		{"  - plant: dye\n    changes:", "  - plant: dye\n    from: 09:30\n    changes:", ""},
		{"  - line: dye-1\n    changes:", "  - line: dye-1\n    from: 2026-03-01 00:10\n    changes:", ""},
	} {
		bad := strings.Replace(good, change.from, change.to, 1)
		if bad == good {
			t.Errorf("%q is not in the example", change.from)
			continue
		}
		s, err := Load(write(t, bad))
		if err != nil {
			if change.want != "" {
				t.Errorf("%s: %v", change.to, err)
			}
			continue // a change outside from and to is a mistake already
		}
		report, err := s.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		report.Print(&b)
		said := strings.Join(strings.Fields(b.String()), " ")
		if len(report.Failures) != 1 || change.want == "" || !strings.Contains(said, change.want) {
			t.Errorf("with %q it says\n%s\nwant one failure with\n%s", change.to, b.String(), change.want)
		}
	}
}
