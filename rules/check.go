package rules

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// minIntervals is how many heartbeats a window needs at least.
	minIntervals = 3
	// fewUnits is the normal output of a window below which one part more or
	// less decides; it is worth a warning.
	fewUnits = 10
	// maxNamed bounds how many lines one problem names.
	maxNamed = 5
)

// Check reports what cannot work (problems) and what will disappoint
// (warnings), for c with its defaults filled in. Paths are those of the rules'
// file, without file or line.
func (c Config) Check(reg *plant.Registry) (problems, warnings plant.Problems) {
	var bad, warn checker
	for i := range c.Overrides {
		bad.prefix = fmt.Sprintf("overrides[%d]", i)
		bad.override(&c.Overrides[i], reg)
	}
	for _, g := range c.groups(reg) {
		own := c
		bad.prefix = ""
		for _, i := range g.overrides {
			own.apply(&c.Overrides[i])
			bad.prefix = fmt.Sprintf("overrides[%d].", i) // the last one's values hold
		}
		warn.prefix = bad.prefix
		own.WithDefaults().checkAll(g.plants, &bad, &warn)
	}
	problems, warnings = c.checkCustom(reg, anyReading)
	return append(slices.Compact(bad.problems), problems...), append(slices.Compact(warn.problems), warnings...)
}

// group is plants for which the same overrides hold.
type group struct {
	overrides []int
	plants    []*plant.Plant
}

// groups are the plants without overrides, then those of each override or of
// several together. What holds for nobody is a group of its own.
func (c Config) groups(reg *plant.Registry) []group {
	all, index := make([]group, 1), map[string]int{"[]": 0}
	add := func(overrides []int) *group {
		key := fmt.Sprint(overrides)
		if _, known := index[key]; !known {
			index[key] = len(all)
			all = append(all, group{overrides: overrides})
		}
		return &all[index[key]]
	}
	held := make([]bool, len(c.Overrides))
	if reg != nil {
		for _, p := range reg.Plants {
			var overrides []int
			for i := range c.Overrides {
				if c.Overrides[i].holds(p) {
					overrides, held[i] = append(overrides, i), true
				}
			}
			g := add(overrides)
			g.plants = append(g.plants, p)
		}
	}
	for i := range held {
		if !held[i] {
			add([]int{i})
		}
	}
	slices.SortStableFunc(all, func(a, b group) int { return slices.Compare(a.overrides, b.overrides) })
	return all
}

// checkAll checks c for the plants that it holds for.
func (c Config) checkAll(plants []*plant.Plant, bad, warn *checker) {
	bad.levels(c.Resume)
	if c.Resume.Window.Fixed > 24*time.Hour {
		bad.add("resume.window", "%s is longer than a production day; write whole days, like 2d", c.Resume.Window)
	}
	if c.Silence.Missed < 1 {
		bad.add("silence.missed", "%d is not a number of missed heartbeats; it is at least 1", c.Silence.Missed)
	}
	bad.flags(c.Flags)
	bad.baseline(c)
	c.checkLines(plants, bad, warn)
}

type checker struct {
	problems plant.Problems
	prefix   string
}

func (c *checker) add(path, format string, args ...any) {
	c.problems = append(c.problems, plant.Problem{Path: c.prefix + path, What: fmt.Sprintf(format, args...)})
}

// override looks whether there is anything that o could be about.
func (c *checker) override(o *Override, reg *plant.Registry) {
	if len(o.Plants) == 0 && len(o.Labels) == 0 {
		c.add("", "is about nobody: write plants: [...] or labels: {...}")
	}
	if reg == nil {
		return
	}
	for i, id := range o.Plants {
		if !slices.ContainsFunc(reg.Plants, func(p *plant.Plant) bool { return p.ID == id }) {
			c.add(fmt.Sprintf(".plants[%d]", i), "%q is no enrolled plant", id)
		}
	}
}

func (c *checker) flags(f Flags) {
	switch {
	case f.Little.Rate.Set || f.Little.Share >= 1:
		c.add("flags.little", "%s is no share of normal output that is next to nothing; write it like 2%%", show(f.Little))
	case f.AboveIdeal.Rate.Set || f.AboveIdeal.Share < 1:
		c.add("flags.above_ideal", "%s is no share above what the ideal cycle allows; write it like 110%%", show(f.AboveIdeal))
	case f.Repeats < 2:
		c.add("flags.repeats", "%d is not a number of payloads in a row; it is at least 2", f.Repeats)
	}
}

func (c *checker) baseline(conf Config) {
	switch r := conf.Baseline.Reference; {
	case r.IsZero():
	case r.From.IsZero() || r.To.IsZero():
		c.add("baseline.reference", "needs from and to, like {from: 2019-12-01, to: 2019-12-31, per: day}")
	case r.To.Compare(r.From) < 0:
		c.add("baseline.reference.to", "%s is before from (%s)", r.To, r.From)
	case r.Per != PerDay && r.Per != PerShift:
		c.add("baseline.reference.per", "%q is neither day (a mean of whole days) nor shift (a mean per day of the week and shift)", r.Per)
	}
	if conf.Baseline.Learned && conf.DisruptionDate.IsZero() {
		c.add("disruption_date", "is missing: a baseline is learned from before it, so that it is never learned from the shutdown itself")
	}
}

