package custom

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Now is what a machine, line or plant says besides readings and windows. What
// is empty, 0 or NaN is not known.
type Now struct {
	At                    plant.Instant
	Plant, Line, Machine  string
	State, Means          string // of a line: its state
	LineState, LineReason string // of a line: the reason
	Phase                 string
	Scheduled, Relapsed   bool
	Normal, Recovery      float64
	StateSince, LastMade  plant.Instant
	PhaseSince            plant.Instant
	// Unsure: not all that count are heard; what was made is not known.
	Unsure bool
	// Unmetered: nobody reads what the line draws.
	Unmetered bool
	Shift     *plant.ShiftFigures // the newest that closed; nil: none
	Labels    map[string]string
	Lines     func(state string) int
}

// value is one of an input: its number, text or truth, by its kind.
type value struct {
	number float64
	text   string
	truth  bool
	known  bool
	err    error // it is of another kind than the rule takes it for
}

func numberOf(x float64) value {
	return value{number: x, known: !math.IsNaN(x) && !math.IsInf(x, 0)}
}

func textOf(text string) value { return value{text: text, known: text != ""} }

func truthOf(truth bool) value { return value{truth: truth, known: true} }

// box is v as programs take it.
func (in *Input) box(v *value) any {
	switch in.Kind {
	case Text:
		return v.text
	case Truth:
		return v.truth
	}
	return v.number
}

// look looks up every input for what w is of. Only what is another than before
// is put into a box anew: that is what costs memory.
func (s *Set) look(w *Watch, now *Now) {
	for i, in := range s.inputs {
		v := &s.values[i]
		*v = s.value(i, w, now)
		if old := &s.boxed[i]; v.known && (v.number != old.number || v.text != old.text || v.truth != old.truth) {
			s.env[in.Name] = in.box(v)
			*old = *v
		}
	}
}

// value is what the i-th input is now.
func (s *Set) value(i int, w *Watch, now *Now) value {
	in, at := s.inputs[i], s.places[i]
	switch {
	case now.Unsure && (in.Of == Made || in.Of == Scrapped), now.Unmetered && in.Of == Energy && !in.Reading:
		return value{}
	case at.window >= 0:
		return numberOf(in.windowed(&w.Windows[at.window], w, now.At))
	case in.Reading:
		return w.Readings[at.reading].value(in, now.At)
	}
	switch in.fn.name {
	case "age":
		return now.age(in.Of)
	case "label":
		return value{text: now.Labels[in.Of], known: true}
	case "lines":
		return numberOf(float64(now.Lines(in.Of)))
	}
	return now.word(in.Of)
}

// age is how long ago it is that something changed, in seconds.
func (n *Now) age(of string) value {
	since := n.StateSince
	switch of {
	case "made":
		since = n.LastMade
	case "phase":
		since = n.PhaseSince
	}
	return value{number: n.At.Sub(since).Seconds(), known: since != 0}
}

// word is the value of a word of the vocabulary.
func (n *Now) word(name string) value {
	switch name {
	case "plant":
		return textOf(n.Plant)
	case "line":
		return textOf(n.Line)
	case "machine":
		return textOf(n.Machine)
	case "state":
		return textOf(n.State)
	case "means":
		return value{text: n.Means, known: n.State != ""}
	case "line_state":
		return textOf(n.LineState)
	case "line_reason", "reason":
		return value{text: n.LineReason, known: true}
	case "phase":
		return textOf(n.Phase)
	case "scheduled":
		return truthOf(n.Scheduled)
	case "relapsed":
		return truthOf(n.Relapsed)
	case "normal":
		return numberOf(n.Normal)
	case "recovery":
		return numberOf(n.Recovery)
	}
	return n.ofShift(name)
}

// ofShift is a word for a figure of the newest shift that closed.
func (n *Now) ofShift(name string) value {
	x := n.Shift
	if x == nil {
		return value{}
	}
	var figure *float64
	switch name {
	case "shift":
		return textOf(x.Shift)
	case "coverage":
		figure = &x.Coverage
	case "oee":
		figure = x.OEE
	case "oee_high":
		figure = x.OEEHigh
	case "availability":
		figure = x.Availability
	case "effectiveness":
		figure = x.Effectiveness
	case "quality":
		figure = x.Quality
	}
	if figure == nil {
		return value{}
	}
	return numberOf(*figure)
}

// value is the reading as in asks for it.
func (r *Reading) value(in *Input, now plant.Instant) value {
	switch {
	case r.At == 0:
		return value{}
	case in.fn.name == "age":
		return numberOf(now.Sub(r.At).Seconds())
	case in.Kind == Text && r.Is == isNumber:
		return textOf(strconv.FormatFloat(r.V, 'g', -1, 64))
	case in.Kind == Text:
		return value{text: r.Text, known: true}
	case r.Is == isWord:
		return value{err: fmt.Errorf("%s is the text %q, and the rule takes it for a number", in.Of, r.Text)}
	}
	return numberOf(r.V)
}

// windowed is what in asks of a window; NaN where it is not known.
func (in *Input) windowed(win *Window, w *Watch, t plant.Instant) float64 {
	if !win.full(in.over, t) {
		return math.NaN()
	}
	switch in.fn.name {
	case "avg":
		b := win.all(sums)
		return b.A / float64(b.N)
	case "min", "max":
		if b := win.all(in.fn.m); b.N > 0 {
			return b.A
		}
		return math.NaN()
	case "count":
		return float64(win.all(sums).N)
	case "changes":
		return win.all(sums).A
	}
	made := 0.0
	if in.Reading && !w.counted(in.Of) {
		made = win.rise()
	} else {
		made = win.all(sums).A
	}
	if in.fn.name == "rate" {
		return made * float64(time.Hour) / float64(in.over)
	}
	return made
}
