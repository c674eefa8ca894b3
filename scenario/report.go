package scenario

import (
	"slices"
	"strconv"

	"github.com/seed-00829101/heartline/plant"
)

// Report is what a scenario came to.
type Report struct {
	Name         string    `json:"name"`
	File         string    `json:"file"`
	Expectations int       `json:"expectations"`
	Failures     []Failure `json:"failures"`
}

// Failure is one expectation that does not hold.
type Failure struct {
	Line     int      `json:"line"` // in the file
	What     string   `json:"what"`
	Rows     []Row    `json:"rows"`
	Evidence []string `json:"evidence"`
	wrong    int
}

// Row is what was expected beside what was got; either may be empty.
type Row struct {
	Want  string `json:"want"`
	Got   string `json:"got"`
	Holds bool   `json:"holds"`
}

// text compares words; "" asks for none.
func (f *Failure) text(name, want, got string) {
	if want != "" {
		f.row(name+": "+want, name+": "+got, want == got)
	}
}

func (f *Failure) bool(name string, want *bool, got bool) {
	if want != nil {
		f.text(name, strconv.FormatBool(*want), strconv.FormatBool(got))
	}
}

func (f *Failure) time(o *outcome, name string, want, got plant.Instant) {
	if want != 0 {
		text := "never"
		if got != 0 {
			text = o.clock.write(got)
		}
		f.row(name+": "+o.clock.write(want), name+": "+text, want == got)
	}
}

func (f *Failure) figure(name string, want *figure, got *float64) {
	if want != nil {
		f.row(name+": "+want.want(), name+": "+want.write(got), want.agrees(got))
	}
}

func (f *Failure) row(want, got string, holds bool) {
	f.Rows = append(f.Rows, Row{want, got, holds})
	if !holds {
		f.wrong++
	}
}

// once keeps the first of equal texts.
func once(all []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(text string) bool {
		was := seen[text]
		seen[text] = true
		return was
	})
}
