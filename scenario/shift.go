package scenario

import (
	"fmt"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// shiftText is what an expectation says of a shift of a line.
type shiftText struct {
	Shift            string `yaml:"shift"` // when it ends
	Name             string `yaml:"name"`
	OEE              string `yaml:"oee"`
	OEEHigh          string `yaml:"oee_high"`
	Availability     string `yaml:"availability"`
	AvailabilityHigh string `yaml:"availability_high"`
	Effectiveness    string `yaml:"effectiveness"`
	Quality          string `yaml:"quality"`
	Good             string `yaml:"good"`
	Produced         string `yaml:"produced"`
}

// shift expects what a line made of a closed shift.
type shift struct {
	subject
	end     plant.Instant
	exists  bool
	name    string
	figures []shiftFigure
}

// shiftFigure is one of them, and where it is got.
type shiftFigure struct {
	key  string
	want *figure
	of   func(*plant.ShiftFigures) *float64
}

func (l *loader) shift(at string, t *expectText, who subject) expectation {
	e := &shift{subject: who, exists: t.Exists == nil || *t.Exists, name: t.Name}
	l.time(at+".shift", t.Shift, &e.end)
	for _, f := range []struct {
		key, text string
		of        func(*plant.ShiftFigures) *float64
	}{
		{"oee", t.OEE, func(f *plant.ShiftFigures) *float64 { return f.OEE }},
		{"oee_high", t.OEEHigh, func(f *plant.ShiftFigures) *float64 { return f.OEEHigh }},
		{"availability", t.Availability, func(f *plant.ShiftFigures) *float64 { return f.Availability }},
		{"availability_high", t.AvailabilityHigh, func(f *plant.ShiftFigures) *float64 { return f.AvailabilityHigh }},
		{"effectiveness", t.Effectiveness, func(f *plant.ShiftFigures) *float64 { return f.Effectiveness }},
		{"quality", t.Quality, func(f *plant.ShiftFigures) *float64 { return f.Quality }},
		{"coverage", t.Coverage, func(f *plant.ShiftFigures) *float64 { return &f.Coverage }},
		{"good", t.Good, func(f *plant.ShiftFigures) *float64 { return &f.Good }},
		{"produced", t.Produced, func(f *plant.ShiftFigures) *float64 { return &f.Produced }},
	} {
		if want := l.figure(at+"."+f.key, f.text); want != nil {
			e.figures = append(e.figures, shiftFigure{f.key, want, f.of})
		}
	}
	if !e.exists && (len(e.figures) > 0 || e.name != "") {
		l.add(at+".exists", "a shift that does not exist has no figures; leave them or exists out")
	}
	return e
}

func (e *shift) last() plant.Instant { return e.end }

func (e *shift) count() int {
	n := len(e.figures)
	if e.name != "" {
		n++
	}
	return max(n, 1)
}

func (e *shift) check(o *outcome) []Failure {
	f := Failure{Line: e.place, What: e.String() + ", shift that ends " + o.clock.write(e.end)}
	got := o.shift(&e.subject, e.end)
	switch {
	case got == nil && e.exists:
		f.text("shift", "closed", "not there")
		f.Evidence = o.tooSoon(e.end)
	case got != nil && !e.exists:
		f.text("shift", "not there", "closed")
	case got != nil:
		f.text("name", e.name, got.Shift)
		for _, x := range e.figures {
			f.figure(x.key, x.want, x.of(got))
		}
	}
	if f.wrong == 0 {
		return nil
	}
	if got != nil {
		f.Evidence = append(f.Evidence, shiftEvidence(got))
	}
	return []Failure{f}
}

// shift is the closed shift of a line that ends then; nil: there is none.
func (o *outcome) shift(who *subject, end plant.Instant) *plant.ShiftFigures {
	for i := range o.report.Shifts {
		if f := &o.report.Shifts[i]; f.Plant == who.plant && f.Line == who.line && f.To == end {
			return f
		}
	}
	return nil
}

// shiftEvidence says what a shift's figures are made of.
func shiftEvidence(f *plant.ShiftFigures) string {
	text := fmt.Sprintf("shift %s: planned busy %.6g s, observed %.6g s, production %.6g s, produced %.6g, good %.6g", f.Shift, f.PlannedBusy, f.Observed, f.Production, f.Produced, f.Good)
	if f.IdealCycle > 0 {
		text += fmt.Sprintf(", ideal cycle %.6g s", f.IdealCycle)
	}
	if lacks := f.Lacks(); len(lacks) > 0 {
		text += ", no " + strings.Join(lacks, ", no ")
	}
	return text
}
