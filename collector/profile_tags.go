package collector

import (
	"fmt"
	"slices"
	"strings"
)

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
