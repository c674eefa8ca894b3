package rules

import (
	"fmt"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/custom"
)

// MaxWindows bounds what the windows of custom rules take of memory: each is
// about a kilobyte for each machine, line or plant.
const MaxWindows = 500_000

// MaxKept bounds how many alerts and readings are remembered, each some 40 bytes.
const MaxKept = 10_000_000

// CheckReadings reports custom rules that name what no machine sends: fields are
// those that profiles know. It goes after Check.
func (c Config) CheckReadings(reg *plant.Registry, fields *custom.Fields) plant.Problems {
	if !fields.Closed {
		return nil
	}
	problems, _ := c.checkCustom(reg, fields)
	return problems
}

// checkCustom compiles the custom rules. A problem with a Column has its Line
// and Column within the value at its Path.
func (c Config) checkCustom(reg *plant.Registry, fields *custom.Fields) (problems, warnings plant.Problems) {
	if len(c.Custom) == 0 {
		return nil, nil
	}
	if len(c.Custom) > custom.MaxRules {
		return plant.Problems{{Path: "custom", What: fmt.Sprintf("are %d rules; at most %d", len(c.Custom), custom.MaxRules)}}, nil
	}
	names := map[string]int{}
	for i := range c.Custom {
		path := fmt.Sprintf("custom[%d]", i)
		p, mistakes := custom.Compile(c.Custom[i], fields)
		for _, m := range mistakes {
			problems = append(problems, plant.Problem{Path: path + "." + m.Key, Line: m.Line, Column: m.Column, What: m.What})
		}
		if p != nil && c.Custom[i].Each != custom.EachPlant {
			warnings = append(warnings, shortWindow(reg, path, p.Shortest())...)
		}
		name := c.Custom[i].Name
		if first, dup := names[name]; dup && name != "" {
			problems = append(problems, plant.Problem{Path: path + ".name", What: fmt.Sprintf("%q is already the name of custom[%d]", name, first)})
			continue
		}
		names[name] = i
	}
	if len(problems) > 0 {
		return problems, nil
	}
	return c.checkKept(reg), warnings
}

// shortWindow warns of lines whose heartbeats are too rare for a window.
func shortWindow(reg *plant.Registry, path string, over time.Duration) plant.Problems {
	var rare names
	for _, p := range reg.Plants {
		for _, l := range p.Lines {
			every := l.Interval.Every
			if every == 0 && !l.Interval.OnChange {
				every = plant.DefaultInterval
			}
			if over > 0 && l.IsCommissioned() && minIntervals*every > over {
				rare.add(p.ID + "/" + l.ID)
			}
		}
	}
	if rare.n == 0 {
		return nil
	}
	return plant.Problems{{Path: path + ".when", What: fmt.Sprintf("asks for a window of %s, which is shorter than %d heartbeats of %s: there it will not be evaluated, or on next to nothing", plant.Duration(over), minIntervals, &rare)}}
}

// checkKept reckons what the rules would remember.
func (c Config) checkKept(reg *plant.Registry) plant.Problems {
	sets, kept, small := newCustomRules(c.Custom), 0, 0
	add := func(s *custom.Set, things int) {
		if s != nil {
			kept, small = kept+things*s.Windows(), small+things*(s.Rules()+len(s.Readings()))
		}
	}
	for _, p := range reg.Plants {
		add(sets.plant, 1)
		add(sets.line, len(p.Lines))
		for _, l := range p.Lines {
			add(sets.machine, len(l.Machines))
		}
	}
	if small > MaxKept {
		return plant.Problems{{Path: "custom", What: fmt.Sprintf("keep %d alerts and readings of all machines, lines and plants, one for each rule and for each reading that rules name; at most %d. Leave some rules out", small, MaxKept)}}
	}
	if kept > MaxWindows {
		return plant.Problems{{Path: "custom", What: fmt.Sprintf("keep %d windows of all machines, lines and plants, about a kilobyte each; at most %d. Leave some out, or ask for the same field over the same time in several rules: that is one window", kept, MaxWindows)}}
	}
	return nil
}
