package console

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// maxLines is how many lines one card shows; a plant with more shows those
// that need somebody first.
const maxLines = 6

// card is what a template shows of one plant.
type card struct {
	*rules.PlantView
	Title    string
	Stalled  bool
	Recovery *figure // nil: not evaluated
	SoFar    *figure // of the open window; nil: nothing to say
	Lines    []line
	More     []count // lines not shown, by state
	Said     []plant.Declaration
	Unsaid   int // declarations in force or ahead that are not shown
	Fires    []alertItem
	Unfired  int           // alerts that fire and are not shown
	Heard    plant.Instant // newest of all lines, to the minute
}

// line is what a template shows of one line.
type line struct {
	rules.LineView
	Made string // output with its unit
	OEE  *oee   // nil: nothing to say
	// Suspect are its gaming flags, each with its evidence in figures.
	Suspect []flag
}

func cardOf(v *rules.PlantView) card {
	c := card{PlantView: v, Title: cmp.Or(v.Name, v.ID)}
	c.Said, c.Unsaid = saidOf(v)
	c.Fires, c.Unfired = alertsOf(v)
	if v.Last != nil {
		c.Recovery = figureOf(v.Last)
	}
	if v.Current != nil {
		c.SoFar = figureOf(v.Current)
	}
	lines := slices.Clone(v.Lines)
	for _, l := range lines {
		c.Stalled = c.Stalled || l.State == plant.Stalled
		c.Heard = max(c.Heard, l.Heard)
	}
	c.Heard -= c.Heard % 60e9
	if len(lines) > maxLines {
		slices.SortStableFunc(lines, func(x, y rules.LineView) int { return cmp.Compare(lineUrgency[x.State], lineUrgency[y.State]) })
		c.More = byState(lines[maxLines-1:])
		lines = lines[:maxLines-1]
	}
	for _, l := range lines {
		c.Lines = append(c.Lines, line{LineView: l, Made: strings.TrimSpace(amount(l.Output) + " " + l.Unit), OEE: oeeOf(&l), Suspect: flagsOf(&l)})
	}
	return c
}

// byState counts lines that are in order of their states.
func byState(lines []rules.LineView) []count {
	var out []count
	for _, l := range lines {
		word := l.State.String()
		if n := len(out); n > 0 && out[n-1].Word == word {
			out[n-1].N++
		} else {
			out = append(out, count{word, 1})
		}
	}
	return out
}

// lineUrgency is the order of lines where not all can be shown.
var lineUrgency = map[plant.LineState]int{
	plant.Stalled: 0, plant.ShortStop: 1, plant.LineUnknown: 2, plant.PlannedStop: 3,
	plant.Running: 4, plant.OffShift: 5, plant.Commissioning: 6,
}

// figure is a recovery as a number and as a bar from 0 to barEnd percent.
type figure struct {
	Text  string
	Range string // low to high; empty where both are the value
	// Of the bar's width, in percent: solid to Low, then shaded over Band.
	Low, Band float64
}

// barEnd is where the bar ends, as a share of normal output: recovery is not
// capped, the bar is. Its mark for 100 % is in the template, at 80 % of it.
const barEnd = 1.25

func figureOf(v *plant.Verdict) *figure {
	r := finite(v.Recovery)
	if r == nil {
		return nil
	}
	low := *r
	if l := finite(v.RecoveryLow); l != nil {
		low = *l
	}
	high := math.Inf(1)
	unbounded := finite(v.RecoveryHigh) == nil
	if !unbounded {
		high = *v.RecoveryHigh
	}
	f := &figure{Text: percent(*r), Low: onBar(low)}
	f.Band = math.Round((onBar(high)-f.Low)*10) / 10
	switch {
	case unbounded && v.RecoveryLow != nil:
		f.Range = "≥ " + percent(low)
	case unbounded: // only the value is known
		f.Band = 0
	case percent(low) != percent(high):
		f.Range = percent(low) + " – " + percent(high)
	}
	return f
}

func onBar(share float64) float64 {
	return math.Round(min(max(share/barEnd, 0), 1)*1000) / 10
}

// percent writes a share as 80 % or 29.9 %. It never rounds up: a plant just
// under its threshold must not look as if it had reached it.
func percent(share float64) string {
	tenths := math.Floor(share*1000 + 1e-6)
	return strconv.FormatFloat(tenths/10, 'f', -1, 64) + "\u202f%"
}

// amount writes 12345.6 as 12,346 and small numbers with a decimal.
func amount(f float64) string {
	if !isFinite(f) {
		return "–"
	}
	if math.Abs(f) < 100 && f != math.Trunc(f) {
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	if math.Abs(f) >= 1e15 {
		return fmt.Sprintf("%.3g", f)
	}
	digits := strconv.FormatFloat(math.Abs(f), 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if f < 0 {
		return "-" + digits
	}
	return digits
}

// newsItem is what a template shows of one transition.
type newsItem struct {
	*plant.Transition
	Title string // the plant's name as of now
	// Of an alert.
	Rule, Severity string
	Recovery       *figure
}

func newsOf(t *plant.Transition, name string) newsItem {
	n := newsItem{Transition: t, Title: cmp.Or(name, t.Plant)}
	if a := t.Alert; a != nil {
		n.Rule, n.Severity = a.Rule, a.Severity
	}
	if t.Verdict != nil {
		n.Recovery = figureOf(t.Verdict)
	}
	return n
}
