package scenario

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// Summary adds up reports.
type Summary struct {
	Scenarios    int       `json:"scenarios"`
	Expectations int       `json:"expectations"`
	Failed       int       `json:"failed"` // scenarios
	Reports      []*Report `json:"reports"`
}

// Add counts a report.
func (s *Summary) Add(r *Report) {
	s.Scenarios++
	s.Expectations += r.Expectations
	if len(r.Failures) > 0 {
		s.Failed++
	}
	s.Reports = append(s.Reports, r)
}

// Print writes the summary's one line.
func (s *Summary) Print(w io.Writer) {
	text := fmt.Sprintf("%s, %s: ", many(s.Scenarios, "scenario"), many(s.Expectations, "expectation"))
	if s.Failed == 0 {
		fmt.Fprintln(w, text+"all hold")
		return
	}
	failures := 0
	for _, r := range s.Reports {
		for i := range r.Failures {
			failures += max(r.Failures[i].wrong, 1)
		}
	}
	do := "do"
	if failures == 1 {
		do = "does"
	}
	fmt.Fprintf(w, "%s%d %s not hold, in %s\n", text, failures, do, many(s.Failed, "scenario"))
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Print writes the report for a person: a line where all holds, else what was
// expected beside what was got, and what that was decided on.
func (r *Report) Print(w io.Writer) {
	if len(r.Failures) == 0 {
		fmt.Fprintf(w, "ok    %s: %s (%s)\n", r.File, r.Name, many(r.Expectations, "expectation"))
		return
	}
	fmt.Fprintf(w, "FAIL  %s: %s\n", r.File, r.Name)
	for i := range r.Failures {
		r.Failures[i].print(w, r.File)
	}
}

func (f *Failure) print(w io.Writer, file string) {
	fmt.Fprintf(w, "\n  %s:%d: %s\n", file, f.Line, f.What)
	width := len("expected")
	for _, row := range f.Rows {
		width = max(width, utf8.RuneCountInString(row.Want))
	}
	line := func(mark, want, got string) {
		fmt.Fprintf(w, "  %s %s%*s  %s\n", mark, want, width-utf8.RuneCountInString(want), "", got)
	}
	line(" ", "expected", "got")
	for i, row := range f.Rows {
		switch {
		case !row.Holds:
			line("!", orDash(row.Want), orDash(row.Got))
		case f.near(i):
			line(" ", row.Want, row.Got)
		case i == 0 || f.near(i-1):
			line(" ", "...", "...")
		}
	}
	for _, text := range f.Evidence {
		fmt.Fprintf(w, "      %s\n", text)
	}
	if len(f.Evidence) == 0 {
		return
	}
	fmt.Fprintln(w)
}

// beside is how many rows that hold are shown beside one that does not.
const beside = 4

func (f *Failure) near(i int) bool {
	for j := max(i-beside, 0); j <= min(i+beside, len(f.Rows)-1); j++ {
		if !f.Rows[j].Holds {
			return true
		}
	}
	return false
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
