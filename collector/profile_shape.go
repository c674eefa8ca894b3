package collector

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ProfileShape is the part of a Profile that says how a gateway wraps what it
// sends.
type ProfileShape struct {
	// Unwrap lists objects whose members are read as if they stood outside:
	// with [values], {"values":{"good":1}} is {"good":1}. Every other path of
	// the profile is the one without the wrapping. A + stands for one level
	// of any name. JSON only.
	Unwrap []string `yaml:"unwrap" json:"unwrap,omitempty"`
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

// ProfileTags reads an array whose elements are named values, such as a
// driver's tags. Values of the same machine and time become one sample. What
// an element lacks is taken from the message around the array.
type ProfileTags struct {
	// List is the path of the array, $ where the whole message is one; empty
	// for none.
	List string `yaml:"list" json:"list,omitempty"`
	// Name, Value, Quality, Time and Error are members of an element; default
	// name and value, the others none.
	Name    string `yaml:"name" json:"name,omitempty"`
	Value   string `yaml:"value" json:"value,omitempty"`
	Quality string `yaml:"quality" json:"quality,omitempty"`
	Time    string `yaml:"time" json:"time,omitempty"` // in the profile's time.unit
	// Error is a member that says why there is no value, where it is neither
	// 0 nor null.
	Error string `yaml:"error" json:"error,omitempty"`
	// Good lists the qualities that are good. A value that is not is stored
	// as a field called NAME_bad, so that a query of NAME finds good ones
	// only; where it is a counter, the sample is of bad quality.
	Good []string `yaml:"good" json:"good,omitempty"`
	// Levels says what the dotted parts of a name mean: words, + for any, and
	// {plant}, {line}, {machine}, {gateway}; {field} comes last and takes the
	// rest. Default {field}.
	Levels string `yaml:"levels" json:"levels,omitempty"`
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

// AllPaths, in Numbers, means every path.
const AllPaths = "*"

func (c *profileChecker) tags(t *ProfileTags) {
	if t.List == "" {
		if t.Name != "" || t.Value != "" || t.Quality != "" || t.Time != "" || t.Error != "" || t.Levels != "" {
			c.add("tags.list", "is missing: name the array that holds the values")
		}
		return
	}
	if t.Quality != "" && len(t.Good) == 0 {
		c.add("tags.good", `is empty: list the qualities that are good, like ["true"]`)
	}
	if _, err := ParseTagLevels(c.full.Tags.Levels); err != nil {
		c.add("tags.levels", "%v", err)
	}
}

// TagLevels are the parts of a tag's name.
type TagLevels []string

// ParseTagLevels reads {line}.{machine}.{field}.
func ParseTagLevels(text string) (TagLevels, error) {
	parts := strings.Split(text, ".")
	for i, part := range parts {
		named := strings.HasPrefix(part, "{") || strings.HasSuffix(part, "}")
		switch {
		case part == "{field}" && i == len(parts)-1:
			return parts, nil
		case part == "" || named && !slices.Contains([]string{"{plant}", "{line}", "{machine}", "{gateway}"}, part):
			return nil, fmt.Errorf("%q is no level of a name; write words, +, {plant}, {line}, {machine}, {gateway}, and {field} at the end", part)
		}
	}
	return nil, fmt.Errorf("%q does not end in {field}, like {line}.{machine}.{field}", text)
}

// Split returns what the levels of name say; false where it does not match.
func (t TagLevels) Split(name string) (Levels, bool) {
	var out Levels
	for _, level := range t[:len(t)-1] {
		part, rest, more := strings.Cut(name, ".")
		if !more {
			return out, false
		}
		name = rest
		switch level {
		case "{plant}":
			out.Plant = part
		case "{line}":
			out.Line = part
		case "{machine}":
			out.Machine = part
		case "{gateway}":
			out.Gateway = part
		case "+":
		default:
			if level != part {
				return out, false
			}
		}
	}
	out.Field = name
	return out, name != ""
}

// Names reports whether a tag's name says the level called name.
func (t ProfileTags) Names(name string) bool {
	return t.List != "" && slices.Contains(strings.Split(t.Levels, "."), "{"+name+"}")
}
