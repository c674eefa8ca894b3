package scenario

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// file is a scenario as it is written. Names and times are texts until all of
// it was read: what they mean depends on other keys.
type file struct {
	Name        string            `yaml:"name"`
	About       string            `yaml:"about"`
	Start       string            `yaml:"start"`
	End         string            `yaml:"end"`
	Day         string            `yaml:"day"`
	Files       config.Files      `yaml:"files"`
	Plants      []*plant.Plant    `yaml:"plants"`
	Calendars   []*plant.Calendar `yaml:"calendars"`
	Rules       rules.Config      `yaml:"rules"`
	Output      []courseText      `yaml:"output"`
	Links       []linkText        `yaml:"links"`
	Listening   []pauseText       `yaml:"listening"`
	Declared    []declaredText    `yaml:"declared"`
	Expect      []expectText      `yaml:"expect"`
	NothingElse bool              `yaml:"nothing_else"`
}

// Scenario is one scenario, read and checked.
type Scenario struct {
	Name string // unique only within what a user makes of it
	File string
	// Warnings is what works, but should be looked at.
	Warnings plant.Problems
	// Progress is called now and then with how many records were played; nil ok.
	Progress func(records int)

	clock       clock
	end         plant.Instant
	registry    *plant.Registry
	rules       rules.Config
	records     recording
	expect      []expectation
	nothingElse int // line of the key; 0: others may change
}

// Load reads a scenario from a file. The error is CodeInvalid and wraps
// plant.Problems: everything that is wrong in it.
func Load(name string) (*Scenario, error) { return load(name, false) }

// LoadToShow is Load for a scenario that may expect nothing yet.
func LoadToShow(name string) (*Scenario, error) { return load(name, true) }

func load(name string, toShow bool) (*Scenario, error) {
	var f file
	doc, problems := config.ReadDocument(name, &f)
	adviseCommas(problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	l := &loader{toShow: toShow, file: &f, out: &Scenario{Name: f.Name, File: name}}
	l.place = func(path string) int { return doc.Locate(plant.Problem{Path: path}).Line }
	l.load(doc)
	for i, p := range l.problems {
		l.problems[i] = doc.Locate(p)
	}
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	return l.out, nil
}

// adviseCommas explains what a comma in {...} does: it ends the value, and the
// rest is taken for a key.
func adviseCommas(ps plant.Problems) {
	for i := range ps {
		_, key, found := strings.Cut(ps[i].Path, "].")
		if found && strings.HasPrefix(ps[i].Path, "output[") && len(strings.Fields(key)) > 0 && beginsItem(strings.Fields(key)[0]) {
			ps[i].What = "a comma within {...} ends the value; write a list, like counts: [0 until 09:00, 400/h for 2h]"
		}
	}
}

// loader makes a Scenario of a file, and collects what is wrong with it.
type loader struct {
	file     *file
	out      *Scenario
	names    names
	place    func(path string) int // line of a key in the file
	toShow   bool                  // it may expect nothing
	problems plant.Problems
}

func (l *loader) add(path, format string, args ...any) {
	l.problems = append(l.problems, plant.Problem{Path: path, What: fmt.Sprintf(format, args...)})
}

// load goes from what is the ground of the rest to the rest: what follows a
// mistake would only confuse.
func (l *loader) load(doc *config.Document) {
	f, s := l.file, l.out
	if s.Name == "" {
		l.add("name", "is missing: say in a few words what the scenario shows")
	}
	if !l.sources() {
		return
	}
	s.registry = &plant.Registry{Plants: f.Plants, Calendars: f.Calendars}
	s.rules = f.Rules
	if f.NothingElse {
		s.nothingElse = l.place("nothing_else")
	}
	problems, warnings := doc.Definition(s.registry, &s.rules, f.Files)
	l.problems = append(l.problems, problems...)
	s.Warnings = warnings
	if len(s.registry.Plants) == 0 && len(l.problems) == 0 {
		l.add("files.registry", "%s lists no plant", f.Files.Registry)
	}
	if len(l.problems) > 0 {
		return
	}
	l.names = namesOf(s.registry)
	if !l.times() {
		return
	}
	l.output()
	l.declared()
	l.out.records.sort()
	if len(f.Expect) == 0 && !l.toShow {
		l.add("expect", "is missing: a scenario that expects nothing tests nothing")
	}
	for i := range f.Expect {
		l.expectation(fmt.Sprintf("expect[%d]", i), &f.Expect[i])
	}
	l.reckonEnd()
}

// sources asks that plants and rules come from one place each.
func (l *loader) sources() bool {
	f := l.file
	before := len(l.problems)
	switch own := len(f.Plants) > 0; {
	case !own && f.Files.Registry == "":
		l.add("plants", "is missing: write them as in plants.yaml, or name that file: files: {registry: plants.yaml}")
	case own && f.Files.Registry != "":
		l.add("plants", "files.registry names a file of plants as well; write one of them")
	case !own && len(f.Calendars) > 0:
		l.add("calendars", "stand with the plants, which are in %s; put them there, or in a file of their own: files: {calendars: ...}", f.Files.Registry)
	}
	if f.Files.Rules != "" && !reflect.ValueOf(f.Rules).IsZero() {
		l.add("rules", "files.rules names a file of rules as well; write one of them")
	}
	return len(l.problems) == before
}

// times reads start, day and end.
func (l *loader) times() bool {
	f, s := l.file, l.out
	var err error
	if s.clock, err = newClock(f.Start, s.registry.Plants); err != nil {
		l.add("start", "%v", err)
		return false
	}
	if f.Day != "" {
		if err := s.clock.day.UnmarshalText([]byte(f.Day)); err != nil {
			l.add("day", "%v", err)
			return false
		}
	}
	if f.End != "" {
		l.time("end", f.End, &s.end)
	}
	return true
}

// time reads the time at path; false where it is none, or before the start.
func (l *loader) time(path, text string, into *plant.Instant) bool {
	if text == "" {
		l.add(path, "is missing; %s", timeHelp)
		return false
	}
	at, err := l.out.clock.read(text)
	if err != nil {
		l.add(path, "%v", err)
		return false
	}
	*into = at
	return true
}

// reckonEnd has the clock end with the last that happens or is expected.
func (l *loader) reckonEnd() {
	s := l.out
	last := s.records.end()
	for _, e := range s.expect {
		last = max(last, e.last())
	}
	if s.end == 0 {
		s.end = last
	}
	year := func(at plant.Instant) int { return at.Time().In(s.clock.zone).Year() }
	for _, text := range s.registry.HolidaysMissing(year(s.clock.start), year(s.end)) {
		s.Warnings = append(s.Warnings, plant.Problem{File: s.File, Path: "start", What: text, Line: l.place("start")})
	}
	if s.end < last && len(l.problems) == 0 {
		l.add("end", "%s is before %s, until which the scenario goes; leave end out, or write a later one", s.clock.write(s.end), s.clock.write(last))
	}
}
