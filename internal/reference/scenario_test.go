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
	From, To  int64 // 0: not given
	Records   []record
}

type plantConf struct {
	ID, Zone, DayStarts, Calendar string
	Gateways                      []*gatewayConf
	Lines                         []*lineConf
}

type gatewayConf struct {
	ID        string
	KeepAlive int64
	Lines     []string
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
}

type calendarConf struct {
	Name     string
	Days     []time.Weekday // whole production days; nil: shifts
	Shifts   []shiftConf
	Breaks   []shiftConf // without days
	Holidays []string
}

type shiftConf struct {
	Name     string
	Days     []time.Weekday // nil: every day
	From, To int            // minutes after midnight
}

// span is a length of time, or of production days.
type span struct {
	Days  int
	Fixed int64
}

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
	Listening            string // true, false, or none: no such record
}

func dur(ms int64) string { return (time.Duration(ms) * time.Millisecond).String() }

func (s span) String() string {
	if s.Days > 0 {
		return fmt.Sprintf("%dd", s.Days)
	}
	return dur(s.Fixed)
}

func clock(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

func weekdays(days []time.Weekday) string {
	var out []string
	for _, d := range days {
		out = append(out, strings.ToLower(d.String()[:3]))
	}
	return "[" + strings.Join(out, ", ") + "]"
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
		if len(p.Gateways) > 0 {
			b.WriteString("    gateways:\n")
		}
		for _, g := range p.Gateways {
			fmt.Fprintf(&b, "      - {id: %s, will_topic: will/%s/%s, keep_alive: %s, lines: [%s]}\n", g.ID, p.ID, g.ID, dur(g.KeepAlive), strings.Join(g.Lines, ", "))
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
	counter := []string{"field: good", "kind: " + l.Kind}
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

func (c *calendarConf) yaml(b *strings.Builder) {
	fmt.Fprintf(b, "  - name: %s\n", c.Name)
	if len(c.Days) > 0 {
		fmt.Fprintf(b, "    days: %s\n", weekdays(c.Days))
	}
	for i, s := range c.Shifts {
		if i == 0 {
			b.WriteString("    shifts:\n")
		}
		fmt.Fprintf(b, "      - {name: %s, days: %s, from: %q, to: %q}\n", s.Name, weekdays(s.Days), clock(s.From), clock(s.To))
	}
	for i, s := range c.Breaks {
		if i == 0 {
			b.WriteString("    breaks:\n")
		}
		fmt.Fprintf(b, "      - {from: %q, to: %q}\n", clock(s.From), clock(s.To))
	}
	if len(c.Holidays) > 0 {
		fmt.Fprintf(b, "    holidays: [%s]\n", strings.Join(c.Holidays, ", "))
	}
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
	return b.String()
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
	text := fmt.Sprintf(`{"at":%d,"ts":%d,"plant":%q,"line":%q,"machine":%q`, r.At, r.TS, r.Plant, r.Line, r.Machine)
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
