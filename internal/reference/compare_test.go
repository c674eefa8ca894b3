package reference

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// engine plays a scenario through the rules, as `heartline rules backtest`
// does.
func engine(s *scenario) (outcome, error) {
	text := s.samples()
	return play(s, func() (history.Reader, io.Closer, error) {
		return history.NewSamples(strings.NewReader(text)), io.NopCloser(nil), nil
	})
}

func play(s *scenario, open backtest.Open) (outcome, error) {
	files := fstest.MapFS{
		"heartline.yaml": {Data: []byte("registry: plants.yaml\nrules: rules.yaml\n")},
		"plants.yaml":    {Data: []byte(s.registry())},
		"rules.yaml":     {Data: []byte(s.rules())},
	}
	loaded, err := config.LoadFrom(files, "heartline.yaml", nil, nil)
	if err != nil {
		return outcome{}, err
	}
	report, err := backtest.Run(context.Background(), open, backtest.Options{
		Definition: &rules.Definition{Version: loaded.Version, Registry: loaded.Registry, Rules: loaded.Rules},
		From:       instant(s.From), To: instant(s.To),
	})
	if err != nil {
		return outcome{}, err
	}
	if report.Unread > 0 {
		return outcome{}, fmt.Errorf("unread: %v", report.Problems)
	}
	var out outcome
	for _, p := range report.Phases {
		out.Phases = append(out.Phases, phaseChange{p.Plant, int64(p.At) / 1e6, p.From, p.To, p.Relapsed, p.First, p.Recovery, p.RecoveryLow, p.RecoveryHigh})
	}
	for _, l := range report.Lines {
		out.Lines = append(out.Lines, lineChange{l.Plant, l.Line, int64(l.At) / 1e6, l.From, l.To, int64(l.Since) / 1e6, l.Reason})
	}
	return out, nil
}

func instant(ms int64) plant.Instant { return plant.Instant(ms) * plant.Instant(time.Millisecond) }

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format("01-02T15:04:05") }

func value(v *float64) string {
	if v == nil {
		return "null"
	}
	return strconv.FormatFloat(math.Round(*v*1e6)/1e6, 'f', 9, 64)
}

// told are the reasons that the glossary has words for.
var told = []string{
	"late_start", "internal", "external", "unexplained", "unscheduled", "silent", "blind", "bad_quality", "no_data", "never_seen",
	"break", "maintenance", "changeover", "reported",
}

// words writes an outcome, one change a line, sorted.
func (o *outcome) words() (out []string) {
	for _, p := range o.Phases {
		out = append(out, fmt.Sprintf("%s %s %s->%s relapsed=%v first=%v R=%s low=%s high=%s", stamp(p.At), p.Plant, p.From, p.To, p.Relapsed, p.First, value(p.Recovery), value(p.Lo), value(p.Hi)))
	}
	for _, l := range o.Lines {
		text := fmt.Sprintf("%s %s/%s %s->%s", stamp(l.At), l.Plant, l.Line, l.From, l.To)
		text += fmt.Sprintf(" since %s", stamp(l.Since))
		if l.To != "off_shift" && l.To != "short_stop" && slices.Contains(told, l.Reason) {
			text += ": " + l.Reason
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// differs tells where both readings differ: lines only one of them has; and
// what the reference says.
func differs(s *scenario) (diff []string, want outcome, err error) {
	got, err := engine(s)
	if err != nil {
		return nil, want, err
	}
	want = read(s)
	return apart(got.words(), want.words()), want, nil
}

// apart are the lines that only one of both has.
func apart(got, want []string) (diff []string) {
	for _, x := range want {
		if !slices.Contains(got, x) {
			diff = append(diff, x+"    <- only the reference")
		}
	}
	for _, x := range got {
		if !slices.Contains(want, x) {
			diff = append(diff, x+"    <- only the rules")
		}
	}
	slices.Sort(diff)
	return diff
}

// variable is a whole number from the environment: REFERENCE_SCENARIOS are
// played, seeds from REFERENCE_SEED on, and of those that differ REFERENCE_SHOW
// are shrunk and shown.
func variable(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

func TestTheRulesAgreeWithTheReference(t *testing.T) {
	first, n := variable("REFERENCE_SEED", 1), variable("REFERENCE_SCENARIOS", scenarios)
	shown, failed, changes, words := 0, 0, 0, tally{}
	for seed := first; seed < first+n; seed++ {
		s := generate(uint64(seed))
		if len(s.Records) == 0 {
			continue
		}
		diff, o, err := differs(s)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s\n%s", seed, err, s.registry(), s.rules())
		}
		changes += len(o.Phases) + len(o.Lines)
		words.scenario(s)
		words.outcome(&o)
		if len(diff) == 0 {
			continue
		}
		failed++
		if shown++; shown <= variable("REFERENCE_SHOW", 1) {
			shrink(s)
			t.Errorf("seed %d: %s", seed, explain(s))
		}
	}
	t.Logf("%d scenarios with %d changes, %d differ", n, changes, failed)
	words.check(t, n)
}

// explain writes a scenario and what both make of it.
func explain(s *scenario) string {
	diff, _, err := differs(s)
	if err != nil {
		return err.Error()
	}
	got, _ := engine(s)
	want := read(s)
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n%s\nfrom %d (%s) to %d (%s)\n", s.registry(), s.rules(), s.From, stamp(s.From), s.To, stamp(s.To))
	for i := range s.Records {
		if i > 120 && i < len(s.Records)-20 {
			continue
		}
		r := &s.Records[i]
		fmt.Fprintf(&b, "%s  %s  %s\n", stamp(r.At), stamp(r.TS), r.json())
	}
	fmt.Fprintf(&b, "reference:\n  %s\nrules:\n  %s\ndifference:\n  %s\n", strings.Join(want.words(), "\n  "), strings.Join(got.words(), "\n  "), strings.Join(diff, "\n  "))
	return b.String()
}
