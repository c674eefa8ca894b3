package scenario

import (
	"fmt"
	"sort"
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
	if who.rule != "" {
		if p.got != nil {
			out = append(out, o.alertEvidence(p.got))
		}
		return append(out, o.failed(who.rule)...)
	}
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

// lineEvidence says what was known of a line when it changed.
func (o *outcome) lineEvidence(who *subject, t *plant.Transition) string {
	text := fmt.Sprintf("%s %s: %s", o.clock.write(t.At), t.To, t.Reason)
	o.asked = append(o.asked, viewKey{who.plant, t.At})
	x, known := o.lineAt(who, t.At)
	if known {
		times := o.times[timesKey{who.plant, who.line, t.At}]
		text += o.due(t, times, x.Heard) + "; " + o.heard(times, x.Heard)
	}
	return text + "; " + o.lineTimes(who)
}

// due says which deadline a change is dated by, if it was one.
func (o *outcome) due(t *plant.Transition, times rules.LineTimes, heard plant.Instant) string {
	after := func(d time.Duration, what string) string { return fmt.Sprintf(", due %s after %s", short(d), what) }
	switch {
	case t.To == plant.LineUnknown.String() && times.Silence > 0 && t.At.Sub(heard) == times.Silence:
		return after(times.Silence, "it was heard last")
	case times.LastPart == 0:
	case t.To == plant.Stalled.String() && t.At.Sub(times.LastPart) == times.Stall:
		return after(times.Stall, "its last part")
	case t.At.Sub(times.LastPart) == times.Run:
		return after(times.Run, "its last part")
	}
	return ""
}

func (o *outcome) heard(times rules.LineTimes, heard plant.Instant) string {
	last, part := "never heard", "no part yet"
	if heard != 0 {
		last = "heard last " + o.clock.write(heard)
	}
	if times.LastPart != 0 {
		part = "last part " + o.clock.write(times.LastPart)
	}
	return part + ", " + last
}

func (o *outcome) lineAt(who *subject, at plant.Instant) (rules.LineView, bool) {
	for _, x := range o.view(who.plant, at).Lines {
		if x.ID == who.line {
			return x, true
		}
	}
	return rules.LineView{}, false
}

// lineTimes says by which times the line is judged.
func (o *outcome) lineTimes(who *subject) string {
	t := o.times[timesKey{who.plant, who.line, o.end}]
	silence := "by its gateway"
	if t.Silence > 0 {
		silence = "after " + short(t.Silence)
	}
	return fmt.Sprintf("short stop after %s, stalled after %s, silent %s", short(t.Run), short(t.Stall), silence)
}

func short(d time.Duration) string { return plant.Duration(d).String() }

// stateAt says what a line was instead of changing.
func (o *outcome) stateAt(who *subject, at plant.Instant) string {
	o.asked = append(o.asked, viewKey{who.plant, at})
	text := fmt.Sprintf("no change at %s; %s", o.clock.write(at), o.stateBefore(who, at))
	if x, known := o.lineAt(who, at); known {
		text += "; " + o.heard(o.times[timesKey{who.plant, who.line, at}], x.Heard)
	}
	return text + "; " + o.lineTimes(who)
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
	if x, known := o.lineAt(who, at); known {
		times := o.times[timesKey{who.plant, who.line, at}]
		out = append(out, fmt.Sprintf("%s; %s; %s", o.stateBefore(who, at), o.heard(times, x.Heard), o.lineTimes(who)))
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

// tooSoon says where the scenario ends before a window closes that ends at end.
func (o *outcome) tooSoon(end plant.Instant) []string {
	if end.Add(o.lateness) < o.end {
		return nil
	}
	return []string{"the scenario ends at " + o.clock.write(o.end) + ", before a window to " + o.clock.write(end) + " closes by itself: let output go on, or write end:"}
}

// around is how many windows are shown before and after an instant.
const around = 2

// windowsAround says what the windows that end about then came to.
func (o *outcome) windowsAround(id string, at plant.Instant) (out []string) {
	all := o.windows[id]
	first := sort.Search(len(all), func(i int) bool { return all[i].Verdict.To >= at })
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
