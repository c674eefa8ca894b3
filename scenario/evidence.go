package scenario

import (
	"fmt"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// row shows a pair side by side.
func (o *outcome) row(p pair) (out Row) {
	if p.want != nil {
		out.Want = p.want.write(o.clock)
	}
	if p.got != nil {
		out.Got = got(p.got, p.want, o.clock)
	}
	out.Holds = p.want != nil && p.got != nil && p.want.agrees(p.got)
	return out
}

// evidence says what the rules decided on, where they decided otherwise.
func (o *outcome) evidence(who *subject, p pair) (out []string) {
	switch {
	case p.got != nil && p.got.Verdict != nil:
		out = append(out, o.verdict("decided by", p.got.Verdict)+", "+p.got.Reason)
	case p.got != nil:
		out = append(out, o.lineEvidence(who, p.got))
	}
	if p.want != nil && who.line == "" && (p.got == nil || p.got.At != p.want.at) {
		out = append(out, o.windowsAround(who.plant, p.want.at)...)
	}
	if p.want != nil && who.line != "" && p.got == nil {
		out = append(out, o.stateAt(who, p.want.at))
	}
	return out
}

func (o *outcome) lineEvidence(who *subject, t *plant.Transition) string {
	text := fmt.Sprintf("%s %s: %s", o.clock.write(t.At), t.To, t.Reason)
	if t.Since != 0 && t.Since != t.At {
		text += ", last part " + o.clock.write(t.Since)
	}
	return text + "; " + o.lineTimes(who)
}

// lineTimes says by which times the line is judged.
func (o *outcome) lineTimes(who *subject) string {
	t := o.times[[2]string{who.plant, who.line}]
	silence := "by its gateway"
	if t.Silence > 0 {
		silence = "after " + short(t.Silence)
	}
	return fmt.Sprintf("short stop after %s, stalled after %s, silent %s", short(t.Run), short(t.Stall), silence)
}

func short(d time.Duration) string { return plant.Duration(d).String() }

// stateAt says what a line was instead of changing.
func (o *outcome) stateAt(who *subject, at plant.Instant) string {
	was := "unknown: nothing was told yet"
	for _, t := range o.changes(who, 0, at) {
		was = got(t, nil, o.clock)
	}
	return fmt.Sprintf("no change at %s; the one before: %s; %s", o.clock.write(at), was, o.lineTimes(who))
}

// shown says what the board shows beside what was asked for.
func (o *outcome) shown(who *subject, v rules.PlantView, at plant.Instant) (out []string) {
	if who.line == "" {
		if v.Last != nil {
			out = append(out, o.verdict("newest closed window", v.Last))
		} else {
			out = append(out, "no window has closed yet")
		}
		if v.Current != nil {
			out = append(out, o.verdict("open window", v.Current))
		}
		return out
	}
	for _, x := range v.Lines {
		if x.ID != who.line {
			continue
		}
		heard := "never heard"
		if x.Heard != 0 {
			heard = "heard last at " + o.clock.write(x.Heard)
		}
		out = append(out, fmt.Sprintf("%s; %s; %s", o.stateBefore(who, at), heard, o.lineTimes(who)))
	}
	return out
}

func (o *outcome) stateBefore(who *subject, at plant.Instant) string {
	was := "no change was told yet"
	for _, t := range o.changes(who, 0, at) {
		was = "its newest change: " + got(t, nil, o.clock)
	}
	return was
}

// around is how many windows are shown before and after an instant.
const around = 2

// windowsAround says what the windows that end about then came to.
func (o *outcome) windowsAround(id string, at plant.Instant) (out []string) {
	var all []*rules.Window
	first := 0
	for i := range o.report.Windows {
		if w := &o.report.Windows[i]; w.Plant == id {
			if all = append(all, w); w.Verdict.To < at {
				first = len(all)
			}
		}
	}
	for i := max(first-around, 0); i < min(first+around, len(all)); i++ {
		out = append(out, o.verdict("window", &all[i].Verdict)+" -> "+all[i].Phase.String())
	}
	if len(all) == 0 {
		out = append(out, "no window has closed")
	}
	return out
}

func (o *outcome) verdict(what string, v *plant.Verdict) string {
	text := fmt.Sprintf("%s %s to %s: recovery %s", what, o.clock.write(v.From), o.clock.write(v.To), share.write(v.Recovery))
	if low, high := share.write(v.RecoveryLow), share.write(v.RecoveryHigh); low != high {
		text += fmt.Sprintf(" (%s..%s)", low, high)
	}
	return text + fmt.Sprintf(", %.4g made of %.4g, observed %.0f %%", v.Output, v.NormalOutput, 100*v.Coverage)
}
