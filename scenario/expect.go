package scenario

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// expectText is one expectation, as it is written: of the changes of a plant
// or a line, of what the board shows at an instant, of a closed window or
// shift, or of the fleet's figures.
type expectText struct {
	Plant string `yaml:"plant"`
	Line  string `yaml:"line"`
	// Of an alert: the rule, and the machine where it is about machines.
	Alert   string `yaml:"alert"`
	Machine string `yaml:"machine"`

	Changes lines  `yaml:"changes"`
	From    string `yaml:"from"`
	To      string `yaml:"to"`

	At       string `yaml:"at"`
	Phase    string `yaml:"phase"`
	State    string `yaml:"state"`
	Since    string `yaml:"since"`
	Reason   string `yaml:"reason"`
	Flags    lines  `yaml:"flags"`
	Relapsed *bool  `yaml:"relapsed"`
	Closed   string `yaml:"closed"`

	Window       string `yaml:"window"`
	Exists       *bool  `yaml:"exists"`
	Recovery     string `yaml:"recovery"`
	Low          string `yaml:"recovery_low"`
	High         string `yaml:"recovery_high"`
	Output       string `yaml:"output"`
	NormalOutput string `yaml:"normal_output"`
	Baseline     string `yaml:"baseline"`
	Coverage     string `yaml:"coverage"`
	Proxy        *bool  `yaml:"proxy"`

	fleetText `yaml:",inline"`
	shiftText `yaml:",inline"`
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
	// Of an alert: its machine, if any, and its rule.
	machine, rule string
}

// kind is that of the transitions that are told of it.
func (s *subject) kind() string {
	switch {
	case s.rule != "":
		return plant.KindAlert
	case s.line != "":
		return plant.KindLine
	}
	return plant.KindPhase
}

func (s *subject) String() string {
	if s.rule != "" {
		return "alert " + s.rule + " of " + s.of()
	}
	if s.line != "" {
		return "line " + s.plant + "/" + s.line
	}
	return "plant " + s.plant
}

// of is the path of the machine, line or plant.
func (s *subject) of() string {
	path := s.plant
	for _, id := range []string{s.line, s.machine} {
		if id != "" {
			path += "/" + id
		}
	}
	return path
}

// kinds are the kinds of expectation, each with the keys that go with it
// beside the plant or line that it is of. The first key says the kind.
var kinds = map[string][]string{
	"an alert":      {"alert", "plant", "line", "machine", "changes", "from", "to"},
	"changes":       {"changes", "plant", "line", "from", "to"},
	"at of a line":  {"at", "plant", "line", "state", "since", "reason", "output", "flags"},
	"at of a plant": {"at", "plant", "phase", "since", "relapsed", "closed"},
	"window":        {"window", "plant", "recovery", "recovery_low", "recovery_high", "output", "normal_output", "baseline", "coverage", "proxy", "exists"},
	"shift": {"shift", "plant", "line", "name", "oee", "oee_high", "availability", "availability_high", "effectiveness", "quality",
		"coverage", "good", "produced", "exists"},
	"fleet": {"fleet", "at", "eligible", "excluded", "resumed", "normal", "ramping_up", "stopped", "unknown", "reporting",
		"rate", "rate_low", "rate_high", "coverage", "recovery", "activity"},
}

// kind says which one t is; "" where it is none.
func (t *expectText) kind() string {
	switch {
	case t.Fleet != "":
		return "fleet"
	case t.Alert != "":
		return "an alert"
	case t.Changes != nil:
		return "changes"
	case t.Shift != "":
		return "shift"
	case t.Window != "":
		return "window"
	case t.At != "" && t.Line != "":
		return "at of a line"
	case t.At != "":
		return "at of a plant"
	}
	return ""
}

// expectation reads one of them.
func (l *loader) expectation(at string, t *expectText) {
	before := len(l.problems)
	kind := t.kind()
	if kind == "" {
		l.add(at, "says neither changes, at, window, shift nor fleet; write changes: [...], or at: with phase: or state:, or window: with recovery:, or shift: with oee:, or fleet: all with at: and rate:")
		return
	}
	l.strangers(at, t, kind)
	var who subject
	switch kind {
	case "fleet":
	case "an alert":
		var ok bool
		if who, ok = l.alertSubject(at, t); !ok {
			return
		}
		if t.Changes == nil {
			l.add(at+".changes", "is missing: write what becomes of the alert, like [09:12 firing, 09:40 inactive], or none")
			return
		}
	default:
		var ok bool
		if who, ok = l.subject(at, t.Plant, t.Line); !ok {
			return
		}
	}
	var e expectation
	switch kind {
	case "changes", "an alert":
		e = l.changes(at, t, who)
	case "window":
		e = l.window(at, t, who)
	case "shift":
		if who.line == "" {
			l.add(at+".line", "is missing: shifts are those of lines")
			return
		}
		e = l.shift(at, t, who)
	case "fleet":
		e = l.fleet(at, t)
	default:
		e = l.moment(at, t, who)
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
		return subject{plant: found.plant.ID, line: found.line.ID, place: place}, true
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
func (l *loader) strangers(at string, t *expectText, kind string) {
	may := kinds[kind]
	v := reflect.ValueOf(t).Elem()
	for _, f := range reflect.VisibleFields(v.Type()) {
		key := f.Tag.Get("yaml")
		if f.Anonymous || v.FieldByIndex(f.Index).IsZero() || slices.Contains(may, key) {
			continue
		}
		l.add(at+"."+key, "says nothing beside %s, which goes with %s", kind, strings.Join(may[1:], ", "))
	}
}

// word reads the name of a phase or state.
func (l *loader) word(path, text string, ofLine bool) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	kind := plant.KindPhase
	if ofLine {
		kind = plant.KindLine
	}
	word, used, err := stateWord(words, kind)
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
