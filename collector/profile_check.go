package collector

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed-00829101/heartline/plant"
)

// MaxFieldName is the longest name of a field, in bytes.
const MaxFieldName = 256

// reservedNames are tags and fields of a heartbeat that a payload's field
// must not hide.
var reservedNames = []string{"plant", "line", "machine", "time", FieldArrived, FieldFlags, FieldGateway, FieldSeq, FieldState}

// ReservedField reports whether name is one of a heartbeat's own tags and
// fields, so that a payload's field of this name needs another.
func ReservedField(name string) bool { return slices.Contains(reservedNames, name) }

// CheckFieldName reports what keeps name from being a field's name.
func CheckFieldName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("is empty")
	case len(name) > MaxFieldName:
		return fmt.Errorf("is longer than %d bytes", MaxFieldName)
	case !utf8.ValidString(name):
		return fmt.Errorf("is not UTF-8")
	case strings.HasSuffix(name, `\`):
		return fmt.Errorf(`%q ends in \, which line protocol cannot write`, name)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%q holds a control character", name)
	}
	return nil
}

// Check returns everything wrong with the profile; paths are those of its
// YAML file, without file or line.
func (p *Profile) Check() plant.Problems {
	c := profileChecker{full: p.WithDefaults()}
	if p.Name == "" {
		c.add("name", "is missing: sources call the profile by it")
	}
	if p.MaxSize < 0 || p.MaxSize > 64<<20 {
		c.add("max_size", "is more than 64MiB")
	}
	switch p.Format {
	case FormatJSON:
		if len(p.Measurements) > 0 {
			c.add("measurements", "belongs to format: line-protocol")
		}
	case FormatLineProtocol:
		if p.Samples != "" {
			c.add("samples", "belongs to format: json; in line protocol each line is a sample")
		}
		if p.Time.Field != "" {
			c.add("time.field", "belongs to format: json; line protocol has its own place for the time")
		}
		if p.Time.Unit == UnitRFC3339 {
			c.add("time.unit", "rfc3339 belongs to format: json; write s, ms, us or ns")
		}
	case FormatCSV, FormatPairs, FormatValue:
		if p.Samples != "" {
			c.add("samples", "belongs to format: json")
		}
		if len(p.Measurements) > 0 {
			c.add("measurements", "belongs to format: line-protocol")
		}
	default:
		c.add("format", "%q is none of json, line-protocol, csv, pairs, value", p.Format)
	}
	if _, ok := TimeUnit(c.full.Time.Unit); !ok && c.full.Time.Unit != UnitRFC3339 {
		c.add("time.unit", "%q is none of s, ms, us, ns, rfc3339", p.Time.Unit)
	}
	if p.Quality.Field != "" && len(p.Quality.Good) == 0 {
		c.add("quality.good", "is empty: list the values that are good, like [GOOD, 192, true]")
	}
	c.roles()
	c.counters()
	c.fields()
	c.shape(p)
	return c.problems
}

// TimeUnit returns the unit called name (s, ms, us, ns).
func TimeUnit(name string) (plant.Unit, bool) {
	i := slices.Index([]string{"ns", "us", "ms", "s"}, name)
	return plant.Unit(max(i, 0)), i >= 0
}

type profileChecker struct {
	full     Profile
	problems plant.Problems
}

func (c *profileChecker) add(path, format string, args ...any) {
	c.problems = append(c.problems, plant.Problem{Path: path, What: fmt.Sprintf(format, args...)})
}

func (c *profileChecker) path(at, path string) {
	if path == "" || slices.Contains(strings.Split(path, "."), "") {
		c.add(at, "%q is no path; write it like good or values.good", path)
	}
}

// roles asks that no path has two meanings.
func (c *profileChecker) roles() {
	p, taken := &c.full, map[string]string{}
	role := func(at, path string) {
		if path == "" || path == NoField {
			return
		}
		c.path(at, path)
		if other, ok := taken[path]; ok {
			c.add(at, "%q is already %s", path, other)
		}
		taken[path] = at
	}
	role("time.field", p.Time.Field)
	role("seq", p.Seq)
	role("state", p.State)
	role("quality.field", p.Quality.Field)
	for i, k := range p.Counters {
		role(fmt.Sprintf("counters[%d].field", i), k.Field)
	}
	role("plant", p.Plant)
	role("line", p.Line)
	role("machine", p.Machine)
	role("gateway", p.Gateway)
	if p.Samples != RootSamples {
		role("samples", p.Samples)
	}
	role("value", p.Value)
	role("errors", p.Errors)
	if p.Tags.List != RootSamples {
		role("tags.list", p.Tags.List)
	}
}

func (c *profileChecker) counters() {
	for i, k := range c.full.Counters {
		at := fmt.Sprintf("counters[%d]", i)
		if k.Field == "" {
			c.add(at+".field", "is missing")
		}
		if k.Kind != "" && k.Kind != plant.KindTotal && k.Kind != plant.KindDelta {
			c.add(at+".kind", "%q is neither total nor delta", k.Kind)
		}
		if !(k.Scale >= 0 && k.Scale <= 1e15) {
			c.add(at+".scale", "%v is no scale; write how many units one count is, like 2 or 0.5", k.Scale)
		}
		first := c.full.Counters[0]
		if k.IsDelta() != first.IsDelta() {
			c.add(at+".kind", "differs from counters[0].kind: one message counts either in totals or since the last message")
		}
		if k.Factor() != first.Factor() {
			c.add(at+".scale", "differs from counters[0].scale: a profile has one scale; where they differ, declare it per line in the registry")
		}
	}
}

// IsDelta reports whether the counter counts since the last message.
func (k *ProfileCounter) IsDelta() bool { return k.Kind == plant.KindDelta }

// Factor is the counter's scale, 1 where none is declared.
func (k *ProfileCounter) Factor() float64 {
	if k.Scale == 0 {
		return 1
	}
	return k.Scale
}

func (c *profileChecker) fields() {
	for i, path := range c.full.Include {
		c.path(fmt.Sprintf("include[%d]", i), path)
		if slices.Contains(c.full.Exclude, path) {
			c.add(fmt.Sprintf("include[%d]", i), "%q is also under exclude", path)
		}
	}
	for i, path := range c.full.Exclude {
		c.path(fmt.Sprintf("exclude[%d]", i), path)
	}
	from, to := map[string]bool{}, map[string]bool{}
	for i, r := range c.full.Rename {
		at := fmt.Sprintf("rename[%d]", i)
		c.path(at+".from", r.From)
		if from[r.From] {
			c.add(at+".from", "%q is renamed twice", r.From)
		}
		if to[r.To] {
			c.add(at+".to", "two paths become %q", r.To)
		}
		if err := CheckFieldName(r.To); err != nil {
			c.add(at+".to", "%v", err)
		} else if ReservedField(r.To) {
			c.add(at+".to", "%q is a tag or field of Heartline's own; choose another name", r.To)
		}
		from[r.From], to[r.To] = true, true
	}
}
