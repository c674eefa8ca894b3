package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// fleetText is what is expected of the fleet's figures, as it is written.
type fleetText struct {
	Fleet     string `yaml:"fleet"` // all, or label=value
	Eligible  string `yaml:"eligible"`
	Excluded  string `yaml:"excluded"`
	Resumed   string `yaml:"resumed"`
	Normal    string `yaml:"normal"`
	RampingUp string `yaml:"ramping_up"`
	Stopped   string `yaml:"stopped"`
	Unknown   string `yaml:"unknown"`
	Reporting string `yaml:"reporting"`
	Rate      string `yaml:"rate"`
	RateLow   string `yaml:"rate_low"`
	RateHigh  string `yaml:"rate_high"`
	Activity  string `yaml:"activity"`
}

// segment expects figures of all plants, or of those that share a label.
type segment struct {
	label, value string
	at           plant.Instant
	place        int
	want         []segmentFigure
}

// segmentFigure is one of them.
type segmentFigure struct {
	name string
	want *figure
	of   func(*plant.Resumption) *float64
}

func (l *loader) fleet(at string, t *expectText) expectation {
	e := &segment{label: plant.SegmentAll, value: plant.SegmentAll, place: l.place(at)}
	if t.At == "" {
		l.add(at+".at", "is missing: write of which time, like 2026-03-03 00:00; the figures of a day are those of the midnight that ends it")
	} else {
		l.time(at+".at", t.At, &e.at)
	}
	if t.Fleet != plant.SegmentAll {
		l.label(at+".fleet", t.Fleet, e)
	}
	number := func(n func(*plant.Resumption) int) func(*plant.Resumption) *float64 {
		return func(r *plant.Resumption) *float64 { f := float64(n(r)); return &f }
	}
	for _, f := range []struct {
		name, text string
		of         func(*plant.Resumption) *float64
	}{
		{"eligible", t.Eligible, number(func(r *plant.Resumption) int { return r.Eligible })},
		{"excluded", t.Excluded, number(func(r *plant.Resumption) int { return r.Excluded })},
		{"resumed", t.Resumed, number(func(r *plant.Resumption) int { return r.Resumed })},
		{"normal", t.Normal, number(func(r *plant.Resumption) int { return r.Normal })},
		{"ramping_up", t.RampingUp, number(func(r *plant.Resumption) int { return r.RampingUp })},
		{"stopped", t.Stopped, number(func(r *plant.Resumption) int { return r.Stopped })},
		{"unknown", t.Unknown, number(func(r *plant.Resumption) int { return r.Unknown })},
		{"reporting", t.Reporting, number(func(r *plant.Resumption) int { return r.Reporting })},
		{"rate", t.Rate, func(r *plant.Resumption) *float64 { return r.Rate }},
		{"rate_low", t.RateLow, func(r *plant.Resumption) *float64 { return r.RateLow }},
		{"rate_high", t.RateHigh, func(r *plant.Resumption) *float64 { return r.RateHigh }},
		{"coverage", t.Coverage, func(r *plant.Resumption) *float64 { return r.Coverage }},
		{"recovery", t.Recovery, func(r *plant.Resumption) *float64 { return r.Recovery }},
		{"activity", t.Activity, func(r *plant.Resumption) *float64 { return r.Activity }},
	} {
		if want := l.figure(at+"."+f.name, f.text); want != nil {
			e.want = append(e.want, segmentFigure{f.name, want, f.of})
		}
	}
	if len(e.want) == 0 {
		l.add(at, "expects nothing of that time; write rate:, coverage:, eligible: or another figure")
	}
	return e
}

// label reads label=value, which some plant has.
func (l *loader) label(path, text string, e *segment) {
	var known bool
	e.label, e.value, known = strings.Cut(text, "=")
	if !known || !slices.ContainsFunc(l.out.registry.Plants, func(p *plant.Plant) bool { return p.Labels[e.label] == e.value && e.value != "" }) {
		l.add(path, "%q is neither all nor a label that some plant has, like region=Zhejiang", text)
	}
}

func (e *segment) last() plant.Instant { return e.at }
func (e *segment) count() int          { return len(e.want) }

func (e *segment) check(o *outcome) []Failure {
	f := Failure{Line: e.place, What: "fleet"}
	var by []string
	if e.label != plant.SegmentAll {
		f.What += " " + e.label + "=" + e.value
		by = []string{e.label}
	}
	f.What += " at " + o.clock.write(e.at)
	figures, err := o.fleet.Figures(e.at, by...)
	if err != nil {
		f.row("figures", err.Error(), false)
		return []Failure{f}
	}
	for i := range figures {
		if r := &figures[i]; r.Segment == e.label && r.Value == e.value {
			for _, x := range e.want {
				f.figure(x.name, x.want, x.of(r))
			}
			f.Evidence = append(f.Evidence, fmt.Sprintf("of %d eligible: %d resumed, %d normal, %d ramping up, %d stopped, %d unknown; %d reporting; %d excluded",
				r.Eligible, r.Resumed, r.Normal, r.RampingUp, r.Stopped, r.Unknown, r.Reporting, r.Excluded))
		}
	}
	if f.wrong == 0 {
		return nil
	}
	return []Failure{f}
}
