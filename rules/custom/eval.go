package custom

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Now is what a machine, line or plant says besides readings and windows. What
// is empty, 0 or NaN is not known.
type Now struct {
	At                    plant.Instant
	Plant, Line, Machine  string
	State, Means          string // of a line: its state
	LineState, LineReason string // of a line: the reason
	Phase                 string
	Scheduled, Relapsed   bool
	Normal, Recovery      float64
	StateSince, LastMade  plant.Instant
	PhaseSince            plant.Instant
	// Shift is the newest that closed, of a line; nil: none yet.
	Shift *plant.ShiftFigures
	// Unsure: not all that count are heard; what was made is not known.
	Unsure bool
	Shift  *plant.ShiftFigures // the newest that closed; nil: none
	Labels map[string]string
	Lines  func(state string) int
}

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
	for i := range s.programs {
		if how.Exact {
			until := now.At
			if how.Evaluates {
				until--
			}
			s.passed(i, w, now, until, l)
		}
		if how.Evaluates {
			s.evaluate(i, w, now, how.Gap, l)
		}
	}
}

func (s *Set) passed(i int, w *Watch, now *Now, until plant.Instant, l Listener) {
	a := &w.Alerts[i]
	before := *a
	c, at := a.pass(s.programs[i].rule, until)
	s.tell(i, w, now, c, at, &before, l)
}

func (s *Set) evaluate(i int, w *Watch, now *Now, gap bool, l Listener) {
	a, p := &w.Alerts[i], s.programs[i]
	if gap {
		a.interrupted()
	}
	holds, known, err := s.run(i, w, now)
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
	s.tell(i, w, now, c, at, &before, l)
}

