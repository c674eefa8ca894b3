package collector

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// ProfileShape is the part of a Profile that says how a gateway wraps what it
// sends.
type ProfileShape struct {
	// Unwrap lists objects whose members are read as if they stood outside:
	// with [values], {"values":{"good":1}} is {"good":1}. Every other path of
	// the profile is the one without the wrapping. A + stands for one level
	// of any name. JSON only.
	Unwrap []string `yaml:"unwrap" json:"unwrap,omitempty"`
	// IDs are ids of every message that neither its topic nor itself names, for
	// a gateway whose topic cannot be chosen.
	IDs ProfileIDs `yaml:"ids" json:"ids"`
	// Numbers lists paths whose texts are numbers ("23.5"); an object's path
	// means all in it, * everything. A text there that is no number fails its
	// sample. In csv and pairs, time and counters are numbers without it.
	Numbers []string `yaml:"numbers" json:"numbers,omitempty"`
	// Missing lists texts that stand for no value, like UNAVAILABLE. Such a
	// value makes no field; where it stands for the state or a counter, the
	// sample is of bad quality.
	Missing []string `yaml:"missing" json:"missing,omitempty"`
	// Value is the path of the one value whose name the topic's level {field}
	// says. JSON only; in format value it is the whole message.
	Value string `yaml:"value" json:"value,omitempty"`
	// Errors is the path of an object that holds the names of values that
	// could not be read, as they are called elsewhere in the profile. They are
	// stored as fields; where one is a counter, the sample is of bad quality.
	// JSON only.
	Errors string `yaml:"errors" json:"errors,omitempty"`
	// Tags reads an array of named values. JSON only.
	Tags ProfileTags `yaml:"tags" json:"tags"`
	// Columns names the cells of a row, from the left; without it the first
	// row of each message does. CSV only.
	Columns []string `yaml:"columns" json:"columns,omitempty"`
	// Rest lists the names whose value is all that follows on their line, kept
	// as one text: an MTConnect condition. Pairs only.
	Rest []string `yaml:"rest" json:"rest,omitempty"`
	// Separator stands between cells: one character, default a comma, in
	// pairs |. CSV and pairs only.
	Separator string `yaml:"separator" json:"separator,omitempty"`
}

// ProfileIDs are ids, as the registry writes them; empty for none.
type ProfileIDs struct {
	Plant   string `yaml:"plant" json:"plant,omitempty"`
	Line    string `yaml:"line" json:"line,omitempty"`
	Machine string `yaml:"machine" json:"machine,omitempty"`
	Gateway string `yaml:"gateway" json:"gateway,omitempty"`
}

// ID returns the id called name: plant, line, machine or gateway.
func (x ProfileIDs) ID(name string) string {
	return map[string]string{"plant": x.Plant, "line": x.Line, "machine": x.Machine, "gateway": x.Gateway}[name]
}

// Gives reports whether the profile says the id called name (plant, line,
// machine or gateway), or where in a message it stands.
func (p *Profile) Gives(name string) bool {
	path := ProfileIDs{Plant: p.Plant, Line: p.Line, Machine: p.Machine, Gateway: p.Gateway}.ID(name)
	return path != "" && path != NoField || p.IDs.ID(name) != "" || p.Tags.Names(name)
}

func (p *Profile) shapeWithDefaults() ProfileShape {
	s := p.ProfileShape
	if s.Tags.List != "" {
		for at, value := range map[*string]string{&s.Tags.Name: "name", &s.Tags.Value: "value", &s.Tags.Levels: "{field}"} {
			if *at == "" {
				*at = value
			}
		}
	}
	if s.Separator == "" {
		switch p.Format {
		case FormatCSV:
			s.Separator = ","
		case FormatPairs:
			s.Separator = "|"
		}
	}
	return s
}

// QualityRange reads a range of good qualities, like 192..255, both included.
func QualityRange(good string) (low, high int64, ok bool) {
	a, b, ok := strings.Cut(good, "..")
	low, errLow := strconv.ParseInt(a, 10, 64)
	high, errHigh := strconv.ParseInt(b, 10, 64)
	return low, high, ok && errLow == nil && errHigh == nil && low <= high
}

// NeedsField reports whether messages are read only where the topic has a
// level {field}.
func (p *Profile) NeedsField() bool { return p.Format == FormatValue || p.Value != "" }

// shape checks what the profile says of wrapping.
func (c *profileChecker) shape(p *Profile) {
	belongs := func(at string, set bool, formats ...string) {
		if set && !slices.Contains(formats, p.Format) {
			c.add(at, "belongs to format: %s", strings.Join(formats, " or "))
		}
	}
	belongs("single", p.Single, FormatJSON)
	belongs("unwrap", len(p.Unwrap) > 0, FormatJSON)
	belongs("value", p.Value != "", FormatJSON)
	belongs("errors", p.Errors != "", FormatJSON)
	belongs("tags", p.Tags.List != "", FormatJSON)
	belongs("columns", len(p.Columns) > 0, FormatCSV)
	belongs("rest", len(p.Rest) > 0, FormatPairs)
	belongs("separator", p.Separator != "", FormatCSV, FormatPairs)
	for _, name := range []string{"plant", "line", "machine", "gateway"} {
		if id := p.IDs.ID(name); id != "" {
			if err := plant.CheckID(id); err != nil {
				c.add("ids."+name, "%v", err)
			}
		}
	}
	if p.Single && p.Samples != RootSamples {
		c.add("single", "belongs to samples: $")
	}
	if p.Tags.List != "" && p.Samples != "" {
		c.add("tags", "is an array of values, samples one of samples: a profile has either")
	}
	if sep := c.full.Separator; (p.Format == FormatCSV || p.Format == FormatPairs) && (len(sep) != 1 || strings.ContainsAny(sep, "\"\r\n\x00")) {
		c.add("separator", "%q is not one character, like , or ; or |", sep)
	}
	for i, u := range p.Time.Or {
		if _, ok := TimeUnit(u); !ok || p.Time.Unit == UnitRFC3339 {
			c.add(fmt.Sprintf("time.or[%d]", i), "%q is none of s, ms, us, ns", u)
		}
	}
	for i, path := range p.Unwrap {
		c.path(fmt.Sprintf("unwrap[%d]", i), path)
	}
	for i, path := range p.Numbers {
		if path != AllPaths {
			c.path(fmt.Sprintf("numbers[%d]", i), path)
		}
	}
	seen := map[string]bool{}
	for i, name := range p.Columns {
		if name != NoField && seen[name] {
			c.add(fmt.Sprintf("columns[%d]", i), "%q names two columns; write - for one that is not read", name)
		}
		seen[name] = true
	}
	c.tags(&p.Tags)
}

// AllPaths means every path, in Numbers.
const AllPaths = "*"
