package collector

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Template is a source's topic with named levels, like
// factory/{plant}/{line}/{machine}/heartbeat. A named level matches exactly
// one level, which may be empty; + matches one level and # (last) any number,
// and both are ignored; every other level stands for itself.
//
// A Template is read-only and safe for concurrent use. The zero Template
// matches nothing.
type Template struct {
	text   string
	filter string
	levels []level
}

// level is one level of a template.
type level struct {
	kind levelKind
	text string // of a fixed level
}

type levelKind uint8

const (
	levelFixed levelKind = iota
	levelAny             // +
	levelRest            // #
	levelPlant
	levelLine
	levelMachine
	levelGateway
	levelField
)

var levelNames = map[string]levelKind{
	"{plant}": levelPlant, "{line}": levelLine, "{machine}": levelMachine,
	"{gateway}": levelGateway, "{field}": levelField,
}

// maxTopic is the longest topic MQTT can carry, in bytes.
const maxTopic = 65535

// ParseTemplate reads a topic template. Its error says which level is wrong
// and what would be right.
func ParseTemplate(text string) (Template, error) {
	if err := checkTopic(text); err != nil {
		return Template{}, err
	}
	t := Template{text: text}
	filter := make([]string, 0, 8)
	named := map[levelKind]bool{}
	words := strings.Split(text, "/")
	for i, word := range words {
		l, err := parseLevel(word)
		if err != nil {
			return Template{}, fmt.Errorf("level %d: %w", i+1, err)
		}
		if l.kind == levelRest && i < len(words)-1 {
			return Template{}, fmt.Errorf("level %d: # may only be the last level; write + for one level of any name", i+1)
		}
		if l.kind >= levelPlant {
			if named[l.kind] {
				return Template{}, fmt.Errorf("level %d: %s is there twice; write + where a level does not matter", i+1, word)
			}
			named[l.kind] = true
			word = "+"
		}
		t.levels = append(t.levels, l)
		filter = append(filter, word)
	}
	t.filter = strings.Join(filter, "/")
	return t, nil
}

func checkTopic(text string) error {
	switch {
	case text == "":
		return fmt.Errorf("is empty; write a topic like factory/{plant}/{line}/{machine}/heartbeat")
	case len(text) > maxTopic:
		return fmt.Errorf("is longer than %d bytes, which MQTT cannot carry", maxTopic)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return fmt.Errorf("is not UTF-8 text")
	case text == "$share" || strings.HasPrefix(text, "$share/"):
		return fmt.Errorf("is a shared subscription, which would tear a machine's heartbeats apart; leave out $share and the group's name")
	}
	return nil
}

func parseLevel(word string) (level, error) {
	switch {
	case word == "+":
		return level{kind: levelAny}, nil
	case word == "#":
		return level{kind: levelRest}, nil
	case levelNames[word] != 0:
		return level{kind: levelNames[word]}, nil
	case strings.ContainsAny(word, "{}"):
		return level{}, fmt.Errorf("%q is no named level; a level is one of {plant} {line} {machine} {gateway} {field}, as a whole", word)
	case strings.ContainsAny(word, "+#"):
		return level{}, fmt.Errorf("%q holds + or #, which must stand alone between slashes", word)
	}
	return level{text: word}, nil
}

// String returns the template as it was written.
func (t Template) String() string { return t.text }

// Filter returns the MQTT topic filter to subscribe to: every named level is
// a +.
func (t Template) Filter() string { return t.filter }

// FilterOf is Filter with the plant's level filled in; empty where the template
// has none, or the plant's id could be more than one level.
func (t Template) FilterOf(plantID string) string {
	if !t.Named("plant") || plantID == "" || strings.ContainsAny(plantID, "/+#") {
		return ""
	}
	levels := strings.Split(t.filter, "/")
	for i, l := range t.levels {
		if l.kind == levelPlant {
			levels[i] = plantID
		}
	}
	return strings.Join(levels, "/")
}

// Named reports whether the template has the level called name: plant, line,
// machine, gateway or field.
func (t Template) Named(name string) bool {
	want := levelNames["{"+name+"}"]
	for _, l := range t.levels {
		if want != 0 && l.kind == want {
			return true
		}
	}
	return false
}

// Match reports whether topic matches, and what its named levels hold. The
// strings are parts of topic; nothing is allocated. As in MQTT, a topic that
// begins with $ is not matched by a named level, + or # at the front.
func (t Template) Match(topic string) (Levels, bool) {
	var out Levels
	if len(t.levels) == 0 || t.levels[0].kind != levelFixed && strings.HasPrefix(topic, "$") {
		return out, false
	}
	rest, more := topic, true // more: rest holds at least one level, maybe an empty one
	for _, l := range t.levels {
		if l.kind == levelRest {
			return out, true
		}
		if !more {
			return Levels{}, false
		}
		var word string
		word, rest, more = strings.Cut(rest, "/")
		switch l.kind {
		case levelFixed:
			if word != l.text {
				return Levels{}, false
			}
		case levelPlant:
			out.Plant = word
		case levelLine:
			out.Line = word
		case levelMachine:
			out.Machine = word
		case levelGateway:
			out.Gateway = word
		case levelField:
			out.Field = word
		}
	}
	if more {
		return Levels{}, false
	}
	return out, true
}

// Overlaps reports whether some topic matches both templates.
func (t Template) Overlaps(u Template) bool {
	a, b := t.levels, u.levels
	if len(a) == 0 || len(b) == 0 || dollar(a[0]) != dollar(b[0]) && (a[0].kind != levelFixed || b[0].kind != levelFixed) {
		return false
	}
	for i := 0; ; i++ {
		switch {
		case i < len(a) && a[i].kind == levelRest, i < len(b) && b[i].kind == levelRest:
			return true
		case i >= len(a) || i >= len(b):
			return len(a) == len(b)
		case a[i].kind == levelFixed && b[i].kind == levelFixed && a[i].text != b[i].text:
			return false
		}
	}
}

// dollar reports whether a template that begins with l is about $-topics.
func dollar(l level) bool { return l.kind == levelFixed && strings.HasPrefix(l.text, "$") }
