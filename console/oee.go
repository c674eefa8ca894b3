package console

import (
	"fmt"
	"strings"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// oee is what a template shows of a line's shift: its OEE, or its availability
// where there is none.
type oee struct {
	Word       string // oee, availability
	Text       string
	Range      string // the high bound; empty where it is the figure
	Shift      string
	Day        bool // it is a whole production day without a name
	SoFar      bool // the shift goes on
	AboveIdeal bool
	Made       string // what it was made of, in symbols of ISO 22400-2
}

// seenEnough is what coverage a figure has that is shown at a glance: bounds that
// lie further apart say nothing to who passes by. The API has all of them.
const seenEnough = 0.5

// oeeOf is of the shift that goes on, else of the last one; nil where neither
// was seen enough.
func oeeOf(l *rules.LineView) *oee {
	shown := func(f *plant.ShiftFigures) bool {
		return f != nil && finite(f.Availability) != nil && f.Coverage >= seenEnough
	}
	f := l.Shift
	if !shown(f) {
		f = l.LastShift
	}
	if !shown(f) {
		return nil
	}
	o := &oee{Word: "oee", Shift: f.Shift, Day: f.Shift == calendar.WholeDay, SoFar: f == l.Shift, AboveIdeal: f.AboveIdeal}
	figure, high := finite(f.OEE), finite(f.OEEHigh)
	if figure == nil {
		o.Word, figure, high = "availability", f.Availability, finite(f.AvailabilityHigh)
	}
	o.Text = percent(*figure)
	if high != nil && percent(*high) != o.Text {
		o.Range = percent(*high)
	}
	o.Made = madeOf(f)
	return o
}

// madeOf says what a shift's figures are made of, in symbols that need no words.
func madeOf(f *plant.ShiftFigures) string {
	say := func(sign string, r *float64) string {
		if r = finite(r); r == nil {
			return sign + " –"
		}
		return sign + " " + percent(*r)
	}
	parts := []string{say("A", f.Availability), say("E", f.Effectiveness), say("Q", f.Quality), say("OEE", f.OEE),
		fmt.Sprintf("PBT %s, APT %s", minutes(f.PlannedBusy), minutes(f.Production)), fmt.Sprintf("PQ %s, GQ %s", amount(f.Produced), amount(f.Good))}
	if f.IdealCycle > 0 {
		parts = append(parts, fmt.Sprintf("PRI %g s", f.IdealCycle))
	}
	if f.Coverage < 1 {
		parts = append(parts, "∅ "+percent(1-f.Coverage))
	}
	return strings.Join(parts, " · ")
}

func minutes(seconds float64) string { return amount(seconds/60) + " min" }
