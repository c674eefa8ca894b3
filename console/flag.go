package console

import (
	"fmt"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// flag is what a template shows of a gaming flag: a kind, once for a line, and
// the evidence in figures that need no words.
type flag struct {
	Kind     string
	Evidence string
}

func flagsOf(l *rules.LineView) (out []flag) {
	seen := map[string]bool{}
	for i := range l.Flags {
		f := &l.Flags[i]
		if !seen[f.Kind] {
			seen[f.Kind] = true
			out = append(out, flag{f.Kind, evidence(f, l.Unit)})
		}
	}
	return out
}

func evidence(f *plant.GamingFlag, unit string) string {
	e := &f.Evidence
	d := time.Duration(e.Seconds) * time.Second
	made := amount(e.Made)
	if unit != "" {
		made += " " + unit
	}
	switch f.Kind {
	case plant.PowerWithoutOutput:
		text := fmt.Sprintf("⚡ %s > %s, %s / %s", amount(e.Power), amount(e.Standby), made, plant.Duration(d))
		if e.Normal > 0 {
			text += fmt.Sprintf(" (%s)", percent(e.Made/e.Normal))
		}
		return text
	case plant.RepeatedPayload:
		return fmt.Sprintf("%s: %d×, %s", f.Machine, e.Repeats, plant.Duration(d))
	case plant.AboveIdealCycle:
		return fmt.Sprintf("%s/h > %s/h, %s", amount(e.PerHour), amount(e.Ideal), plant.Duration(d))
	}
	return fmt.Sprintf("%s: %s / %s", f.Machine, made, plant.Duration(d))
}
