package reference

import (
	"fmt"
	"strings"
	"time"
)

// All times are milliseconds since 1970, all lengths milliseconds.
const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
)

// scenario is everything that both readings are given.
type scenario struct {
	Plants    []*plantConf
	Calendars []*calendarConf
	Rules     rulesConf
	Overrides []*overrideConf
	From, To  int64 // 0: not given
	Records   []record
}

type plantConf struct {
	ID, Zone, DayStarts, Calendar, Label string
	Gateways                             []*gatewayConf
	Lines                                []*lineConf
	ExcludedFrom, ExcludedTo             string // wall times; none: not excluded
}

type gatewayConf struct {
	ID        string
	KeepAlive int64
	Lines     []string // nil: all
	Offset    int64    // of its machines' clocks: ahead
}

type lineConf struct {
	ID, Unit         string
	Normal           float64 // per hour; 0: none
	IdealCycle       int64   // 0: none
	Interval         int64
	OnChange         bool
	Machines, Output []string // Output nil with Sum
	Sum              bool
	Kind             string
	Scale            float64
	Rollover         int64
	Resets, Decimal  bool
	Weight           float64
	Uncommissioned   bool
	States           string // whose words
	KindOfFormat     bool   // the format of the export says the kind
}

// span is a length of time, or of production days.
type span struct {
	Days  int
	Fixed int64
}

// record is one line of the NDJSON.
type record struct {
	At, TS               int64
	Plant, Line, Machine string
	Seq                  int // 0: none
	State                string
	Bad                  bool
	Good                 float64
	HasGood              bool
	Gateway, Link        string
	NoTS                 bool   // of its arrival
	Listening            string // true, false, or none: no such record
}

func dur(ms int64) string { return (time.Duration(ms) * time.Millisecond).String() }

func (s span) String() string {
	if s.Days > 0 {
		return fmt.Sprintf("%dd", s.Days)
	}
	return dur(s.Fixed)
}

// registry writes plants.yaml.
func (s *scenario) registry() string {
	var b strings.Builder
	b.WriteString("plants:\n")
	for _, p := range s.Plants {
		fmt.Fprintf(&b, "  - id: %s\n    timezone: %s\n    day_starts: %q\n", p.ID, p.Zone, p.DayStarts)
		if p.Calendar != "" {
			fmt.Fprintf(&b, "    calendar: %s\n", p.Calendar)
		}
		if p.Label != "" {
			fmt.Fprintf(&b, "    labels: {size: %s}\n", p.Label)
		}
		if p.ExcludedTo != "" {
			fmt.Fprintf(&b, "    excluded: {reason: flood, from: %q, to: %q}\n", p.ExcludedFrom, p.ExcludedTo)
		}
		if len(p.Gateways) > 0 {
			b.WriteString("    gateways:\n")
		}
		for _, g := range p.Gateways {
			fmt.Fprintf(&b, "      - {id: %s, will_topic: will/%s/%s, keep_alive: %s", g.ID, p.ID, g.ID, dur(g.KeepAlive))
			if g.Lines != nil {
				fmt.Fprintf(&b, ", lines: [%s]", strings.Join(g.Lines, ", "))
			}
			if g.Offset != 0 {
				fmt.Fprintf(&b, ", clock_offset: %s", dur(g.Offset))
			}
			b.WriteString("}\n")
		}
		b.WriteString("    lines:\n")
		for _, l := range p.Lines {
			b.WriteString("      - {" + l.yaml() + "}\n")
		}
	}
	if len(s.Calendars) > 0 {
		b.WriteString("calendars:\n")
	}
	for _, c := range s.Calendars {
		c.yaml(&b)
	}
	return b.String()
}

func (l *lineConf) yaml() string {
	keys := []string{"id: " + l.ID, "unit: " + l.Unit, "machines: [" + strings.Join(l.Machines, ", ") + "]"}
	add := func(set bool, format string, args ...any) {
		if set {
			keys = append(keys, fmt.Sprintf(format, args...))
		}
	}
	add(l.Normal > 0, "normal: %v/h", l.Normal)
	add(l.IdealCycle > 0, "ideal_cycle: %s", dur(l.IdealCycle))
	add(l.OnChange, "interval: on-change")
	add(!l.OnChange, "interval: %s", dur(l.Interval))
	add(l.Sum, "output: sum")
	add(len(l.Output) > 0, "output: [%s]", strings.Join(l.Output, ", "))
	add(l.Weight > 0, "weight: %v", l.Weight)
	add(l.Uncommissioned, "commissioned: false")
	add(l.States != "", "states: %s", l.States)
	counter := []string{"field: good"}
	if !l.KindOfFormat {
		counter = append(counter, "kind: "+l.Kind)
	}
	if l.Scale != 0 {
		counter = append(counter, fmt.Sprintf("scale: %v", l.Scale))
	}
	if l.Rollover > 0 {
		counter = append(counter, fmt.Sprintf("rollover: %d", l.Rollover))
	}
	if l.Resets {
		counter = append(counter, "resets: true")
	}
	if l.Decimal {
		counter = append(counter, "decimal: true")
	}
	add(true, "counter: {%s}", strings.Join(counter, ", "))
	return strings.Join(keys, ", ")
}

// samples writes the NDJSON.
func (s *scenario) samples() string {
	var b strings.Builder
	for i := range s.Records {
		b.WriteString(s.Records[i].json() + "\n")
	}
	return b.String()
}

func (r *record) json() string {
	switch {
	case r.Listening != "":
		return fmt.Sprintf(`{"at":%d,"listening":%s}`, r.At, r.Listening)
	case r.Link != "":
		return fmt.Sprintf(`{"at":%d,"plant":%q,"gateway":%q,"link":%q}`, r.At, r.Plant, r.Gateway, r.Link)
	}
	text := fmt.Sprintf(`{"at":%d`, r.At)
	if !r.NoTS {
		text += fmt.Sprintf(`,"ts":%d`, r.TS)
	}
	text += fmt.Sprintf(`,"plant":%q,"line":%q,"machine":%q`, r.Plant, r.Line, r.Machine)
	if r.Seq > 0 {
		text += fmt.Sprintf(`,"seq":%d`, r.Seq)
	}
	if r.State != "" {
		text += fmt.Sprintf(`,"state":%q`, r.State)
	}
	if r.Bad {
		text += `,"quality":"bad"`
	}
	if r.HasGood {
		text += fmt.Sprintf(`,"good":%v`, r.Good)
	}
	return text + "}"
}
