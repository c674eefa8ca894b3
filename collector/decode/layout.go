package decode

import (
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// role is what a member of a message means.
type role uint8

const (
	roleField role = iota
	roleDropped
	roleCounter
	roleTime
	roleSeq
	roleState
	roleQuality
	rolePlant
	roleLine
	roleMachine
	roleGateway
	roleSamples
	roleUnwrap
	roleErrors
	roleValue
)

// member is what the profile says of one path.
type member struct {
	role    role
	decimal bool   // of a counter
	number  bool   // a text there is a number
	name    string // of the field it becomes
	wrong   string // what keeps name from being a field's name, or empty
	unwrap  bool   // an object here is read as if its members stood outside
	rest    bool   // its value is all that follows on the line
}

// maxMembers bounds how many paths a layout remembers; past it, a path is
// worked out each time.
const maxMembers = 1 << 16

// layout is a profile made ready for reading: what each path means, looked
// up by path. It learns undeclared paths as it meets them.
type layout struct {
	name         string
	format       string
	maxSize      int64
	members      map[string]*member
	timeUnit     plant.Unit
	timeText     bool // RFC 3339
	timeOr       []plant.Unit
	timeField    string // its path; empty: none
	good         quality
	flags        plant.Flags
	scale        float64
	samples      bool
	rootSamples  bool
	samplesPath  string
	measurements []string
	single       bool
	missing      []string
	tags         *tagLayout // nil: none
	columns      []*member  // of a CSV row; nil for one that is not read
	columnNames  []string
	fixed        collector.ProfileIDs
	separator    byte

	unwraps          [][]string // paths with a +
	numbers          []string
	include, exclude []string
	rename           map[string]string
}

func newLayout(profile *collector.Profile) *layout {
	p := profile.WithDefaults()
	l := &layout{
		name: p.Name, format: p.Format, maxSize: int64(p.MaxSize),
		members: map[string]*member{}, timeText: p.Time.Unit == collector.UnitRFC3339, good: newQuality(p.Quality.Good),
		samples: p.Samples != "", rootSamples: p.Samples == collector.RootSamples, samplesPath: p.Samples,
		measurements: p.Measurements, single: p.Single, missing: p.Missing, numbers: p.Numbers, include: p.Include, exclude: p.Exclude, rename: map[string]string{},
	}
	if p.Time.Field != collector.NoField {
		l.timeField = p.Time.Field
	}
	l.timeUnit, _ = collector.TimeUnit(p.Time.Unit)
	for _, u := range p.Time.Or {
		unit, _ := collector.TimeUnit(u)
		l.timeOr = append(l.timeOr, unit)
	}
	for _, r := range p.Rename {
		l.rename[r.From] = r.To
	}
	for _, x := range []struct {
		path string
		role role
	}{
		{p.Time.Field, roleTime}, {p.Seq, roleSeq}, {p.State, roleState}, {p.Quality.Field, roleQuality},
		{p.Plant, rolePlant}, {p.Line, roleLine}, {p.Machine, roleMachine}, {p.Gateway, roleGateway}, {p.Samples, roleSamples},
		{p.Value, roleValue}, {p.Errors, roleErrors},
	} {
		if x.path != "" && x.path != collector.NoField && x.path != collector.RootSamples {
			l.declare(x.path, x.role)
		}
	}
	for _, k := range p.Counters {
		m := l.declare(k.Field, roleCounter)
		m.decimal = k.Decimal
		if k.IsDelta() {
			l.flags |= plant.Delta
		}
		if k.Factor() != 1 {
			l.scale = k.Factor()
		}
	}
	for _, path := range p.Unwrap {
		if parts := strings.Split(path, "."); slices.Contains(parts, "+") {
			l.unwraps = append(l.unwraps, parts)
		} else {
			l.declare(path, roleUnwrap)
		}
	}
	for _, name := range p.Rest {
		l.find([]byte(name)).rest = true
	}
	if p.Tags.List != "" {
		l.samples, l.samplesPath, l.rootSamples = true, p.Tags.List, p.Tags.List == collector.RootSamples
		l.declare(p.Tags.List, roleSamples)
		l.tags = newTagLayout(&p.Tags)
	}
	if p.Separator != "" {
		l.separator = p.Separator[0]
	}
	l.columnNames, l.fixed = p.Columns, p.IDs
	for _, name := range p.Columns {
		l.columns = append(l.columns, l.column(name))
	}
	return l
}

// column is what the cells of the column called name mean; nil: nothing.
func (l *layout) column(name string) *member {
	if name == collector.NoField {
		return nil
	}
	return l.find([]byte(name))
}

func (l *layout) declare(path string, r role) *member {
	m := &member{role: r, number: l.isNumber(path)}
	switch l.format {
	case collector.FormatCSV, collector.FormatPairs:
		m.number = m.number || r == roleCounter || r == roleTime || r == roleSeq
	}
	m.name, m.wrong = l.fieldName(path)
	l.members[path] = m
	return m
}

// find returns what path means.
func (l *layout) find(path []byte) *member {
	if m, ok := l.members[string(path)]; ok {
		return m
	}
	text := string(path)
	m := &member{number: l.isNumber(text), unwrap: l.isUnwrapped(text)}
	if within(l.exclude, text) || len(l.include) > 0 && !within(l.include, text) {
		m.role = roleDropped
	}
	if m.name, m.wrong = l.fieldName(text); m.wrong == "" && len(l.members) < maxMembers {
		l.members[text] = m
	}
	return m
}

// fieldName is the name of the field that path becomes. Undeclared names that
// would hide a tag or field of ours get payload_ before them.
func (l *layout) fieldName(path string) (name, wrong string) {
	name, ok := l.rename[path]
	if !ok {
		if name = path; l.format != collector.FormatLineProtocol {
			name = strings.ReplaceAll(path, ".", "_")
		}
		if collector.ReservedField(name) {
			name = "payload_" + name
		}
	}
	if err := collector.CheckFieldName(name); err != nil {
		wrong = err.Error()
	}
	return name, wrong
}

// isUnwrapped reports whether the object at path is one of those whose members
// are read as if they stood outside, by a path with a +.
func (l *layout) isUnwrapped(path string) bool {
	return slices.ContainsFunc(l.unwraps, func(want []string) bool {
		return slices.EqualFunc(want, strings.Split(path, "."), func(w, part string) bool { return w == "+" || w == part })
	})
}

func (l *layout) isNumber(path string) bool {
	return len(l.numbers) > 0 && (slices.Contains(l.numbers, collector.AllPaths) || within(l.numbers, path))
}

// within reports whether path, or an object it stands in, is listed.
func within(list []string, path string) bool {
	for _, x := range list {
		if rest, ok := strings.CutPrefix(path, x); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}
