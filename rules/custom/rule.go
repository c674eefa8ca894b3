package custom

import (
	"fmt"
	"regexp"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Bounds of what a user may write. They keep the cost of a sample, and what is
// remembered of a machine, small whatever the rules are.
const (
	MaxRules       = 100
	MaxCondition   = 1000 // bytes of a condition
	maxNodes       = 200  // of its syntax tree
	maxAnnotation  = 1000 // bytes of a template, and of what it makes
	maxPairs       = 20   // of labels, and of annotations
	maxWord        = 200  // bytes of a name or label
	minWindow      = 10 * time.Second
	maxWindow      = 7 * 24 * time.Hour
	longestHolding = 30 * 24 * time.Hour
)

// Rule is a custom rule as it is written in rules.yaml.
type Rule struct {
	// Name tells rules apart; an alert is called so.
	Name string `yaml:"name" json:"name"`
	// Each is what the rule is about: machine, line or plant.
	Each string `yaml:"each" json:"each"`
	// When is the condition, in the language of expr-lang; true or false.
	When string `yaml:"when" json:"when"`
	// For is how long the condition must hold before the alert fires.
	For plant.Duration `yaml:"for" json:"for,omitempty"`
	// KeepFiringFor is how long it must not hold before the alert ends.
	KeepFiringFor plant.Duration `yaml:"keep_firing_for" json:"keep_firing_for,omitempty"`
	// Severity is the user's own word, like warning or critical; default warning.
	Severity string            `yaml:"severity" json:"severity,omitempty"`
	Labels   map[string]string `yaml:"labels" json:"labels,omitempty"`
	// Annotations are templates (text/template) of what people read.
	Annotations map[string]string `yaml:"annotations" json:"annotations,omitempty"`
}

// What a rule may be about.
const (
	EachMachine = "machine"
	EachLine    = "line"
	EachPlant   = "plant"
)

// DefaultSeverity is that of a rule that names none.
const DefaultSeverity = "warning"

// WithDefaults returns r with unset keys at their defaults.
func (r Rule) WithDefaults() Rule {
	if r.Severity == "" {
		r.Severity = DefaultSeverity
	}
	return r
}

// Mistake is what is wrong with a rule, and where.
type Mistake struct {
	Key  string // of the rule, like when
	What string
	// Line and Column, from 1, within the value of Key; 0: all of it.
	Line, Column int
}

func (m *Mistake) Error() string { return m.Key + ": " + m.What }

var (
	ruleName  = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]*$`)
	labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
)

// check looks at all of the rule but its condition and templates.
func (r *Rule) check() (out []*Mistake) {
	bad := func(key, format string, args ...any) {
		out = append(out, &Mistake{Key: key, What: fmt.Sprintf(format, args...)})
	}
	switch {
	case r.Name == "":
		bad("name", "is missing: an alert is called by it, like dryer-too-hot")
	case !ruleName.MatchString(r.Name) || len(r.Name) > maxWord:
		bad("name", "%q is no name: letters, digits, blanks, dots, dashes and underscores, at most %d bytes", r.Name, maxWord)
	}
	switch r.Each {
	case EachMachine, EachLine, EachPlant:
	case "":
		bad("each", "is missing: write machine, line or plant")
	default:
		bad("each", "%q is none of machine, line, plant", r.Each)
	}
	if r.When == "" {
		bad("when", "is missing: write a condition, like temp > 80 && state == 'running'")
	}
	for key, d := range map[string]plant.Duration{"for": r.For, "keep_firing_for": r.KeepFiringFor} {
		if d < 0 || time.Duration(d) > longestHolding {
			bad(key, "%s is not between 0 and %d days", time.Duration(d), int(longestHolding.Hours()/24))
		}
	}
	if !ruleName.MatchString(r.Severity) || len(r.Severity) > maxWord {
		bad("severity", "%q is no word, like warning or critical", r.Severity)
	}
	for key, m := range map[string]map[string]string{"labels": r.Labels, "annotations": r.Annotations} {
		if len(m) > maxPairs {
			bad(key, "are %d; at most %d", len(m), maxPairs)
		}
		for name, text := range m {
			switch {
			case !labelName.MatchString(name) || len(name) > maxWord:
				bad(key, "%q is no name of a label: letters, digits and underscores, not a digit first", name)
			case key == "labels" && len(text) > maxWord:
				bad(key, "%s is longer than %d bytes", name, maxWord)
			}
		}
	}
	return out
}
