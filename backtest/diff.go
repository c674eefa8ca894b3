package backtest

import (
	"fmt"
	"io"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Difference is what other rules say differently.
type Difference struct {
	Gained []Change `json:"gained"`
	Lost   []Change `json:"lost"`
	Moved  []Change `json:"moved"`
}

// Change is one change of a plant's phase, a line's state or an alert that only
// one of two runs has, or that both have at different times.
type Change struct {
	Plant   string        `json:"plant"`
	Line    string        `json:"line,omitempty"`
	Machine string        `json:"machine,omitempty"`
	Rule    string        `json:"rule,omitempty"` // of an alert
	To      string        `json:"to"`
	At      plant.Instant `json:"at"` // by the new rules; of one lost, by the old
	// Was is when the old rules said it, By how much later the new ones do;
	// only where it moved.
	Was plant.Instant `json:"was,omitempty"`
	By  float64       `json:"by_s,omitempty"`
}

// thing is a plant, a line or an alert, and a word it changed to.
type thing struct{ plant, line, machine, rule, to string }

func (k thing) change(at plant.Instant) Change {
	return Change{Plant: k.plant, Line: k.line, Machine: k.machine, Rule: k.rule, To: k.to, At: at}
}

// Compare says what now says differently from before. The first, second, ...
// time that a plant, line or alert changes to the same word are taken for the same
// change.
func Compare(before, now *Result) *Difference {
	d := &Difference{Gained: []Change{}, Lost: []Change{}, Moved: []Change{}}
	old, new := before.changes(), now.changes()
	for _, key := range now.order() {
		was, is := old[key], new[key]
		for i, at := range is {
			c := key.change(at)
			switch {
			case i >= len(was):
				d.Gained = append(d.Gained, c)
			case was[i] != at:
				c.Was, c.By = was[i], at.Sub(was[i]).Seconds()
				d.Moved = append(d.Moved, c)
			}
		}
	}
	for _, key := range before.order() {
		was, is := old[key], new[key]
		for i := len(is); i < len(was); i++ {
			d.Lost = append(d.Lost, key.change(was[i]))
		}
	}
	return d
}

func (r *Result) each(yield func(thing, plant.Instant)) {
	for i := range r.Phases {
		p := &r.Phases[i]
		yield(thing{plant: p.Plant, to: p.To}, p.At)
	}
	for i := range r.Lines {
		l := &r.Lines[i]
		yield(thing{plant: l.Plant, line: l.Line, to: l.To}, l.At)
	}
	for i := range r.Alerts {
		a := &r.Alerts[i]
		key := a.of()
		key.to = a.To
		yield(key, a.At)
	}
}

func (r *Result) changes() map[thing][]plant.Instant {
	out := map[thing][]plant.Instant{}
	r.each(func(key thing, at plant.Instant) { out[key] = append(out[key], at) })
	return out
}

// order is every thing once, in the order it first changed.
func (r *Result) order() (out []thing) {
	seen := map[thing]bool{}
	r.each(func(key thing, _ plant.Instant) {
		if !seen[key] {
			seen[key] = true
			out = append(out, key)
		}
	})
	return out
}

// Print writes the difference for a person.
func (d *Difference) Print(w io.Writer) {
	fmt.Fprintf(w, "\nagainst the configuration's own rules: %d gained, %d lost, %d moved\n", len(d.Gained), len(d.Lost), len(d.Moved))
	for _, c := range d.Gained {
		fmt.Fprintf(w, "+ %s  %s %s\n", c.At, c.name(), c.To)
	}
	for _, c := range d.Lost {
		fmt.Fprintf(w, "- %s  %s %s\n", c.At, c.name(), c.To)
	}
	for _, c := range d.Moved {
		by, word := time.Duration(c.By*float64(time.Second)), "later"
		if by < 0 {
			by, word = -by, "earlier"
		}
		fmt.Fprintf(w, "~ %s  %s %s, %s %s than %s\n", c.At, c.name(), c.To, by, word, c.Was)
	}
}

func (c Change) name() string {
	if c.Rule != "" {
		return alertName(c.Rule, c.Plant, c.Line, c.Machine)
	}
	if c.Line != "" {
		return "line " + c.Plant + "/" + c.Line
	}
	return "plant " + c.Plant
}

// alertName is whose alert it is: alert dryer-too-hot of dye/dye-1/m2.
func alertName(rule, plantID, line, machine string) string {
	name := "alert " + rule + " of " + plantID
	for _, id := range []string{line, machine} {
		if id != "" {
			name += "/" + id
		}
	}
	return name
}
