package pulse

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const (
	maxFields   = 64
	maxCounters = 8
)

// body is what samples carry: their fields, and the counters among them.
type body struct {
	fields   []field // sorted by name
	counters []counter
	other    uint64 // fields past maxFields
	content  uint64 // of the newest sample, as by content
}

type field struct {
	name    string
	kind    plant.FieldKind
	samples uint64
	counter int // index; -1: it is a reading
}

// add takes the fields of a sample stamped t. Counters of a late sample are
// left out: their order is lost.
func (b *body) add(s *plant.Sample, t plant.Instant, decimal []string, late bool, interval time.Duration) {
	b.content = content(s)
	if b.fields == nil {
		b.fields = make([]field, 0, min(len(s.Fields), maxFields))
	}
	j := 0
	for i := range s.Fields {
		f := &s.Fields[i]
		for j < len(b.fields) && b.fields[j].name != f.Name && b.fields[j].name < f.Name {
			j++
		}
		if j == len(b.fields) || b.fields[j].name != f.Name {
			if !b.meet(j, f, decimal) {
				continue
			}
		}
		known := &b.fields[j]
		known.samples++
		if known.counter >= 0 && known.kind == f.Kind && !late && !s.Flags.Has(plant.BadQuality) {
			b.counters[known.counter].take(f, t, s.Flags.Has(plant.Delta), interval)
		}
		j++
	}
}

// meet notes a field that was not seen before, as the j-th.
func (b *body) meet(j int, f *plant.Field, decimal []string) bool {
	if len(b.fields) == maxFields {
		b.other++
		return false
	}
	n := field{name: strings.Clone(f.Name), kind: f.Kind, counter: -1}
	counts := f.Kind == plant.Int || f.Kind == plant.Float && slices.Contains(decimal, f.Name)
	if counts && len(b.counters) < maxCounters {
		n.counter = len(b.counters)
		b.counters = append(b.counters, counter{name: n.name, kind: f.Kind})
	}
	b.fields = slices.Insert(b.fields, j, n)
	return true
}

// same reports whether s says what the newest sample said.
func (b *body) same(s *plant.Sample) bool { return b.content == content(s) }

// content is a cheap sum of what a sample without a number says.
func content(s *plant.Sample) uint64 {
	if s.HasSeq {
		return 0
	}
	const prime = 1099511628211
	sum := uint64(len(s.State))*prime + uint64(len(s.Fields))
	for i := range s.Fields {
		f := &s.Fields[i]
		sum *= prime
		switch f.Kind {
		case plant.Int:
			sum ^= uint64(f.Int)
		case plant.Float:
			sum ^= math.Float64bits(f.Float)
		case plant.String:
			for k := range len(f.Str) {
				sum = (sum ^ uint64(f.Str[k])) * prime
			}
		case plant.Bool:
			if f.Bool {
				sum++
			}
		}
	}
	return sum
}
