package reference

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/history"
)

// export is a scenario's samples as a historian writes them: each at its event
// time, with nothing but a count.
type export struct {
	format, rows string
}

// exported leaves of a scenario what an export can say, and writes it.
func exported(s *scenario, seed uint64) *export {
	rnd := rand.New(rand.NewPCG(seed, 11))
	kind := []string{"total", "delta"}[rnd.IntN(2)]
	interval, decimal := minute, false
	for _, p := range s.Plants {
		for _, l := range p.Lines {
			if interval = max(interval, l.Interval); l.Kind != kind {
				l.Rollover, l.Resets = 0, false
			}
			l.Kind, l.KindOfFormat = kind, true
			decimal = decimal || l.Decimal
		}
	}
	for i := range s.Records {
		s.Records[i].TS -= s.Records[i].TS % second // as the layout has it
	}
	seen := map[string]bool{}
	s.without(func(r *record) bool {
		id := fmt.Sprint(r.Plant, r.Line, r.Machine, r.TS)
		known := seen[id]
		seen[id] = true
		return known || r.TS == 0 || r.Bad || !r.HasGood || r.TS > r.At
	})
	for i := range s.Records {
		r := &s.Records[i]
		r.At, r.Seq, r.State, r.NoTS = r.TS, 0, "", false
	}
	slices.SortStableFunc(s.Records, func(a, b record) int { return cmp.Compare(a.At, b.At) })
	for _, p := range s.Plants {
		for _, g := range p.Gateways {
			g.Offset = 0
		}
	}
	zone, err := time.LoadLocation(s.Plants[0].Zone)
	if err != nil {
		panic(err)
	}
	layout := []string{"2/1/2006 15:04:05", "2006-01-02 15:04:05", time.RFC3339}[rnd.IntN(3)]
	start, same := rnd.IntN(3) == 0, rnd.IntN(2) == 0
	e := &export{format: fmt.Sprintf("{time: date, layout: %q, zone: %s, value: made, kind: %s, decimal: %v, plant_column: works, line_column: line, machine_column: machine", layout, zone, kind, decimal)}
	switch {
	case start:
		e.format += ", stamp: start, interval: " + dur(interval)
	case same:
		e.format += ", midnight: same-date"
	}
	e.format += "}\n"
	var b strings.Builder
	b.WriteString("works,machine,made,line,date\n")
	last := map[string]int64{}
	for i := range s.Records {
		r := &s.Records[i]
		at := time.UnixMilli(r.TS).In(zone)
		switch midnight := at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0; {
		case start:
			at = at.Add(-time.Duration(interval) * time.Millisecond)
		case same && midnight:
			at = at.AddDate(0, 0, -1)
		}
		// A wall time that comes twice is the first, where that is after the row before.
		id := r.Plant + r.Line + r.Machine
		if o := at.Add(-time.Hour); layout != time.RFC3339 && o.Hour() == at.Hour() && r.TS-hour > last[id] {
			r.TS -= hour
			r.At = r.TS
		}
		last[id] = r.TS
		fmt.Fprintf(&b, "%s,%s,%v,%s,%s\n", r.Plant, r.Machine, r.Good, r.Line, at.Format(layout))
	}
	slices.SortStableFunc(s.Records, func(a, b record) int { return cmp.Compare(a.At, b.At) })
	e.rows = b.String()
	return e
}

// open reads the export as `heartline rules backtest --csv` does.
func (e *export) open() (history.Reader, io.Closer, error) {
	format, err := history.LoadCSVFormat(strings.NewReader(e.format))
	if err != nil {
		return nil, nil, err
	}
	rows, err := history.NewCSVRows(strings.NewReader(e.rows), format)
	if err != nil {
		return nil, nil, err
	}
	return history.NewCSV(rows, func(string, string) string { return "good" }).Sorted(), io.NopCloser(nil), nil
}

func TestExportsAgreeWithTheReference(t *testing.T) {
	first, n := variable("REFERENCE_SEED", 1), variable("REFERENCE_SCENARIOS", scenarios)/5
	differ, changes, shown := 0, 0, 0
	for seed := first; seed < first+n; seed++ {
		s := generate(uint64(seed))
		e := exported(s, uint64(seed))
		if len(s.Records) == 0 {
			continue
		}
		got, err := play(s, e.open)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s%s", seed, err, e.format, s.registry())
		}
		want := read(s)
		changes += len(want.Phases) + len(want.Lines)
		diff := apart(got.words(), want.words())
		if len(diff) == 0 {
			continue
		}
		differ++
		if shown++; shown <= variable("REFERENCE_SHOW", 1) {
			t.Errorf("seed %d:\n%s%s%s\n  %s", seed, e.format, s.registry(), s.rules(), strings.Join(diff, "\n  "))
		}
	}
	t.Logf("%d exports with %d changes, %d differ", n, changes, differ)
}
