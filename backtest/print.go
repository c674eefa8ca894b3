package backtest

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// Print writes the result for a person, a change a line.
func (r *Result) Print(w io.Writer) {
	for _, row := range r.rows() {
		fmt.Fprintln(w, row.text)
	}
	if len(r.Phases)+len(r.Lines)+len(r.Alerts) == 0 {
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
