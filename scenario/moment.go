package scenario

import (
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// moment expects what the board shows of a plant or line at an instant by our
// clock, once all that arrived by then was seen.
type moment struct {
	subject
	at       plant.Instant
	word     string // phase or state
	since    plant.Instant
	reason   string
	relapsed *bool
	closed   plant.Instant // end of the newest closed window
	output   *figure       // of the line, in the window that is open
	flags    []string      // kinds of gaming flag that stand; nil: not asked
}

func (l *loader) moment(at string, t *expectText, who subject) expectation {
	e := &moment{subject: who, reason: t.Reason, relapsed: t.Relapsed}
	l.time(at+".at", t.At, &e.at)
	if t.Since != "" {
		l.time(at+".since", t.Since, &e.since)
	}
	if t.Closed != "" {
		l.time(at+".closed", t.Closed, &e.closed)
	}
	key, text := "phase", t.Phase
	if who.line != "" {
		key, text = "state", t.State
	}
	e.word = l.word(at+"."+key, text, who.line != "")
	e.output = l.figure(at+".output", t.Output)
	e.flags = l.flags(at+".flags", t.Flags)
	if e.count() == 0 {
		l.add(at, "expects nothing of that time; write %s:", key)
	}
	return e
}

func (e *moment) last() plant.Instant { return e.at }

func (e *moment) count() (n int) {
	for _, asked := range []bool{e.word != "", e.since != 0, e.reason != "", e.relapsed != nil, e.closed != 0, e.output != nil, e.flags != nil} {
		if asked {
			n++
		}
	}
	return n
}

func (e *moment) check(o *outcome) []Failure {
	v := o.view(e.plant, e.at)
	f := Failure{Line: e.place, What: e.String() + " at " + o.clock.write(e.at)}
	if e.line == "" {
		f.text("phase", e.word, v.Phase.String())
		f.time(o, "since", e.since, v.Since)
		closed := plant.Instant(0)
		if v.Last != nil {
			closed = v.Last.To
		}
		f.time(o, "closed", e.closed, closed)
		f.bool("relapsed", e.relapsed, v.Relapsed)
	}
	for i := range v.Lines {
		if x := &v.Lines[i]; x.ID == e.line {
			e.checkLine(o, &f, x)
		}
	}
	if f.wrong == 0 {
		return nil
	}
	f.Evidence = append(f.Evidence, o.shown(&e.subject, v, e.at)...)
	return []Failure{f}
}

func (e *moment) checkLine(o *outcome, f *Failure, x *rules.LineView) {
	f.text("state", e.word, x.State.String())
	f.text("reason", e.reason, x.Reason)
	f.time(o, "since", e.since, x.Since)
	f.figure("output", e.output, &x.Output)
	f.flags(e.flags, x.Flags)
}
