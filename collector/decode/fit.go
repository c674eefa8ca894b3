package decode

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// Unnamed stands, in a Fit's samples, for an id that neither the topic nor the
// message names.
const Unnamed = "unnamed"

// Fit is a profile that reads a message without a failure.
type Fit struct {
	Profile *collector.Profile
	// Samples is what it makes of the message; at least one.
	Samples []plant.Sample
	// Found counts what the profile declares and the message has: 0 for one
	// that takes any message of its format.
	Found int
	// absent counts how much of the wrapping that it declares is not there.
	absent int
}

// Fits tries profiles on a message nobody configured a source for, and
// returns those that read it whole, the most specific first. Of m it uses
// Topic, Payload, Levels and Arrived; ids that nothing names are Unnamed, and
// a value that only the topic can name is called by Levels.Field, else by the
// topic's last level. A profile that Check refuses does not fit. Profiles are
// shared with the fits, not copied. Safe for concurrent use.
func Fits(profiles []*collector.Profile, m collector.Message) []Fit {
	if m.Levels.Field == "" {
		m.Levels.Field = m.Topic[strings.LastIndexByte(m.Topic, '/')+1:]
	}
	if m.Arrived.IsZero() {
		m.Arrived = time.Now()
	}
	m.Source = 0
	paths := pathsOf(m.Payload)
	var out []Fit
	for _, p := range profiles {
		if f, ok := fit(p, m); ok {
			f.count(paths)
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Fit) int {
		return cmp.Or(cmp.Compare(b.Found, a.Found), cmp.Compare(a.absent, b.absent), strings.Compare(a.Profile.Name, b.Profile.Name))
	})
	return out
}

// fit reads m by p, with Unnamed for as few ids as will do.
func fit(p *collector.Profile, m collector.Message) (Fit, bool) {
	d, err := New([]*collector.Profile{p})
	if err != nil {
		return Fit{}, false
	}
	topic := m.Levels
	for _, unnamed := range [...]struct{ plant, line, machine bool }{
		{}, {plant: true}, {line: true}, {machine: true},
		{plant: true, line: true}, {plant: true, machine: true}, {line: true, machine: true},
		{plant: true, line: true, machine: true},
	} {
		m.Levels = topic
		ok := fill(&m.Levels.Plant, unnamed.plant) && fill(&m.Levels.Line, unnamed.line) && fill(&m.Levels.Machine, unnamed.machine)
		if !ok {
			continue
		}
		if samples, failures := d.Decode(nil, &m); len(failures) == 0 && len(samples) > 0 {
			return Fit{Profile: p, Samples: samples}, true
		}
	}
	return Fit{}, false
}

// fill makes id Unnamed where it is to be; false where it has a name.
func fill(id *string, unnamed bool) bool {
	if !unnamed {
		return true
	}
	if *id != "" {
		return false
	}
	*id = Unnamed
	return true
}

// count compares what the profile declares with what the message has.
func (f *Fit) count(paths pathSet) {
	full := f.Profile.WithDefaults()
	p := &full
	if p.Format != collector.FormatJSON {
		if p.Format != collector.FormatValue {
			f.Found = 1 // a grammar that few messages happen to have
		}
		return
	}
	inner := []string{p.Time.Field, p.Seq, p.State, p.Quality.Field, p.Plant, p.Line, p.Machine, p.Gateway, p.Value, p.Errors}
	delta := false
	for i := range p.Counters {
		inner = append(inner, p.Counters[i].Field)
		delta = delta || p.Counters[i].IsDelta()
	}
	prefixes := []string{""}
	for _, u := range p.Unwrap {
		prefixes = append(prefixes, u+".")
	}
	if p.Samples != "" && p.Samples != collector.RootSamples {
		for _, prefix := range prefixes {
			prefixes = append(prefixes, p.Samples+"."+prefix)
		}
	}
	has := func(path string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return paths.has(prefix + path) })
	}
	for _, path := range inner {
		if path != "" && path != collector.NoField && has(path) {
			f.Found++
		}
	}
	for _, path := range append([]string{p.Samples, p.Tags.List, p.Errors, p.Value}, p.Unwrap...) {
		switch {
		case path == "":
		case has(path):
			f.Found++
		default:
			f.absent++
		}
	}
	if delta && !slices.ContainsFunc(p.Counters, func(k collector.ProfileCounter) bool { return has(k.Field) }) {
		f.absent++ // what it says of counters is not shown by this message
	}
	for _, member := range []string{p.Tags.Name, p.Tags.Value, p.Tags.Quality, p.Tags.Time, p.Tags.Error} {
		if member != "" && paths[p.Tags.List+"."+member] {
			f.Found++
		}
	}
}

// pathSet is the paths of a message.
type pathSet map[string]bool

// has reports whether path is there; a + in it is one level of any name.
func (s pathSet) has(path string) bool {
	if !strings.Contains(path, "+") {
		return s[path]
	}
	want := strings.Split(path, ".")
	for there := range s {
		if slices.EqualFunc(want, strings.Split(there, "."), func(w, level string) bool { return w == "+" || w == level }) {
			return true
		}
	}
	return false
}

// pathsOf returns the paths of all members of a JSON message; those of an
// array's elements are the array's own, $ at the root. It is empty for what is
// no JSON.
func pathsOf(payload []byte) pathSet {
	out := pathSet{}
	dec := jsontext.NewDecoder(bytes.NewReader(payload))
	var stack []string
	path := func(name string) string {
		if len(stack) == 0 || stack[len(stack)-1] == "" {
			return name
		}
		return stack[len(stack)-1] + "." + name
	}
	at, name := "", false // name: the next text is a member's name
	for {
		t, err := dec.ReadToken()
		if err != nil || dec.StackDepth() > maxDepth || len(at) > maxPath || len(out) > 10*MaxFields {
			return out
		}
		switch t.Kind() {
		case '{', '[':
			if len(stack) == 0 && t.Kind() == '[' {
				out[collector.RootSamples] = true
			}
			stack = append(stack, at)
		case '}', ']':
			if stack = stack[:len(stack)-1]; len(stack) > 0 {
				at = stack[len(stack)-1]
			}
		case '"':
			if kind, n := dec.StackIndex(dec.StackDepth()); kind == '{' && n%2 == 1 {
				at, name = path(t.String()), true
				out[at] = true
			}
		}
		if !name && len(stack) > 0 && t.Kind() != '{' && t.Kind() != '[' {
			at = stack[len(stack)-1] // the next element of an array stands where this one did
		}
		name = false
	}
}
