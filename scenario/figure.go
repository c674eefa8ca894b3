package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// figure is an expected number. What is got agrees with it where it would be
// rounded to it: 0.80 is 0.795 to 0.805, 80% is 0.795 to 0.805 as well.
type figure struct {
	value, within float64
	none          bool // there is none: not evaluated, or without bound
	digits        int
	percent       bool
}

func parseFigure(text string) (figure, error) {
	if text == "none" {
		return figure{none: true}, nil
	}
	f := figure{}
	digits, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(digits, "eExX") {
		return f, fmt.Errorf("%q is no number; write it like 0.80, 80%% or none: it agrees with what is rounded to as many digits", text)
	}
	if _, after, ok := strings.Cut(digits, "."); ok {
		f.digits = len(strings.TrimSpace(after))
	}
	f.value, f.within, f.percent = v, math.Pow10(-f.digits)/2, percent
	if percent {
		f.value, f.within = f.value/100, f.within/100
	}
	return f, nil
}

// agrees reports whether got is the number; nil: there is none.
func (f *figure) agrees(got *float64) bool {
	if f.none || got == nil {
		return f.none && got == nil
	}
	return math.Abs(*got-f.value) <= f.within+1e-9
}

// write writes got as the figure is written.
func (f *figure) write(got *float64) string {
	switch {
	case got == nil:
		return "none"
	case f.percent:
		return strconv.FormatFloat(*got*100, 'f', f.digits, 64) + "%"
	case f.none:
		return strconv.FormatFloat(*got, 'f', 2, 64)
	}
	text := strconv.FormatFloat(*got, 'f', f.digits, 64)
	if v, err := strconv.ParseFloat(text, 64); err == nil && f.within > 0 && !f.agrees(got) && math.Abs(v-f.value) <= f.within {
		return strconv.FormatFloat(*got, 'g', 6, 64) // it would look the same
	}
	return text
}

// share is how a recovery is written where nothing else was asked for.
var share = figure{digits: 2}
