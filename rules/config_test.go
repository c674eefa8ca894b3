package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/custom"
)

func TestDefaults(t *testing.T) {
	want := rules.Config{
		Resume: rules.Resume{At: share(0.3), Stop: share(0.2), Window: span("1d"), Hold: span("1d"), StopHold: span("1d"),
			Lateness: plant.Duration(15 * time.Minute)},
		Stall:   rules.Stall{ShortStop: plant.Duration(5 * time.Minute), MinRunning: plant.Duration(time.Minute)},
		Silence: rules.Silence{Missed: 3}, LateStart: rules.LateStart{Grace: plant.Duration(20 * time.Minute)},
		Flags: rules.Flags{Window: plant.Duration(time.Hour), Little: share(0.02), Repeats: 30, AboveIdeal: share(1.1)},
	}
	if diff := cmp.Diff(want, rules.Config{}.WithDefaults()); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, want.WithDefaults()); diff != "" {
		t.Errorf("defaults filled in twice (-want +got):\n%s", diff)
	}
	normal := rules.Config{Resume: rules.Resume{Normal: share(0.8)}}.WithDefaults()
	if got := normal.Resume.NormalExit.Share; got < 0.7-1e-9 || got > 0.7+1e-9 {
		t.Errorf("normal_exit is %v by default, want 10 points under 80 %%", got)
	}
	rate := rules.Config{Resume: rules.Resume{At: plant.Level{Rate: perHour(500)}}}.WithDefaults()
	if !rate.Resume.Stop.IsZero() {
		t.Errorf("stop is %v where at is a rate; want none, for check to ask for it", rate.Resume.Stop)
	}
}

// own is a configuration with a rule of each machine.
func own(when string) rules.Config {
	return rules.Config{Custom: []custom.Rule{{Name: "a", Each: "machine", When: when}}}
}

