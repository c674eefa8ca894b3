package custom

import (
	"maps"
	"slices"
	"strings"
)

// Kind is the type of a value.
type Kind uint8

// The kinds of value.
const (
	Number Kind = iota
	Text
	Truth
)

// word is a name that a rule may use. What holds now may be read; of some only
// windows and ages may.
type word struct {
	kind    Kind
	now     bool // may be read as it is
	amounts bool // delta and rate of it
	changes bool // changes() of it
	age     bool
}

var (
	aText   = word{kind: Text, now: true}
	aTruth  = word{kind: Truth, now: true}
	aNumber = word{kind: Number, now: true}
	aCount  = word{kind: Number, amounts: true}
)

// vocabularies are the words of each kind of rule, besides readings.
var vocabularies = map[string]map[string]word{
	EachMachine: {
		"plant": aText, "line": aText, "machine": aText,
		"state": {kind: Text, now: true, changes: true, age: true}, "means": aText,
		"line_state": aText, "line_reason": aText, "scheduled": aTruth,
		"made": {kind: Number, amounts: true, age: true}, "scrapped": aCount,
	},
	EachLine: {
		"plant": aText, "line": aText,
		"state": {kind: Text, now: true, changes: true, age: true}, "reason": aText,
		"phase": aText, "scheduled": aTruth, "normal": aNumber,
		"made": {kind: Number, amounts: true, age: true}, "scrapped": aCount,
		"energy": aCount,
		"shift":  aText, "oee": aNumber, "oee_high": aNumber, "coverage": aNumber,
		"availability": aNumber, "effectiveness": aNumber, "quality": aNumber,
	},
	EachPlant: {
		"plant": aText, "phase": {kind: Text, now: true, changes: true, age: true},
		"relapsed": aTruth, "recovery": aNumber,
	},
}

// Fields says what readings machines may send.
type Fields struct {
	// Closed: no other than those of Names, and what lies beneath Prefixes.
	Closed   bool
	Names    []string
	Prefixes []string
}

// has reports whether a machine may send a reading of that name.
func (f *Fields) has(name string) bool {
	return !f.Closed || slices.Contains(f.Names, name) ||
		slices.ContainsFunc(f.Prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// known lists what may be written, for a message.
func (f *Fields) known(each string) string {
	names := slices.Sorted(maps.Keys(vocabularies[each]))
	if each == EachMachine {
		names = append(slices.Sorted(slices.Values(f.Names)), names...)
	}
	if len(names) > 30 {
		names = append(names[:30:30], "...")
	}
	return strings.Join(names, ", ")
}
