package console

import (
	"testing"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// A card shows a shift that was seen for half of its time at least: else the one
// before it, or none.
func TestACardShowsShiftsThatWereSeen(t *testing.T) {
	of := func(name string, coverage float64) *plant.ShiftFigures {
		half := 0.5
		return &plant.ShiftFigures{Shift: name, Coverage: coverage, Availability: &half, OEE: &half}
	}
	for _, c := range []struct {
		now, last *plant.ShiftFigures
		want      string
	}{
		{of("early", 0.9), of("night", 1), "early"},
		{of("early", 0.01), of("night", 1), "night"},
		{of("early", 0.01), of("night", 0.4), ""},
		{of("early", 0.01), nil, ""},
		{nil, nil, ""},
	} {
		got := ""
		if o := oeeOf(&rules.LineView{Shift: c.now, LastShift: c.last}); o != nil {
			got = o.Shift
		}
		if got != c.want {
			t.Errorf("%+v, %+v: shown is %q, want %q", c.now, c.last, got, c.want)
		}
	}
}
