package backtest

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
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

// Compare says what now says differently from before. Two changes to the same
// word are the same change, said at different times, where the spells that they
// begin overlap: a stop that began later is the same stop, that of another month
// is another.
func Compare(before, now *Result) *Difference {
	d := &Difference{Gained: []Change{}, Lost: []Change{}, Moved: []Change{}}
	old, new := before.spells(), now.spells()
	for key, is := range new {
		d.compare(key, old[key], is)
	}
	for key, was := range old {
		if new[key] == nil {
			d.compare(key, was, nil)
		}
	}
	for _, list := range [][]Change{d.Gained, d.Lost, d.Moved} {
		slices.SortFunc(list, func(a, b Change) int {
			return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.name(), b.name()), cmp.Compare(a.To, b.To))
		})
	}
	return d
}

// compare goes through the spells of one thing, in the order of time.
func (d *Difference) compare(key thing, was, is []spell) {
	for len(was) > 0 || len(is) > 0 {
		switch {
		case len(is) == 0 || len(was) > 0 && is[0].isRatherThan(was[0], was[1:]):
			d.Lost = append(d.Lost, key.change(was[0].from))
			was = was[1:]
		case len(was) == 0 || was[0].isRatherThan(is[0], is[1:]):
			d.Gained = append(d.Gained, key.change(is[0].from))
			is = is[1:]
		default:
			if c := key.change(is[0].from); c.At != was[0].from {
				c.Was, c.By = was[0].from, c.At.Sub(was[0].from).Seconds()
				d.Moved = append(d.Moved, c)
			}
			was, is = was[1:], is[1:]
		}
	}
}

// spell is a time that a plant, line or alert is what it changed to.
type spell struct{ from, until plant.Instant }

// isRatherThan reports whether s is not the other run's spell x, but at best a
// later one of it: x is over before s begins, or the next one is nearer.
func (s spell) isRatherThan(x spell, later []spell) bool {
	if x.until <= s.from {
		return true
	}
	return len(later) > 0 && later[0].from < s.until && later[0].from.Sub(s.from).Abs() < x.from.Sub(s.from).Abs()
}

// spells are those of each thing, in the order of time; the last one of a plant,
// line or alert has no end.
func (r *Result) spells() map[thing][]spell {
	out, last := map[thing][]spell{}, map[thing]thing{}
	r.each(func(key thing, at plant.Instant) {
		whose := key
		whose.to = ""
		if of, known := last[whose]; known {
			out[of][len(out[of])-1].until = at
		}
		last[whose] = key
		out[key] = append(out[key], spell{at, math.MaxInt64})
	})
	return out
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
		fmt.Fprintf(w, "~ %s  %s %s, %s %s than %s\n", c.At, c.name(), c.To, plant.Duration(by), word, c.Was)
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