func (c *checker) levels(r Resume) {
	switch {
	case r.At.IsZero():
		c.add("resume.at", "is missing although resume.stop is a rate; write both as rates, or both as shares")
	case r.Stop.IsZero():
		c.add("resume.stop", "is missing: with an absolute resume.at, stop is absolute too; write it like stop: 300/h")
	case r.At.Rate.Set != r.Stop.Rate.Set:
		c.add("resume.stop", "%s and at %s are of different kinds; write both as shares (30%%) or both as rates (500/h)", show(r.Stop), show(r.At))
	case value(r.Stop) >= value(r.At):
		c.add("resume.stop", "%s is not below resume.at (%s); between the two a plant keeps its phase", show(r.Stop), show(r.At))
	}
	if r.Normal.IsZero() {
		if !r.NormalExit.IsZero() {
			c.add("resume.normal_exit", "means nothing without resume.normal")
		}
		return
	}
	if r.Normal.Rate.Set != r.At.Rate.Set || r.NormalExit.Rate.Set != r.Normal.Rate.Set && !r.NormalExit.IsZero() {
		c.add("resume.normal", "%s is of another kind than resume.at (%s)", show(r.Normal), show(r.At))
		return
	}
	if value(r.Normal) < value(r.At) {
		c.add("resume.normal", "%s is below resume.at (%s)", show(r.Normal), show(r.At))
	}
	switch {
	case r.NormalExit.IsZero():
		c.add("resume.normal_exit", "is missing: with an absolute resume.normal it has no default")
	case value(r.NormalExit) > value(r.Normal):
		c.add("resume.normal_exit", "%s is above resume.normal (%s)", show(r.NormalExit), show(r.Normal))
	}
}

func value(l plant.Level) float64 {
	if l.Rate.Set {
		return l.Rate.PerHour
	}
	return l.Share
}

func show(l plant.Level) string {
	b, _ := l.MarshalText()
	return string(b)
}

// checkLines compares the window with every line that counts.
func (c Config) checkLines(plants []*plant.Plant, bad, warn *checker) {
	window := c.Resume.Window.Fixed
	if days := c.Resume.Window.Days; days > 0 {
		window = time.Duration(days) * 24 * time.Hour
	}
	var short, uneven, few, bare names
	daily := c.Baseline.Reference.Per == PerDay && c.Resume.Window.Days == 0
	based := c.Baseline.Learned || !c.Baseline.Reference.IsZero() && !daily
	for _, p := range plants {
		for _, l := range p.Lines {
			if !l.IsCommissioned() {
				continue
			}
			name := p.ID + "/" + l.ID
			every := l.Interval.Every
			if every == 0 && !l.Interval.OnChange {
				every = plant.DefaultInterval
			}
			if minIntervals*every > window {
				short.add(name)
			}
			if l.Counter.Kind == plant.KindDelta && every > 0 && window%every != 0 {
				uneven.add(name)
			}
			if l.Normal.Set && l.Normal.PerHour*window.Hours() < fewUnits {
				few.add(name)
			}
			if !l.Normal.Set && !c.Resume.At.Rate.Set && !based {
				bare.add(name)
			}
		}
	}
	if short.n > 0 {
		bad.add("resume.window", "%s is shorter than %d heartbeats of %s; make it longer, or the interval of these lines shorter", c.Resume.Window, minIntervals, &short)
	}
	if uneven.n > 0 {
		bad.add("resume.window", "%s is no multiple of the interval of %s, whose counters are deltas: a delta would belong to two windows", c.Resume.Window, &uneven)
	}
	if few.n > 0 {
		warn.add("resume.window", "%s is less than %d units of normal output for %s: one part more or less decides", c.Resume.Window, fewUnits, &few)
	}
	if bare.n > 0 && daily {
		warn.add("baseline.reference.per", "a mean of whole days serves windows of days, not of %s, and %s has no other baseline: left out of the plant's recovery; write per: shift", c.Resume.Window, &bare)
	} else if bare.n > 0 {
		warn.add("resume.at", "is a share of normal output, and %s has none: left out of the plant's recovery; write normal: 500/h for it, or baseline: into the rules (heartline import brings its past in)", &bare)
	}
}

// names are the first few of many.
type names struct {
	n     int
	first []string
}

func (n *names) add(name string) {
	if n.n++; n.n <= maxNamed {
		n.first = append(n.first, name)
	}
}

func (n *names) String() string {
	text := ""
	for i, name := range n.first {
		if i > 0 {
			text += ", "
		}
		text += name
	}
	if n.n > len(n.first) {
		text += fmt.Sprintf(" and %d more", n.n-len(n.first))
	}
	return text
}

// reaches reports whether v is at or above threshold, forgiving what floating
// point adds to exact shares.
func reaches(v, threshold float64) bool {
	return v >= threshold-1e-12*math.Max(1, math.Abs(threshold))
}