// tell tells what became of the i-th alert, which was as before.
func (s *Set) tell(i int, w *Watch, now *Now, c Change, at plant.Instant, before *Alert, l Listener) {
	if c == Same {
		return
	}
	p, values := s.programs[i], map[string]any{}
	for j, in := range p.inputs {
		if v, known, err := s.value(i, j, w, now); known && err == nil {
			values[in.Name] = v
		}
	}
	says := p.alert(now, values)
	if c == Ends {
		l.Alerted(c, at, before.Fired, says)
		return
	}
	w.Alerts[i].Says = says
	l.Alerted(c, at, before.Since, says)
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

// run evaluates the i-th rule; known is false where anything that it asks for
// is not known.
func (s *Set) run(i int, w *Watch, now *Now) (holds, known bool, err error) {
	p := s.programs[i]
	for j, in := range p.inputs {
		v, known, err := s.value(i, j, w, now)
		if !known || err != nil {
			return false, false, err
		}
		s.env[in.Name] = v
	}
	p.undefined = false
	out, err := s.vm.Run(p.code, s.env)
	if err != nil {
		return false, false, err
	}
	holds, ok := out.(bool)
	return holds, ok && !p.undefined, nil
}

// value is what the j-th input of the i-th rule is now.
func (s *Set) value(i, j int, w *Watch, now *Now) (v any, known bool, err error) {
	in, at := s.programs[i].inputs[j], s.places[i][j]
	switch {
	case now.Unsure && in.Of == "made", now.Unsure && in.Of == "scrapped":
		return nil, false, nil
	case at.window >= 0:
		x := s.windowed(in, &w.Windows[at.window], w, now.At)
		return x, finite(x), nil
	case in.Reading:
		return w.Readings[at.reading].value(in, now.At)
	case in.fn.name == "age":
		since := now.StateSince
		switch in.Of {
		case "made":
			since = now.LastMade
		case "phase":
			since = now.PhaseSince
		}
		return now.At.Sub(since).Seconds(), since != 0, nil
	case in.fn.name == "label":
		return now.Labels[in.Of], true, nil
	case in.fn.name == "lines":
		return float64(now.Lines(in.Of)), true, nil
	}
	v, known, err = now.word(in.Of)
	if v == unknown && s.programs[i].rule.Each != EachMachine && !s.programs[i].unknown {
		known = false
	}
	return v, known, err
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// word is the value of a word of the vocabulary.
func (n *Now) word(name string) (v any, known bool, err error) {
	text := func(s string) (any, bool, error) { return s, s != "", nil }
	switch name {
	case "plant":
		return text(n.Plant)
	case "line":
		return text(n.Line)
	case "machine":
		return text(n.Machine)
	case "state":
		return text(n.State)
	case "means":
		return n.Means, n.State != "", nil
	case "line_state":
		return text(n.LineState)
	case "line_reason", "reason":
		return n.LineReason, true, nil
	case "phase":
		return text(n.Phase)
	case "scheduled":
		return n.Scheduled, true, nil
	case "relapsed":
		return n.Relapsed, true, nil
	case "normal":
		return n.Normal, finite(n.Normal), nil
	case "recovery":
		return n.Recovery, finite(n.Recovery), nil
	case "shift", "oee", "availability", "effectiveness", "quality", "coverage":
		v, known = n.figure(name)
		return v, known, nil
	}
	if n.Shift != nil {
		return n.ofShift(name)
	}
	if _, ok := vocabularies[EachLine][name]; ok {
		return nil, false, nil // no shift has closed yet
	}
	return nil, false, fmt.Errorf("there is no word %q", name)
}

// ofShift is a word for a figure of the newest shift that closed.
func (n *Now) ofShift(name string) (v any, known bool, err error) {
	figure := func(f *float64) (any, bool, error) {
		if f == nil {
			return nil, false, nil
		}
		return *f, finite(*f), nil
	}
	x := n.Shift
	switch name {
	case "shift":
		return x.Shift, true, nil
	case "coverage":
		return x.Coverage, true, nil
	case "oee":
		return figure(x.OEE)
	case "oee_high":
		return figure(x.OEEHigh)
	case "availability":
		return figure(x.Availability)
	case "effectiveness":
		return figure(x.Effectiveness)
	case "quality":
		return figure(x.Quality)
	}
	return nil, false, fmt.Errorf("there is no word %q", name)
}

// figure is one of the newest shift's.
func (n *Now) figure(name string) (any, bool) {
	f := n.Shift
	if f == nil {
		return nil, false
	}
	var is *float64
	switch name {
	case "shift":
		return f.Shift, true
	case "coverage":
		return f.Coverage, true
	case "oee":
		is = f.OEE
	case "availability":
		is = f.Availability
	case "effectiveness":
		is = f.Effectiveness
	case "quality":
		is = f.Quality
	}
	if is == nil {
		return nil, false
	}
	return *is, finite(*is)
}

// value is the reading as in asks for it.
func (r *Reading) value(in *Input, now plant.Instant) (any, bool, error) {
	switch {
	case r.At == 0:
		return nil, false, nil
	case in.fn.name == "age":
		return now.Sub(r.At).Seconds(), true, nil
	case in.Kind == Text && r.Is == isNumber:
		return strconv.FormatFloat(r.V, 'g', -1, 64), true, nil
	case in.Kind == Text:
		return r.Text, true, nil
	case r.Is == isWord:
		return nil, false, fmt.Errorf("%s is the text %q, and the rule takes it for a number", in.Of, r.Text)
	}
	return r.V, finite(r.V), nil
}

// windowed is what in asks of a window; NaN where it is not known.
func (s *Set) windowed(in *Input, win *Window, w *Watch, t plant.Instant) float64 {
	if !win.full(in.over, t) {
		return math.NaN()
	}
	amounts := !in.Reading || w.counted(in.Of)
	switch in.fn.name {
	case "avg":
		b := win.all(sums)
		return b.A / float64(b.N)
	case "min", "max":
		if b := win.all(in.fn.m); b.N > 0 {
			return b.A
		}
		return math.NaN()
	case "count":
		return float64(win.all(sums).N)
	case "changes":
		return win.all(sums).A
	}
	made := win.rise
	if amounts {
		made = func() float64 { return win.all(sums).A }
	}
	if in.fn.name == "rate" {
		return made() * float64(time.Hour) / float64(in.over)
	}
	return made()
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
