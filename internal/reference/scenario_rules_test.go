package reference

import (
	"fmt"
	"slices"
	"strings"
)

type rulesConf struct {
	At, Stop               float64 // shares, or per hour where Absolute
	Absolute               bool
	Normal, NormalExit     float64 // 0: off; exit 0: by default
	Window, Hold, StopHold span
	Lateness               int64
	ShortStop, MinRunning  int64
	Missed                 int
	Grace                  int64
	Reference              string // day, shift, or none
	RefFrom, RefTo         string
	Learned                bool
	Disruption             string
}

// overrideConf changes some rules of some plants: what is not 0.
type overrideConf struct {
	Plants                              []string
	Label                               string
	At                                  float64
	Hold                                span
	Lateness, ShortStop, Running, Grace int64
	Missed                              int
}

// rulesOf are the rules that hold for a plant: of several overrides the later
// one's values.
func (s *scenario) rulesOf(p *plantConf) *rulesConf {
	r := s.Rules
	for _, o := range s.Overrides {
		if !slices.Contains(o.Plants, p.ID) && (o.Label == "" || o.Label != p.Label) {
			continue
		}
		if o.At != 0 {
			r.At = o.At
		}
		if o.Hold != (span{}) {
			r.Hold = o.Hold
		}
		for _, x := range []struct {
			at    *int64
			value int64
		}{{&r.Lateness, o.Lateness}, {&r.ShortStop, o.ShortStop}, {&r.MinRunning, o.Running}, {&r.Grace, o.Grace}} {
			if x.value != 0 {
				*x.at = x.value
			}
		}
		if o.Missed != 0 {
			r.Missed = o.Missed
		}
	}
	return &r
}

func (o *overrideConf) yaml(b *strings.Builder) {
	b.WriteString("  - {")
	if o.Label != "" {
		fmt.Fprintf(b, "labels: {size: %s}", o.Label)
	} else {
		fmt.Fprintf(b, "plants: [%s]", strings.Join(o.Plants, ", "))
	}
	var resume []string
	if o.At != 0 {
		resume = append(resume, fmt.Sprintf("at: %v%%", o.At*100))
	}
	if o.Hold != (span{}) {
		resume = append(resume, "hold: "+o.Hold.String())
	}
	if o.Lateness != 0 {
		resume = append(resume, "lateness: "+dur(o.Lateness))
	}
	if resume != nil {
		fmt.Fprintf(b, ", resume: {%s}", strings.Join(resume, ", "))
	}
	var stall []string
	if o.ShortStop != 0 {
		stall = append(stall, "short_stop: "+dur(o.ShortStop))
	}
	if o.Running != 0 {
		stall = append(stall, "min_running: "+dur(o.Running))
	}
	if stall != nil {
		fmt.Fprintf(b, ", stall: {%s}", strings.Join(stall, ", "))
	}
	if o.Missed != 0 {
		fmt.Fprintf(b, ", silence: {missed: %d}", o.Missed)
	}
	if o.Grace != 0 {
		fmt.Fprintf(b, ", late_start: {grace: %s}", dur(o.Grace))
	}
	b.WriteString("}\n")
}

// rules writes rules.yaml.
func (s *scenario) rules() string {
	r := &s.Rules
	level := func(v float64) string {
		if r.Absolute {
			return fmt.Sprintf("%v/h", v)
		}
		return fmt.Sprintf("%v%%", v*100)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "resume: {at: %s, stop: %s, window: %s, hold: %s, stop_hold: %s, lateness: %s", level(r.At), level(r.Stop), r.Window, r.Hold, r.StopHold, dur(r.Lateness))
	if r.Normal > 0 {
		fmt.Fprintf(&b, ", normal: %v%%", r.Normal*100)
	}
	if r.NormalExit > 0 {
		fmt.Fprintf(&b, ", normal_exit: %v%%", r.NormalExit*100)
	}
	b.WriteString("}\n")
	switch {
	case r.Reference != "":
		fmt.Fprintf(&b, "baseline: {reference: {from: %s, to: %s, per: %s}}\n", r.RefFrom, r.RefTo, r.Reference)
	case r.Learned:
		b.WriteString("baseline: {learned: true}\n")
	}
	if r.Disruption != "" {
		fmt.Fprintf(&b, "disruption_date: %s\n", r.Disruption)
	}
	fmt.Fprintf(&b, "stall: {short_stop: %s, min_running: %s}\nsilence: {missed: %d}\nlate_start: {grace: %s}\n", dur(r.ShortStop), dur(r.MinRunning), r.Missed, dur(r.Grace))
	for i, o := range s.Overrides {
		if i == 0 {
			b.WriteString("overrides:\n")
		}
		o.yaml(&b)
	}
	return b.String()
}
