package backtest

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// Print writes the result for a person, a change a line.
func (r *Result) Print(w io.Writer) {
	for _, row := range r.rows() {
		fmt.Fprintln(w, row.text)
	}
	if len(r.Phases)+len(r.Lines)+len(r.Alerts)+len(r.Shifts) == 0 {
		fmt.Fprintln(w, "nothing changed")
	}
}

// row is one change as it is printed.
type row struct {
	at   plant.Instant
	text string
}

func (r *Result) rows() []row {
	var out []row
	for i := range r.Phases {
		out = append(out, row{r.Phases[i].At, r.Phases[i].String()})
	}
	for i := range r.Lines {
		out = append(out, row{r.Lines[i].At, r.Lines[i].String()})
	}
	for i := range r.Alerts {
		out = append(out, row{r.Alerts[i].At, r.Alerts[i].String()})
	}
	for i := range r.Shifts {
		out = append(out, row{r.Shifts[i].To, shift(&r.Shifts[i])})
	}
	slices.SortStableFunc(out, func(a, b row) int { return cmp.Compare(a.at, b.at) })
	return out
}

// String says it in a line.
func (p Phase) String() string {
	text := fmt.Sprintf("%s  plant %s  %s -> %s", p.At, p.Plant, p.From, p.To)
	if p.Relapsed {
		text += " (relapsed)"
	}
	if p.First {
		text += " (first verdict)"
	}
	if p.Recovery != nil {
		text += fmt.Sprintf("  %.1f %% of normal output", 100**p.Recovery)
	}
	return text
}

// String says it in a line.
func (l Line) String() string {
	return fmt.Sprintf("%s  line %s/%s  %s -> %s (%s)", l.At, l.Plant, l.Line, l.From, l.To, l.Reason)
}

// String says it in a line.
func (a Alert) String() string {
	return fmt.Sprintf("%s  %s  %s -> %s (%s)", a.At, alertName(a.Rule, a.Plant, a.Line, a.Machine), a.From, a.To, a.Severity)
}

// shift says what a line made of a shift in a line; a figure that cannot be
// said is left out, and what was lacking for it told.
func shift(f *plant.ShiftFigures) string {
	text := fmt.Sprintf("%s  shift %s/%s %s ", f.To, f.Plant, f.Line, f.Shift)
	for _, x := range []struct {
		name string
		is   *float64
	}{{"OEE", f.OEE}, {"availability", f.Availability}, {"effectiveness", f.Effectiveness}, {"quality", f.Quality}, {"coverage", &f.Coverage}} {
		if x.is != nil {
			text += fmt.Sprintf(" %s %.1f %%,", x.name, 100**x.is)
		}
	}
	text = strings.TrimSuffix(text, ",")
	if lacks := f.Lacks(); len(lacks) > 0 {
		text += " (no " + strings.Join(lacks, ", no ") + ")"
	}
	return text
}
