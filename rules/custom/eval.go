package custom

import (
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// Moment says how a Set looks at something.
type Moment struct {
	// Evaluates says that what holds at Now.At is looked at; else time passes up
	// to it, and conditions stay as they are.
	Evaluates bool
	// Gap says that nothing is known of the time since the evaluation before.
	Gap bool
	// Exact says that conditions stayed as they were from the evaluation before
	// until now.
	Exact bool
}

// Listener hears what an evaluation came to.
type Listener interface {
	// Alerted: an alert fires or ends, at that time. Of one that fires, since is
	// when its condition began to hold, of one that ends, when it fired.
	Alerted(c Change, at, since plant.Instant, a *plant.Alert)
	// Failed: a rule cannot be evaluated on what was said.
	Failed(r *Rule, why error)
}

// Evaluate evaluates every rule for what w is of.
func (s *Set) Evaluate(w *Watch, now *Now, how Moment, l Listener) {
	now.At = max(now.At, w.Last)
	if how.Evaluates {
		s.advance(w, now.At)
		w.Last = now.At
	}
	s.look(w, now)
	for i := range s.programs {
		if how.Exact {
			until := now.At
			if how.Evaluates {
				until--
			}
			s.passed(i, w, now, until, how.Evaluates, l)
		}
		if how.Evaluates {
			s.evaluate(i, w, now, how, l)
		}
	}
}

// passed lets time pass for the i-th alert. news: what was looked up for now may
// be other than it was until then.
func (s *Set) passed(i int, w *Watch, now *Now, until plant.Instant, news bool, l Listener) {
	a := &w.Alerts[i]
	before := *a
	c, at := a.pass(s.programs[i].rule, until)
	if c == Fires && news && a.Says != nil {
		l.Alerted(c, at, before.Since, a.Says)
		return
	}
	s.tell(i, a, now, c, at, &before, l)
}

func (s *Set) evaluate(i int, w *Watch, now *Now, how Moment, l Listener) {
	a, p := &w.Alerts[i], s.programs[i]
	if how.Gap {
		a.interrupted()
	}
	holds, known, err := s.run(i)
	if err != nil {
		l.Failed(p.rule, err)
	}
	if !known {
		a.interrupted()
		return
	}
	before := *a
	c, at := a.holds(p.rule, holds, now.At)
	if before.Since == 0 {
		before.Since = now.At
	}
	s.tell(i, a, now, c, at, &before, l)
	if how.Exact && a.Fired == 0 && a.Since != 0 && a.Says == nil {
		a.Says = s.says(i, now)
	}
}

// tell tells what became of the i-th alert, which was as before.
func (s *Set) tell(i int, a *Alert, now *Now, c Change, at plant.Instant, before *Alert, l Listener) {
	if c == Same {
		return
	}
	says := s.says(i, now)
	if c == Ends {
		l.Alerted(c, at, before.Fired, says)
		return
	}
	a.Says = says
	l.Alerted(c, at, before.Since, says)
}

// says is what the i-th rule says of what was looked up.
func (s *Set) says(i int, now *Now) *plant.Alert {
	values := map[string]any{}
	for _, j := range s.uses[i] {
		if v := &s.values[j]; v.known {
			values[s.inputs[j].Name] = s.inputs[j].box(v)
		}
	}
	return s.programs[i].alert(now, values)
}

// Drop ends what fires of w, and forgets what was about to: from t on it alerts
// nobody.
func (s *Set) Drop(w *Watch, t plant.Instant, l Listener) {
	for i := range s.programs {
		a := &w.Alerts[i]
		before := *a
		if c, at := a.end(t); c == Ends {
			l.Alerted(c, at, before.Fired, before.Says)
		}
	}
}

// Due is when the next alert changes if all stays as it is; 0: none.
func (s *Set) Due(w *Watch) (next plant.Instant) {
	for i, p := range s.programs {
		if due := w.Alerts[i].due(p.rule); due != 0 && (next == 0 || due < next) {
			next = due
		}
	}
	return next
}

// run evaluates the i-th rule on what was looked up; known is false where
// anything that it asks for is not known.
func (s *Set) run(i int) (holds, known bool, err error) {
	p := s.programs[i]
	for _, j := range s.uses[i] {
		switch v := &s.values[j]; {
		case v.err != nil:
			return false, false, v.err
		case !v.known, v.text == unknown && s.inputs[j].mayBeUnknown && !p.unknown:
			return false, false, nil
		}
	}
	p.undefined = false
	out, err := s.vm.Run(p.code, s.env)
	if err != nil {
		return false, false, err
	}
	holds, ok := out.(bool)
	return holds, ok && !p.undefined, nil
}

// alert is what an alert of p tells: its rule, and what its templates make of
// it.
func (p *Program) alert(n *Now, values map[string]any) *plant.Alert {
	r := p.rule
	out := &plant.Alert{Rule: r.Name, Severity: r.Severity, Labels: r.Labels, Values: values}
	s := subject{Rule: r.Name, Severity: r.Severity, Plant: n.Plant, Line: n.Line, Machine: n.Machine, Labels: r.Labels, Values: values}
	s.Value = p.first(values)
	for name, t := range p.annotations {
		text, err := render(t, &s)
		if err != nil {
			text = templateWords(err)
		}
		if out.Annotations == nil {
			out.Annotations = map[string]string{}
		}
		out.Annotations[name] = text
	}
	return out
}

// use is the index of in among the inputs of the set, to which it is added.
func (s *Set) use(in *Input) int {
	if i := slices.IndexFunc(s.inputs, func(o *Input) bool { return o.Name == in.Name }); i >= 0 {
		return i
	}
	at := place{-1, -1}
	if in.Reading {
		at.reading = indexOf(&s.readings, in.Of)
	}
	if in.fn.over {
		at.window = indexOf(&s.windows, windowKey{in.Of, in.Reading, in.over, in.fn.m})
	}
	s.inputs, s.places = append(s.inputs, in), append(s.places, at)
	s.values, s.boxed = append(s.values, value{}), append(s.boxed, value{})
	s.env[in.Name] = in.box(&value{})
	return len(s.inputs) - 1
}
