package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// expectText is one expectation, as it is written: of the changes of a plant
// or a line, of what the board shows at an instant, or of a closed window.
type expectText struct {
	Plant string `yaml:"plant"`
	Line  string `yaml:"line"`

	Changes lines  `yaml:"changes"`
	From    string `yaml:"from"`
	To      string `yaml:"to"`

	At       string `yaml:"at"`
	Phase    string `yaml:"phase"`
	State    string `yaml:"state"`
	Since    string `yaml:"since"`
	Reason   string `yaml:"reason"`
	Relapsed *bool  `yaml:"relapsed"`
	Closed   string `yaml:"closed"`

	Window   string `yaml:"window"`
	Exists   *bool  `yaml:"exists"`
	Recovery string `yaml:"recovery"`
	Low      string `yaml:"recovery_low"`
	High     string `yaml:"recovery_high"`
	Output   string `yaml:"output"`
	Normal   string `yaml:"normal_output"`
	Baseline string `yaml:"baseline"`
	Coverage string `yaml:"coverage"`
	Proxy    *bool  `yaml:"proxy"`
}

// expectation is one of a scenario's expectations.
type expectation interface {
	// last is the latest instant that it speaks of.
	last() plant.Instant
	// count is how many things it asks for.
	count() int
	// check returns what of it does not hold.
	check(o *outcome) []Failure
}

// subject is whose it is.
type subject struct {
	plant string
	line  string // "": the plant itself
	place int    // line in the file
}

func (s *subject) String() string {
	if s.line != "" {
		return "line " + s.plant + "/" + s.line
	}
	return "plant " + s.plant
}

// expectation reads one of them.
func (l *loader) expectation(at string, t *expectText) {
	before := len(l.problems)
	who, ok := l.subject(at, t.Plant, t.Line)
	if !ok {
		return
	}
	kinds := 0
	for _, key := range []string{t.At, t.Window} {
		if key != "" {
			kinds++
		}
	}
	if t.Changes != nil {
		kinds++
	}
	if kinds != 1 {
		l.add(at, "says neither changes, at nor window, or several of them; write changes: [...], or at: with phase: or state:, or window: with recovery:")
		return
	}
	l.strangers(at, t)
	var e expectation
	switch {
	case t.Changes != nil:
		e = l.changes(at, t, who)
	case t.At != "":
		e = l.moment(at, t, who)
	default:
		e = l.window(at, t, who)
	}
	if len(l.problems) == before {
		l.out.expect = append(l.out.expect, e)
	}
}

// subject finds the plant or line that is meant; the only plant need not be
// named.
func (l *loader) subject(at, plantName, lineName string) (subject, bool) {
	place := l.place(at)
	if lineName != "" {
		found, err := find(l.names.lines, l.names.all["line"], "line", lineName)
		if err != nil {
			l.add(at+".line", "%v", err)
			return subject{}, false
		}
		if plantName != "" && plantName != found.plant.ID {
			l.add(at+".plant", "%q is not the plant of line %q; leave it out", plantName, lineName)
			return subject{}, false
		}
		return subject{found.plant.ID, found.line.ID, place}, true
	}
	if all := l.out.registry.Plants; plantName == "" && len(all) == 1 {
		plantName = all[0].ID
	}
	found, err := find(l.names.plants, l.names.all["plant"], "plant", plantName)
	if err != nil {
		l.add(at+".plant", "%v", err)
		return subject{}, false
	}
	return subject{plant: found.ID, place: place}, true
}

// strangers refuses keys that say nothing beside the others.
func (l *loader) strangers(at string, t *expectText) {
	kind, may := "window", []string{"recovery", "recovery_low", "recovery_high", "output", "normal_output", "baseline", "coverage", "proxy", "exists"}
	switch {
	case t.Changes != nil:
		kind, may = "changes", []string{"from", "to"}
	case t.At != "" && t.Line != "":
		kind, may = "at of a line", []string{"state", "since", "reason", "output"}
	case t.At != "":
		kind, may = "at of a plant", []string{"phase", "since", "relapsed", "closed"}
	}
	if t.Window != "" && t.Line != "" {
		l.add(at+".line", "a window is one of a plant; name the plant")
	}
	for _, k := range []struct {
		key string
		set bool
	}{
		{"from", t.From != ""}, {"to", t.To != ""}, {"phase", t.Phase != ""}, {"state", t.State != ""},
		{"since", t.Since != ""}, {"reason", t.Reason != ""}, {"relapsed", t.Relapsed != nil}, {"closed", t.Closed != ""}, {"exists", t.Exists != nil},
		{"recovery", t.Recovery != ""}, {"recovery_low", t.Low != ""}, {"recovery_high", t.High != ""}, {"output", t.Output != ""},
		{"normal_output", t.Normal != ""}, {"baseline", t.Baseline != ""}, {"coverage", t.Coverage != ""}, {"proxy", t.Proxy != nil},
	} {
		if k.set && !slices.Contains(may, k.key) {
			l.add(at+"."+k.key, "says nothing beside %s, which goes with %s", kind, strings.Join(may, ", "))
		}
	}
}

// words reads the name of a phase or state.
func (l *loader) word(path, text string, ofLine bool) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	word, used, err := stateWord(words, ofLine)
	if err == nil && used < len(words) {
		err = fmt.Errorf("%q is more than one word", text)
	}
	if err != nil {
		l.add(path, "%v", err)
	}
	return word
}

func (l *loader) figure(path, text string) *figure {
	if text == "" {
		return nil
	}
	f, err := parseFigure(text)
	if err != nil {
		l.add(path, "%v", err)
	}
	return &f
}
