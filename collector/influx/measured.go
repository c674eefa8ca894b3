package influx

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/seed-00829101/heartline/plant"
)

// measured is a point being made.
type measured struct {
	name   string
	at     plant.Instant
	tags   []tag
	fields []field
}

type tag struct{ name, value string }

type field struct {
	name  string
	value lineprotocol.Value
}

func newPoint(name string, at plant.Instant) *measured { return &measured{name: name, at: at} }

// tag adds a tag; an empty value is no tag.
func (p *measured) tag(name, value string) {
	if value != "" {
		p.tags = append(p.tags, tag{name, value})
	}
}

// text adds a string field; an empty text is left out, as is what is not UTF-8.
func (p *measured) text(name, value string) {
	if value == "" {
		return
	}
	if v, ok := lineprotocol.StringValue(value); ok {
		p.fields = append(p.fields, field{name, v})
	}
}

// float adds a float field, unless there is no such number.
func (p *measured) float(name string, value *float64) {
	if value != nil && finite(*value) {
		p.fields = append(p.fields, field{name, lineprotocol.MustNewValue(*value)})
	}
}

// whole adds an integer field.
func (p *measured) whole(name string, value uint64) {
	p.fields = append(p.fields, field{name, intValue(int64(value))})
}

func intValue(n int64) lineprotocol.Value { return lineprotocol.MustNewValue(n) }

func (p *measured) flag(name string, value bool) {
	p.fields = append(p.fields, field{name, lineprotocol.BoolValue(value)})
}

// instant adds milliseconds since the epoch; never is left out.
func (p *measured) instant(name string, value plant.Instant) {
	if value != 0 {
		p.fields = append(p.fields, field{name, lineprotocol.IntValue(milliseconds(value))})
	}
}

// labelTaken are the names a label may not have as a tag: those of the point's
// own tags and fields (a field hides a tag of its name from InfluxQL) and
// those that InfluxQL and Flux give a meaning.
var labelTaken = func() map[string]bool {
	taken := map[string]bool{}
	for _, name := range []string{
		"plant", "definition", "basis", "time",
		"phase", "relapsed", "recovery", "recovery_low", "recovery_high", "output", "normal_output", "coverage",
		"_field", "_measurement", "_time", "_value", "_start", "_stop", "result", "table",
	} {
		taken[name] = true
	}
	return taken
}()

// labels adds the registry's labels as tags. A label with a taken name is
// called label_<name>; what line protocol cannot write is mended.
func (p *measured) labels(labels map[string]string) {
	used := map[string]bool{}
	var late []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if clean := writable(name); labelTaken[clean] || used[clean] {
			late = append(late, name)
		} else if clean != "" {
			used[clean] = true
			p.tag(clean, writable(labels[name]))
		}
	}
	for _, name := range late {
		clean := "label_" + writable(name)
		for used[clean] {
			clean = "label_" + clean
		}
		used[clean] = true
		p.tag(clean, writable(labels[name]))
	}
}

// writable replaces what a tag cannot hold: control characters, broken UTF-8
// and a backslash at the end.
func writable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.TrimRight(text, `\`)
}

// encode returns the point as a line without a newline. What line protocol
// cannot write is a CodeInvalid error.
func (p *measured) encode() ([]byte, error) {
	if p.at == 0 {
		return nil, plant.Errorf(plant.CodeInvalid, "a point of %s has no time", p.name)
	}
	slices.SortFunc(p.tags, func(a, b tag) int { return strings.Compare(a.name, b.name) })
	var enc lineprotocol.Encoder
	enc.StartLine(p.name)
	for _, t := range p.tags {
		enc.AddTag(t.name, t.value)
	}
	for _, f := range p.fields {
		enc.AddField(f.name, f.value)
	}
	enc.EndLine(p.at.Time())
	if err := enc.Err(); err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "a point of %s cannot be written as line protocol: %w", p.name, err)
	}
	return bytes.TrimSuffix(enc.Bytes(), []byte("\n")), nil
}