func TestCheck(t *testing.T) {
	rate := func(perHour float64) plant.Level { return plant.Level{Rate: plant.Rate{PerHour: perHour, Set: true}} }
	resume := func(r rules.Resume) rules.Config { return rules.Config{Resume: r} }
	minutely := func(kind string, normal plant.Rate) *plant.Registry {
		return oneLine(func(_ *plant.Plant, l *plant.Line) {
			l.Interval, l.Counter.Kind, l.Normal = plant.Interval{Every: time.Minute}, kind, normal
		})
	}
	many := &plant.Registry{Plants: []*plant.Plant{{ID: "p"}}}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		many.Plants[0].Lines = append(many.Plants[0].Lines, &plant.Line{ID: id, Normal: perHour(1), Commissioned: nil})
	}
	for name, c := range map[string]struct {
		cfg       rules.Config
		reg       *plant.Registry
		path, bad string // of the one problem; "" for none
		warning   string
	}{
		"the defaults":                   {cfg: rules.Config{}, reg: oneLine(nil)},
		"flags: much is not little":      {cfg: rules.Config{Flags: rules.Flags{Little: rate(5)}}, path: "flags.little", bad: "5/h is no share"},
		"flags: below the ideal":         {cfg: rules.Config{Flags: rules.Flags{AboveIdeal: share(0.9)}}, path: "flags.above_ideal", bad: "90% is no share above"},
		"flags: one is no repeat":        {cfg: rules.Config{Flags: rules.Flags{Repeats: 1}}, path: "flags.repeats", bad: "at least 2"},
		"rates":                          {cfg: resume(rules.Resume{At: rate(500), Stop: rate(300)}), reg: minutely("", plant.Rate{})},
		"at missing":                     {cfg: resume(rules.Resume{Stop: rate(300)}), path: "resume.at", bad: "is missing although resume.stop is a rate"},
		"stop missing":                   {cfg: resume(rules.Resume{At: rate(300)}), path: "resume.stop", bad: "is missing"},
		"of two kinds":                   {cfg: resume(rules.Resume{At: rate(300), Stop: share(0.2)}), path: "resume.stop", bad: "20% and at 300/h are of different kinds"},
		"stop not below at":              {cfg: resume(rules.Resume{At: share(0.2)}), path: "resume.stop", bad: "20% is not below resume.at (20%)"},
		"exit without normal":            {cfg: resume(rules.Resume{NormalExit: share(0.5)}), path: "resume.normal_exit", bad: "means nothing"},
		"normal of another kind":         {cfg: resume(rules.Resume{Normal: rate(500), NormalExit: rate(400)}), path: "resume.normal", bad: "is of another kind"},
		"normal below at":                {cfg: resume(rules.Resume{Normal: share(0.25)}), path: "resume.normal", bad: "25% is below resume.at (30%)"},
		"exit of an absolute normal":     {cfg: resume(rules.Resume{At: rate(500), Stop: rate(300), Normal: rate(800)}), path: "resume.normal_exit", bad: "has no default"},
		"exit above normal":              {cfg: resume(rules.Resume{Normal: share(0.8), NormalExit: share(0.9)}), path: "resume.normal_exit", bad: "90% is above resume.normal (80%)"},
		"a window longer than a day":     {cfg: resume(rules.Resume{Window: span("36h")}), path: "resume.window", bad: "36h is longer than a production day"},
		"missed":                         {cfg: rules.Config{Silence: rules.Silence{Missed: -1}}, path: "silence.missed", bad: "-1 is not a number"},
		"a window of two heartbeats":     {cfg: resume(rules.Resume{Window: span("2m")}), reg: minutely("", perHour(5000)), path: "resume.window", bad: "2m is shorter than 3 heartbeats of p/l"},
		"a window of three heartbeats":   {cfg: resume(rules.Resume{Window: span("3m")}), reg: minutely("", perHour(5000))},
		"deltas that do not divide it":   {cfg: resume(rules.Resume{Window: span("210s")}), reg: minutely(plant.KindDelta, perHour(5000)), path: "resume.window", bad: "no multiple of the interval of p/l"},
		"totals need not divide it":      {cfg: resume(rules.Resume{Window: span("210s")}), reg: minutely(plant.KindTotal, perHour(5000))},
		"fewer than ten units":           {cfg: resume(rules.Resume{Window: span("15m")}), reg: minutely("", perHour(39)), warning: "less than 10 units of normal output for p/l"},
		"no baseline":                    {cfg: rules.Config{}, reg: minutely("", plant.Rate{}), warning: "p/l has none"},
		"no more than five are named":    {cfg: resume(rules.Resume{Window: span("15m")}), reg: many, warning: "p/a, p/b, p/c, p/d, p/e and 2 more"},
		"a line that is not in service":  {cfg: resume(rules.Resume{Window: span("1m")}), reg: oneLine(func(_ *plant.Plant, l *plant.Line) { l.Commissioned = new(bool); l.Interval.Every = time.Minute })},
		"a custom window of heartbeats":  {cfg: own("avg(temp, '2m') > 5"), reg: minutely("", perHour(5000)), warning: "asks for a window of 2m, which is shorter than 3 heartbeats of p/l"},
		"custom windows":                 {cfg: own("avg(temp, '3m') > 5 and max(temp, '1h') > 4"), reg: minutely("", perHour(5000))},
		"too many custom windows":        {cfg: own("avg(temp, '10m') > 5 and max(temp, '1h') > 4"), reg: fleet(5001, 50), path: "custom", bad: "keep 500100 windows"},
		"too many custom rules":          {cfg: rules.Config{Custom: make([]custom.Rule, 101)}, path: "custom", bad: "are 101 rules; at most 100"},
		"a line that reports on changes": {cfg: resume(rules.Resume{Window: span("2m")}), reg: oneLine(func(_ *plant.Plant, l *plant.Line) { l.Interval = plant.Interval{OnChange: true} })},
	} {
		if c.reg == nil {
			c.reg = new(plant.Registry)
		}
		problems, warnings := c.cfg.WithDefaults().Check(c.reg)
		switch {
		case c.path == "" && len(problems) > 0:
			t.Errorf("%s: problems %v, want none", name, problems)
		case c.path != "" && (len(problems) != 1 || problems[0].Path != c.path || !strings.Contains(problems[0].What, c.bad)):
			t.Errorf("%s: problems %v, want one at %s that says %q", name, problems, c.path, c.bad)
		}
		switch {
		case c.warning == "" && len(warnings) > 0 && c.path == "":
			t.Errorf("%s: warnings %v, want none", name, warnings)
		case c.warning != "" && (len(warnings) != 1 || !strings.Contains(warnings[0].What, c.warning)):
			t.Errorf("%s: warnings %v, want one that says %q", name, warnings, c.warning)
		}
	}
}

// Overrides are checked as they hold for plants: several together.
func TestOverridesAreCheckedTogether(t *testing.T) {
	reg := oneLine(func(p *plant.Plant, l *plant.Line) {
		p.Labels = map[string]string{"size": "s", "region": "r"}
		l.Normal = perHour(5000)
	})
	both := func(at, stop float64) (out rules.Config) {
		out.Overrides = []rules.Override{
			{Labels: map[string]string{"size": "s"}, Resume: rules.Resume{At: share(at)}},
			{Labels: map[string]string{"region": "r"}, Resume: rules.Resume{Stop: share(stop)}},
		}
		return out
	}
	problems, _ := both(0.25, 0.28).WithDefaults().Check(reg) // each is good by itself
	if len(problems) != 1 || problems[0].Path != "overrides[1].resume.stop" || !strings.Contains(problems[0].What, "28% is not below resume.at (25%)") {
		t.Errorf("%v", problems)
	}
	if problems, _ := both(0.5, 0.4).WithDefaults().Check(reg); len(problems) != 0 { // the second is not, by itself
		t.Errorf("%v", problems)
	}
	reg.Plants[0].Labels = nil // they hold for nobody
	if problems, _ := both(0.5, 0.4).WithDefaults().Check(reg); len(problems) != 1 {
		t.Errorf("%v", problems)
	}
}
