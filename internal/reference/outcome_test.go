package reference

import (
	"cmp"
	"slices"
)

// outcome is what a reading says.
type outcome struct {
	Phases []phaseChange
	Lines  []lineChange
}

// tidy puts the outcome in order; of several changes of one thing at one
// instant the last stands.
func (o *outcome) tidy() {
	slices.SortStableFunc(o.Phases, func(a, b phaseChange) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Plant, b.Plant))
	})
	slices.SortStableFunc(o.Lines, func(a, b lineChange) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Plant, b.Plant), cmp.Compare(a.Line, b.Line))
	})
	var lines []lineChange
	for _, c := range o.Lines {
		if n := len(lines); n > 0 && lines[n-1].At == c.At && lines[n-1].Plant == c.Plant && lines[n-1].Line == c.Line {
			c.From = lines[n-1].From
			lines = lines[:n-1]
		}
		if c.From != c.To {
			lines = append(lines, c)
		}
	}
	o.Lines = lines
}
