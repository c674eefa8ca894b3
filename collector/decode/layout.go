package decode

import (
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
)

// member is what the profile says of one path.
type member struct {
	role    role
	decimal bool   // of a counter
	name    string // of the field it becomes
	wrong   string // what keeps name from being a field's name, or empty
}

// maxMembers bounds how many paths a layout remembers; past it, a path is
// worked out each time.
const maxMembers = 1 << 16

// layout is a profile made ready for reading: what each path means, looked
// up by path. It learns undeclared paths as it meets them.
type layout struct {
	name         string
	lines        bool
	maxSize      int64
	members      map[string]*member
	timeUnit     plant.Unit
	timeText     bool // RFC 3339
	good         []string
	flags        plant.Flags
	scale        float64
	samples      bool
	rootSamples  bool
	samplesPath  string
	measurements []string

	include, exclude []string
	rename           map[string]string
}

func newLayout(profile *collector.Profile) *layout {
	p := profile.WithDefaults()
	l := &layout{
		name: p.Name, lines: p.Format == collector.FormatLineProtocol, maxSize: int64(p.MaxSize),
		members: map[string]*member{}, timeText: p.Time.Unit == collector.UnitRFC3339, good: p.Quality.Good,
		samples: p.Samples != "", rootSamples: p.Samples == collector.RootSamples, samplesPath: p.Samples,
		measurements: p.Measurements, include: p.Include, exclude: p.Exclude, rename: map[string]string{},
	}
	l.timeUnit, _ = collector.TimeUnit(p.Time.Unit)
	for _, r := range p.Rename {
		l.rename[r.From] = r.To
	}
	for _, x := range []struct {
		path string
		role role
	}{
		{p.Time.Field, roleTime}, {p.Seq, roleSeq}, {p.State, roleState}, {p.Quality.Field, roleQuality},
		{p.Plant, rolePlant}, {p.Line, roleLine}, {p.Machine, roleMachine}, {p.Gateway, roleGateway}, {p.Samples, roleSamples},
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
	return l
}

func (l *layout) declare(path string, r role) *member {
	m := &member{role: r}
	m.name, m.wrong = l.fieldName(path)
	l.members[path] = m
	return m
}

// find returns what path means.
func (l *layout) find(path []byte) *member {
	if m, ok := l.members[string(path)]; ok {
		return m
	}
	m, text := &member{}, string(path)
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
		if name = path; !l.lines {
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

// within reports whether path, or an object it stands in, is listed.
func within(list []string, path string) bool {
	for _, x := range list {
		if rest, ok := strings.CutPrefix(path, x); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}
