package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A scenario may test the registry, calendars and rules that are run.
func TestFilesOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("plants.csv", "plant,line,machines,normal,interval,calendar\np,l,m,500/h,10s,early\n")
	put("calendars.yaml", "calendars: [{name: early, shifts: [{name: early, from: \"06:00\", to: \"14:00\"}]}]\n")
	put("rules.yaml", "resume: {window: 15m, hold: 1h, stop_hold: 15m}\n")
	text := `name: n
files: {registry: plants.csv, calendars: calendars.yaml, rules: rules.yaml}
start: 2026-03-02 06:00
output: [{machine: m, counts: 0 for 1h}]
expect: [{plant: p, changes: [06:15 stopped first]}, {line: l, at: 06:20, state: stalled, reason: late_start}]
`
	name := filepath.Join(dir, "s.yaml")
	put("s.yaml", text)
	holds(t, name)
	for _, bad := range []struct{ file, from, to, want string }{
		{"s.yaml", "rules: rules.yaml", "rules: none.yaml", "s.yaml:2: files.rules: " + dir + "/none.yaml: there is no such file"},
		{"s.yaml", "start:", "plants: [{id: q, lines: [{id: l, machines: [m]}]}]\nstart:", "s.yaml:3: plants: files.registry names a file of plants as well"},
		{"s.yaml", "start:", "rules: {resume: {at: 50%}}\nstart:", "s.yaml:3: rules: files.rules names a file of rules as well"},
		{"s.yaml", "start:", "calendars: [{name: x, days: [mon]}]\nstart:", "s.yaml:3: calendars: stand with the plants, which are in plants.csv"},
		{"rules.yaml", "window: 15m", "window: 5s", "rules.yaml:1: resume.window: "},
		{"rules.yaml", "window", "windwo", "rules.yaml:1: resume.windwo: there is no such key"},
		{"plants.csv", "early", "late", "plants.csv:2: column calendar: \"late\" is no calendar"},
		{"calendars.yaml", "06:00", "6 o'clock", "calendars.yaml:1: calendars[0].shifts[0].from: "},
	} {
		good, err := os.ReadFile(filepath.Join(dir, bad.file))
		if err != nil {
			t.Fatal(err)
		}
		put(bad.file, strings.Replace(string(good), bad.from, bad.to, 1))
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%s: it says\n  %v\nwant\n  %s", bad.to, err, bad.want)
		}
		put(bad.file, string(good))
	}
	put("plants.csv", "plant,line,machines\n")
	if _, err := Load(name); err == nil || !strings.Contains(err.Error(), "files.registry: plants.csv lists no plant") {
		t.Error(err)
	}
}
