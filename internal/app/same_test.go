package app

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// TestLiveRestartedAndBacktestSayTheSame puts the same random day
// through the worker and a real queue without a stop, through one that is stopped
// and killed at random places, together with the queue's server, and through the
// backtest: every document and every transition is the same.
func TestLiveRestartedAndBacktestSayTheSame(t *testing.T) { saySame(t, 3) }

// saySame compares as many random days as there are seeds.
func saySame(t *testing.T, seeds uint64) {
	ends, transitions, closed, alerts := ends{}, 0, 0, map[string]int{}
	for seed := range seeds {
		rec := record(t, seed)
		docs := rec.whole(t)
		broken := newHouse(t, rec, rand.New(rand.NewPCG(seed, 8)))
		broken.live()
		if diff := cmp.Diff(docs, broken.documents()); diff != "" {
			t.Fatalf("seed %d: stops and kills changed what was said (-without +with):\n%s", seed, diff)
		}
		ends.add(&broken.ends)
		said, windows, shifts := flatten(t, docs)
		transitions, closed = transitions+len(said), closed+len(shifts)
		for _, tr := range said {
			if tr.Alert != nil {
				alerts[tr.Alert.Rule]++
			}
		}
		if rec.alone {
			continue
		}
		report := rec.backtest(t)
		if diff := cmp.Diff(lines(report.Transitions), lines(said)); diff != "" {
			t.Errorf("seed %d: live and backtest tell other transitions (-backtest +live):\n%s", seed, diff)
		}
		if diff := cmp.Diff(lines(report.Windows), lines(windows)); diff != "" {
			t.Errorf("seed %d: live and backtest close other windows (-backtest +live):\n%s", seed, diff)
		}
		if diff := cmp.Diff(lines(report.Shifts), lines(shifts)); diff != "" {
			t.Errorf("seed %d: live and backtest make other figures of shifts (-backtest +live):\n%s", seed, diff)
		}
	}
	t.Logf("%d transitions, %d shifts; %+v; %v", transitions, closed, ends, alerts)
	for _, r := range sameRules {
		if alerts[r.Name] == 0 {
			t.Errorf("no alert of rule %q: that tests too little", r.Name)
		}
	}
	if ends.stops < 10 || ends.beforeResult+ends.afterResult == 0 || ends.inSnapshot == 0 || ends.reading < 10 || ends.servers == 0 || transitions < 300 || closed < 5 {
		t.Errorf("that tests too little: %d transitions, %d shifts, %+v", transitions, closed, ends)
	}
}

// flatten is what documents tell, by plant, in the order it was told.
func flatten(t *testing.T, docs []string) (said []plant.Transition, windows []rules.Window, shifts []plant.ShiftFigures) {
	for _, doc := range docs {
		_, text, _ := strings.Cut(doc, " ")
		v, err := collector.UnmarshalVerdicts([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, v.Transitions...)
		shifts = append(shifts, v.Shifts...)
		for _, w := range v.Windows {
			windows = append(windows, rules.Window{Plant: w.Plant, Phase: w.Phase, Relapsed: w.Relapsed, Verdict: w.Verdict})
		}
	}
	slices.SortStableFunc(said, func(a, b plant.Transition) int { return strings.Compare(a.Plant, b.Plant) })
	slices.SortStableFunc(windows, func(a, b rules.Window) int { return strings.Compare(a.Plant, b.Plant) })
	slices.SortStableFunc(shifts, func(a, b plant.ShiftFigures) int {
		if a.To != b.To {
			return int(a.To - b.To)
		}
		return strings.Compare(a.Plant+"/"+a.Line, b.Plant+"/"+b.Line)
	})
	return said, windows, shifts
}

// lines is each of a list in JSON, but for the frame that told it.
func lines[T any](list []T) (out []string) {
	for i := range list {
		x := any(list[i])
		if tr, ok := x.(plant.Transition); ok {
			tr.ID = ""
			x = tr
		}
		text, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		out = append(out, string(text))
	}
	return out
}

func (r *recording) backtest(t *testing.T) *backtest.Report {
	open := func() (history.Reader, io.Closer, error) {
		again := *r
		return &again, io.NopCloser(nil), nil
	}
	report, err := backtest.Run(t.Context(), open, backtest.Options{Definition: r.def, From: r.from, To: r.to, Keep: true, Shifts: true})
	if err != nil || report.Unread > 0 || len(report.Strange) > 0 {
		t.Fatalf("backtest: %v, %+v", err, report)
	}
	return report
}
