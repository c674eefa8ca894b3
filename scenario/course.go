package scenario

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// courseText is what some machines do, as it is written.
type courseText struct {
	Machine string   `yaml:"machine"`
	Also    []string `yaml:"machines"` // instead of machine
	From    string   `yaml:"from"`
	Every   string   `yaml:"every"`
	Total   string   `yaml:"total"`
	Gateway string   `yaml:"gateway"`
	Counts  lines    `yaml:"counts"`
}

// lines is a text, or a list of texts.
type lines []string

// UnmarshalYAML reads a text or a list of them. (This form of the method needs
// no YAML library.)
func (l *lines) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err == nil {
		*l = lines{text}
		return nil
	}
	return unmarshal((*[]string)(l))
}

// course is what one machine does.
type course struct {
	machine   *machine
	from      plant.Instant
	every     time.Duration
	total     float64
	gateway   *plant.Gateway // that it is heard through; nil: none
	stretches []stretch
}

// output reads the courses, what happens to links, and makes records of them.
func (l *loader) output() {
	courses := l.courses()
	cuts := append(l.cuts(), l.pauses()...)
	if len(l.problems) > 0 {
		return
	}
	r := &l.out.records
	for _, c := range courses {
		if err := r.run(c); err != nil {
			l.add("output", "%v", err)
			return
		}
	}
	for i := range cuts {
		r.cut(&cuts[i])
	}
}

func (l *loader) courses() (out []course) {
	taken := map[string]int{}
	for i := range l.file.Output {
		t := &l.file.Output[i]
		at := fmt.Sprintf("output[%d]", i)
		if t.Machine != "" && len(t.Also) > 0 {
			l.add(at+".machines", "machine is set as well; write one of them")
			continue
		}
		named, key := t.Also, at+".machines"
		if len(named) == 0 {
			named, key = []string{t.Machine}, at+".machine"
		}
		for _, name := range named {
			m, err := find(l.names.machines, l.names.all["machine"], "machine", name)
			if err != nil {
				l.add(key, "%v", err)
				continue
			}
			path := strings.Join([]string{m.plant.ID, m.line.ID, m.id}, "/")
			if first, dup := taken[path]; dup {
				l.add(key, "%q has its course in output[%d] already; put both into one, with _ where nothing is sent", name, first)
				continue
			}
			taken[path] = i
			if c, ok := l.course(at, t, m); ok {
				out = append(out, c)
			}
		}
	}
	return out
}

func (l *loader) course(at string, t *courseText, m *machine) (course, bool) {
	before := len(l.problems)
	c := course{machine: m, from: l.out.clock.start, every: m.line.Interval.Every}
	if t.From != "" {
		l.time(at+".from", t.From, &c.from)
	}
	if t.Every != "" {
		d, err := span(t.Every)
		if err != nil {
			l.add(at+".every", "%v", err)
		}
		c.every = d
	}
	if c.every == 0 && len(l.problems) == before {
		l.add(at+".every", "is missing: line %q reports on change; write how closely its counter is followed, like 10s", m.line.ID)
	}
	if t.Total != "" {
		var err error
		if c.total, err = number(t.Total); err != nil {
			l.add(at+".total", "%v", err)
		}
	}
	l.through(at, t, &c)
	c.stretches = l.stretches(at, t)
	l.readings(at, &c)
	if len(l.problems) > before {
		return c, false
	}
	return c, l.fits(at, &c)
}

// through finds the gateway that the machine is heard through.
func (l *loader) through(at string, t *courseText, c *course) {
	m := c.machine
	of := m.plant.GatewaysOf(m.line.ID)
	if t.Gateway == "" {
		if len(of) > 0 {
			c.gateway = of[0]
		}
		return
	}
	g, err := find(l.names.gateways, l.names.all["gateway"], "gateway", t.Gateway)
	if err != nil {
		l.add(at+".gateway", "%v", err)
		return
	}
	for _, x := range of {
		if x == g.gateway {
			c.gateway = x
			return
		}
	}
	l.add(at+".gateway", "%q does not publish for line %q; see lines of the gateway", t.Gateway, m.line.ID)
}

func (l *loader) stretches(at string, t *courseText) (out []stretch) {
	if len(t.Counts) == 0 {
		l.add(at+".counts", "is missing: write what the counter does, like 0 until 09:00, 400/h for 2h")
	}
	for i, text := range t.Counts {
		path := at + ".counts"
		if len(t.Counts) > 1 {
			path = fmt.Sprintf("%s[%d]", path, i)
		}
		s, err := parseCourse(text, &l.out.clock)
		if err != nil {
			l.add(path, "%v", err)
		}
		out = append(out, s...)
	}
	return out
}

// fits asks that stretches follow each other, and count what the counter can.
func (l *loader) fits(at string, c *course) bool {
	now, w := c.from, &l.out.clock
	for i := range c.stretches {
		s := &c.stretches[i]
		if whole := c.machine.line.Counter.Decimal; !whole && (s.each != math.Trunc(s.each) || s.total != math.Trunc(s.total)) {
			l.add(at+".counts", "item %d counts a fraction, and the counter is a whole number; declare counter: {decimal: true} of line %q", i+1, c.machine.line.ID)
			return false
		}
		if s.sets && c.machine.line.Counter.Kind == plant.KindDelta {
			l.add(at+".counts", "item %d sets a total, and line %q counts deltas; write +N", i+1, c.machine.line.ID)
			return false
		}
		if s.until != 0 && s.until <= now {
			l.add(at+".counts", "item %d lasts until %s, and begins at %s: items follow each other in time", i+1, w.write(s.until), w.write(now))
			return false
		}
		if time.Duration(s.samples) <= maxLength/c.every { // else it does not fit into an Instant
			now = c.end(s, now)
		} else {
			now = w.start.Add(maxLength + 1)
		}
		if now.Sub(w.start) > maxLength {
			l.add(at+".counts", "item %d lasts until more than %d years after the start", i+1, maxYears)
			return false
		}
	}
	return true
}

// end is when a stretch that begins at now is over.
func (c *course) end(s *stretch, now plant.Instant) plant.Instant {
	switch {
	case s.until != 0:
		return s.until
	case s.span != 0:
		return now.Add(s.span)
	}
	done := now.Sub(c.from) / c.every // samples so far
	return c.from.Add((done + time.Duration(s.samples)) * c.every)
}
