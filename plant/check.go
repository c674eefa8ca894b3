package plant

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxID is the longest id of a plant, line, machine or gateway, in bytes.
const MaxID = 128

// CheckID reports what keeps id from naming a plant, line, machine or
// gateway: ids become MQTT topic levels, tags and parts of URLs.
func CheckID(id string) error {
	switch {
	case id == "":
		return fmt.Errorf("is empty")
	case len(id) > MaxID:
		return fmt.Errorf("is longer than %d bytes", MaxID)
	case !utf8.ValidString(id):
		return fmt.Errorf("is not UTF-8")
	case id == "." || id == "..":
		return fmt.Errorf("%q is a path, not a name", id)
	case strings.ContainsAny(id, "/+#"):
		return fmt.Errorf("%q holds one of / + #, which MQTT topics give a meaning", id)
	case strings.HasSuffix(id, `\`):
		return fmt.Errorf(`%q ends in \, which line protocol cannot write`, id)
	}
	for _, r := range id {
		if unicode.IsControl(r) {
			return fmt.Errorf("%q holds a control character", id)
		}
	}
	return nil
}

// Check returns everything wrong with the registry; paths are those of the
// YAML file, without file or line.
func (r *Registry) Check() Problems {
	c := checker{zones: zones{}, wills: map[string]string{}}
	seen := map[string]int{}
	for i, p := range r.Plants {
		at := fmt.Sprintf("plants[%d]", i)
		if p == nil {
			c.add(at, "is empty")
			continue
		}
		c.id(at+".id", p.ID)
		if first, dup := seen[p.ID]; dup {
			c.add(at+".id", "%q is already the id of plants[%d]", p.ID, first)
		}
		seen[p.ID] = i
		c.plant(at, p)
	}
	c.calendars(r)
	return c.problems
}

type checker struct {
	problems Problems
	zones    zones
	wills    map[string]string // which gateway has a will topic
}

func (c *checker) add(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{Path: path, What: fmt.Sprintf(format, args...)})
}

func (c *checker) id(path, id string) {
	if err := CheckID(id); err != nil {
		c.add(path, "%v", err)
	}
}

func (c *checker) plant(at string, p *Plant) {
	if c.zones.load(p.Timezone) == nil {
		c.add(at+".timezone", "%q is no time zone; write an IANA name like Asia/Shanghai", p.Timezone)
	}
	if _, err := parseClock(p.DayStarts); err != nil {
		c.add(at+".day_starts", "%v", err)
	}
	c.labels(at+".labels", p.Labels)
	c.weight(at, p.Weight)
	if len(p.Lines) == 0 {
		c.add(at+".lines", "is empty: a plant needs at least one line")
	}
	lines := map[string]bool{}
	for i, l := range p.Lines {
		lat := fmt.Sprintf("%s.lines[%d]", at, i)
		if l == nil {
			c.add(lat, "is empty")
			continue
		}
		c.id(lat+".id", l.ID)
		if lines[l.ID] {
			c.add(lat+".id", "%q names two lines of plant %q", l.ID, p.ID)
		}
		lines[l.ID] = true
		c.line(lat, l)
	}
	c.units(at, p)
	gateways := map[string]bool{}
	for i, g := range p.Gateways {
		gat := fmt.Sprintf("%s.gateways[%d]", at, i)
		if g == nil {
			c.add(gat, "is empty")
			continue
		}
		c.id(gat+".id", g.ID)
		if gateways[g.ID] {
			c.add(gat+".id", "%q names two gateways of plant %q", g.ID, p.ID)
		}
		gateways[g.ID] = true
		c.gateway(gat, p, g, lines)
	}
}

func (c *checker) gateway(at string, p *Plant, g *Gateway, lines map[string]bool) {
	for j, id := range g.Lines {
		if !lines[id] {
			c.add(fmt.Sprintf("%s.lines[%d]", at, j), "%q is no line of plant %q", id, p.ID)
		}
	}
	if strings.ContainsAny(g.WillTopic, "+#") {
		c.add(at+".will_topic", "%q is a filter; name the one topic of the gateway's last will", g.WillTopic)
	}
	name := p.ID + "/" + g.ID
	if other := c.wills[g.WillTopic]; other != "" && g.WillTopic != "" {
		c.add(at+".will_topic", "%q is already the last will of gateway %q; each gateway has a topic of its own", g.WillTopic, other)
	}
	c.wills[g.WillTopic] = name
}

// labelsTaken are tags and fields of the points that carry a plant's labels
// as tags: a label of the same name would hide one.
var labelsTaken = []string{
	"plant", "line", "machine", "definition", "basis", "time", "phase", "relapsed", "recovery",
	"recovery_low", "recovery_high", "output", "normal_output", "coverage",
}

func (c *checker) labels(at string, labels map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		value := labels[name]
		path := at + "." + name
		switch err := CheckLabel(name); {
		case err != nil:
			c.add(at, "the name %v", err)
		case slices.Contains(labelsTaken, name) || strings.HasPrefix(name, "_"):
			c.add(path, "%q is a name of the store's own; choose another", name)
		}
		if err := CheckLabel(value); err != nil {
			c.add(path, "%v", err)
		}
	}
}

// CheckLabel reports what keeps text from being a label's name or value: both
// become tags in the store.
func CheckLabel(text string) error {
	switch {
	case text == "":
		return fmt.Errorf("is empty; leave the label out")
	case len(text) > MaxID:
		return fmt.Errorf("is longer than %d bytes", MaxID)
	case !utf8.ValidString(text):
		return fmt.Errorf("is not UTF-8")
	case strings.HasSuffix(text, `\`):
		return fmt.Errorf(`%q ends in \, which line protocol cannot write`, text)
	case strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%q holds a control character", text)
	}
	return nil
}

// units asks for weights where lines of different units are put together.
func (c *checker) units(at string, p *Plant) {
	if slices.Contains(p.Lines, nil) {
		return
	}
	for _, l := range p.Lines[min(1, len(p.Lines)):] {
		if l.Unit == p.Lines[0].Unit {
			continue
		}
		for j, x := range p.Lines {
			if x.Weight == 0 {
				c.add(fmt.Sprintf("%s.lines[%d].weight", at, j), "is missing: the plant's lines have different units (%q and %q), so each declares its weight", p.Lines[0].Unit, l.Unit)
			}
		}
		return
	}
}

func (c *checker) line(at string, l *Line) {
	machines := make(map[string]bool, len(l.Machines))
	for i, m := range l.Machines {
		if err := CheckID(m); err != nil {
			c.add(fmt.Sprintf("%s.machines[%d]", at, i), "%v", err)
		}
		if machines[m] {
			c.add(fmt.Sprintf("%s.machines[%d]", at, i), "%q is listed twice", m)
		}
		machines[m] = true
	}
	switch {
	case len(l.Machines) == 0:
		c.add(at+".machines", "is empty: name the machines that publish for line %q", l.ID)
	case len(l.Machines) > 1 && !l.Output.Sum && len(l.Output.Machines) == 0:
		c.add(at+".output", "is missing: line %q has %d machines; write output: [%s] for stations in series, or output: sum for parallel ones",
			l.ID, len(l.Machines), l.Machines[len(l.Machines)-1])
	}
	for i, m := range l.Output.Machines {
		if !machines[m] {
			c.add(fmt.Sprintf("%s.output[%d]", at, i), "%q is not among the line's machines", m)
		}
	}
	c.weight(at, l.Weight)
	if _, known := vocabularies[l.States]; !known {
		c.add(at+".states", "%q is no vocabulary of machine states; known are: %s", l.States, strings.Join(Vocabularies(), ", "))
	}
	c.counter(at+".counter", l.Counter)
	c.power(at+".power", l.Power, machines)
}

func (c *checker) weight(at string, w float64) {
	if !(w >= 0 && w <= maxFactor) {
		c.add(at+".weight", "%v is no weight; write a number like 1 or 0.5", w)
	}
}

// maxFactor bounds weights and scales.
const maxFactor = 1e15

func (c *checker) counter(at string, k Counter) {
	switch k.Kind {
	case "", KindTotal, KindDelta:
	default:
		c.add(at+".kind", "%q is neither total nor delta", k.Kind)
	}
	if !(k.Scale >= 0 && k.Scale <= maxFactor) {
		c.add(at+".scale", "%v is no scale; write how many units one count is, like 2 or 0.5", k.Scale)
	}
	if k.Rollover < 0 || k.Rollover == 1 {
		c.add(at+".rollover", "%d cannot be: it is the counter's largest value + 1, like 65536", k.Rollover)
	}
	if k.Kind == KindDelta && (k.Rollover != 0 || k.Resets) {
		c.add(at, "a delta neither rolls over nor resets; remove rollover and resets, or write kind: total")
	}
}

func (c *checker) power(at string, p Power, machines map[string]bool) {
	switch {
	case p == Power{}:
		return
	case p.Field == "":
		c.add(at+".field", "is missing: name the reading, like power_kw")
	case !(p.Standby > 0 && p.Standby <= maxFactor):
		c.add(at+".standby", "%v is not how much the line draws at most while it stands; write it in the unit of %s, like 5", p.Standby, p.Field)
	}
	if p.Machine != "" && !machines[p.Machine] {
		c.add(at+".machine", "%q is not among the line's machines", p.Machine)
	}
	if p.Kind != "" && p.Kind != KindGauge && p.Kind != KindTotal {
		c.add(at+".kind", "%q is neither gauge (power, like kW) nor total (energy, like kWh)", p.Kind)
	}
}

// zones keeps time zones: loading one reads a file.
type zones map[string]*time.Location

// load returns the zone called name, or nil where there is none. Local is
// none: it means something else on every machine.
func (z zones) load(name string) *time.Location {
	loc, ok := z[name]
	if !ok {
		if l, err := time.LoadLocation(name); err == nil && name != "Local" {
			loc = l
		}
		z[name] = loc
	}
	return loc
}

// parseClock reads 15:04 as the time after midnight; empty is midnight.
func parseClock(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is no time of day; write it like 08:00", s)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}
