package scenario

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/seed-00829101/heartline/plant"
)

// read is what a stretch says of one reading, from there on.
type read struct {
	field plant.Field
	none  bool // it is not sent any more
}

// maxReadings bounds how many readings a machine has at once.
const maxReadings = 100

// reading reads a reading's name and what it shows: a number, true, false, a
// word in quotes, or none.
func (s *stretch) reading(name, value string) error {
	r := read{field: plant.Field{Name: name, Kind: plant.Float}}
	v, err := strconv.ParseFloat(value, 64)
	switch {
	case value == "none":
		r.none = true
	case value == "true" || value == "false":
		r.field.Kind, r.field.Bool = plant.Bool, value == "true"
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Errorf("%s=%s is no reading; write a number like %s=81.5, true, false, or none where it is not sent any more; %s", name, value, name, modifierHelp)
	default:
		r.field.Float = v
	}
	for _, x := range s.reads {
		if x.field.Name == name {
			return fmt.Errorf("says %s= twice", name)
		}
	}
	s.reads = append(s.reads, r)
	return nil
}

// after is what a machine shows from a stretch on that says reads, where it
// showed these before: sorted by name, and a new slice where they differ.
func after(shown []plant.Field, reads []read) []plant.Field {
	if len(reads) == 0 {
		return shown
	}
	out := slices.Clone(shown)
	for _, r := range reads {
		i, found := slices.BinarySearchFunc(out, r.field.Name, func(f plant.Field, name string) int { return cmp.Compare(f.Name, name) })
		switch {
		case r.none && found:
			out = slices.Delete(out, i, i+1)
		case r.none:
		case found:
			out[i] = r.field
		default:
			out = slices.Insert(out, i, r.field)
		}
	}
	return out
}

// readings checks what the stretches of c say of readings.
func (l *loader) readings(at string, c *course) {
	var shown []plant.Field
	for i := range c.stretches {
		for _, r := range c.stretches[i].reads {
			if r.field.Name == c.machine.line.Counter.Field {
				l.add(at+".counts", "item %d says %s=, which is the counter of line %q; write what it does in front of the item, like +2 or =1000", i+1, r.field.Name, c.machine.line.ID)
				return
			}
		}
		if shown = after(shown, c.stretches[i].reads); len(shown) > maxReadings {
			l.add(at+".counts", "item %d is the one with which machine %q has more than %d readings", i+1, c.machine.id, maxReadings)
			return
		}
	}
}

// show has the machine show from here on what a stretch says.
func (g *generator) show(reads []read) {
	if len(reads) == 0 {
		return
	}
	g.r.readings = append(g.r.readings, after(g.r.readings[g.reads], reads))
	g.reads = int32(len(g.r.readings) - 1)
}

// fields appends a counter and readings to into, sorted by name.
func fields(into []plant.Field, counter plant.Field, readings []plant.Field) []plant.Field {
	i, _ := slices.BinarySearchFunc(readings, counter.Name, func(f plant.Field, name string) int { return cmp.Compare(f.Name, name) })
	into = append(into, readings[:i]...)
	into = append(into, counter)
	return append(into, readings[i:]...)
}
