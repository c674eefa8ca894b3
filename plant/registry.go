package plant

import (
	"fmt"
	"slices"
	"time"
)

// Registry is every plant that was enrolled: the denominator of every figure.
// It is read-only once Index was called, and then safe for concurrent use.
type Registry struct {
	Plants    []*Plant    `yaml:"plants" json:"plants"`
	Calendars []*Calendar `yaml:"calendars" json:"calendars,omitempty"`
	// Holidays holds the tables of the countries that calendars name; whoever
	// reads a registry fills them in.
	Holidays []*HolidayTable `yaml:"-" json:"holidays,omitempty"`

	byID  map[string]*Plant
	whole map[*Calendar]*Calendar // calendars with what they extend
}

// Plant is one enrolled plant.
type Plant struct {
	ID        string            `yaml:"id" json:"id"`
	Name      string            `yaml:"name" json:"name,omitempty"`
	Timezone  string            `yaml:"timezone" json:"timezone,omitempty"` // IANA; default UTC
	Labels    map[string]string `yaml:"labels" json:"labels,omitempty"`
	DayStarts string            `yaml:"day_starts" json:"day_starts,omitempty"` // 15:04; default 00:00
	Calendar  string            `yaml:"calendar" json:"calendar,omitempty"`     // a calendar's name; default: always scheduled
	// CalendarOverrides holds for this plant alone, as if it extended Calendar.
	CalendarOverrides *Calendar  `yaml:"calendar_overrides" json:"calendar_overrides,omitempty"`
	Excluded          *Exclusion `yaml:"excluded" json:"excluded,omitempty"` // taken out of all figures
	Weight            float64    `yaml:"weight" json:"weight,omitempty"`     // in the fleet's output recovery; default 1
	Gateways          []*Gateway `yaml:"gateways" json:"gateways,omitempty"`
	Lines             []*Line    `yaml:"lines" json:"lines"`

	location *time.Location
	dayStart time.Duration
	calendar *Calendar
}

// Exclusion takes a plant out of every figure, for a reason, to an end.
type Exclusion struct {
	Reason string `yaml:"reason" json:"reason"`
	From   Moment `yaml:"from" json:"from,omitzero"` // default: since enrolment
	To     Moment `yaml:"to" json:"to,omitzero"`
}

// Gateway is a device that publishes for machines of some lines.
type Gateway struct {
	ID        string   `yaml:"id" json:"id"`
	WillTopic string   `yaml:"will_topic" json:"will_topic,omitempty"`
	KeepAlive Duration `yaml:"keep_alive" json:"keep_alive,omitempty"`
	Lines     []string `yaml:"lines" json:"lines,omitempty"` // default: every line of the plant
	// ClockOffset is how far its machines' clocks are ahead of true time; less
	// than 0: behind. The rules take it off their stamps; what is stored keeps
	// the device's own.
	ClockOffset Offset `yaml:"clock_offset" json:"clock_offset,omitempty"`
}

// Line is one production line of a plant.
type Line struct {
	ID           string   `yaml:"id" json:"id"`
	Unit         string   `yaml:"unit" json:"unit,omitempty"`
	Normal       Rate     `yaml:"normal" json:"normal,omitempty"`             // normal output of scheduled time
	IdealCycle   Duration `yaml:"ideal_cycle" json:"ideal_cycle,omitempty"`   // shortest time a unit takes
	Interval     Interval `yaml:"interval" json:"interval,omitempty"`         // of the machines' heartbeats; default 1m
	Machines     []string `yaml:"machines" json:"machines"`                   // every machine that may publish
	Output       Output   `yaml:"output" json:"output,omitempty"`             // whose count is the line's
	Counter      Counter  `yaml:"counter" json:"counter,omitempty"`           //
	Power        Power    `yaml:"power" json:"power,omitzero"`                // to hold against its output
	States       string   `yaml:"states" json:"states,omitempty"`             // whose words the machines' states are, see StateWords
	Weight       float64  `yaml:"weight" json:"weight,omitempty"`             // among lines of other units; default 1
	Commissioned *bool    `yaml:"commissioned" json:"commissioned,omitempty"` // default true
}

// Interval is the time between a machine's heartbeats. OnChange means that
// it reports on change only and is judged by its gateway's session.
type Interval struct {
	Every    time.Duration
	OnChange bool
}

// UnmarshalText reads 10s or on-change; the empty text is unset.
func (i *Interval) UnmarshalText(b []byte) error {
	*i = Interval{OnChange: string(b) == "on-change"}
	if len(b) == 0 || i.OnChange {
		return nil
	}
	s, err := ParseSpan(string(b))
	if err != nil {
		return fmt.Errorf("%q is no interval; write it like 10s, or on-change", b)
	}
	i.Every = s.Fixed + time.Duration(s.Days)*24*time.Hour
	return nil
}

// MarshalText writes 10s or on-change.
func (i Interval) MarshalText() ([]byte, error) {
	switch {
	case i.OnChange:
		return []byte("on-change"), nil
	case i.Every == 0:
		return []byte{}, nil
	}
	return Duration(i.Every).MarshalText()
}

// Output names the machines whose counter is the line's output. In files it
// is a list of machines, or the word sum: all of them, added up.
type Output struct {
	Sum      bool     `json:"sum,omitempty"`
	Machines []string `json:"machines,omitempty"`
}

// Counter says how a line's counter is to be read. Empty members are taken
// from the profile the message came by.
type Counter struct {
	Field    string  `yaml:"field" json:"field,omitempty"`       // default good
	Scrap    string  `yaml:"scrap" json:"scrap,omitempty"`       // field of the scrap counter; default scrap
	Kind     string  `yaml:"kind" json:"kind,omitempty"`         // total | delta
	Scale    float64 `yaml:"scale" json:"scale,omitempty"`       // output units per count
	Rollover int64   `yaml:"rollover" json:"rollover,omitempty"` // largest value + 1; 0: none
	Resets   bool    `yaml:"resets" json:"resets,omitempty"`     // restarting from zero is normal
	Decimal  bool    `yaml:"decimal" json:"decimal,omitempty"`   // not a whole number
	Proxy    bool    `yaml:"proxy" json:"proxy,omitempty"`       // stands in for good output (kWh)
}

// Power says which reading is the power that a line draws, so that power
// without output is flagged.
type Power struct {
	Field   string  `yaml:"field" json:"field"`               // like power_kw
	Machine string  `yaml:"machine" json:"machine,omitempty"` // that sends it; default the first output machine
	Kind    string  `yaml:"kind" json:"kind,omitempty"`       // gauge (default), or total: of energy, like kWh
	Standby float64 `yaml:"standby" json:"standby"`           // most it draws while it stands; unit of the gauge, or of the total an hour
}

// KindGauge is a reading of what is now.
const KindGauge = "gauge"

// The kinds of counter.
const (
	KindTotal = "total"
	KindDelta = "delta"
)

// DefaultInterval is a line's heartbeat interval where none is declared.
const DefaultInterval = time.Minute

// Index fills in defaults and look-ups. Call it once, after Check found
// nothing wrong; the registry must not be changed afterwards.
func (r *Registry) Index() {
	r.byID = make(map[string]*Plant, len(r.Plants))
	known := zones{}
	for _, p := range r.Plants {
		r.byID[p.ID] = p
		if p.location = known.load(p.Timezone); p.location == nil {
			p.location = time.UTC
		}
		p.dayStart, _ = parseClock(p.DayStarts)
		p.calendar = r.calendarOf(p)
		if p.Weight == 0 {
			p.Weight = 1
		}
		for _, l := range p.Lines {
			l.setDefaults()
		}
	}
}

func (l *Line) setDefaults() {
	if l.Interval == (Interval{}) {
		l.Interval.Every = DefaultInterval
	}
	if l.Counter.Field == "" {
		l.Counter.Field = "good"
	}
	if l.Counter.Scrap == "" {
		l.Counter.Scrap = "scrap"
	}
	if l.Weight == 0 {
		l.Weight = 1
	}
	if l.Output.Sum || len(l.Output.Machines) == 0 {
		l.Output.Machines = l.Machines
	}
}

// Plant returns the plant called id, or nil where nobody enrolled it.
func (r *Registry) Plant(id string) *Plant { return r.byID[id] }

// Location is the plant's time zone.
func (p *Plant) Location() *time.Location { return p.location }

// Schedule is the plant's calendar, with what it extends put together; nil:
// the plant is always scheduled.
func (p *Plant) Schedule() *Calendar { return p.calendar }

// DayStart is when the plant's production day begins, after local midnight.
func (p *Plant) DayStart() time.Duration { return p.dayStart }

// Line returns the line called id, or nil.
func (p *Plant) Line(id string) *Line {
	for _, l := range p.Lines {
		if l.ID == id {
			return l
		}
	}
	return nil
}

// GatewaysOf returns the gateways that publish for line.
func (p *Plant) GatewaysOf(line string) []*Gateway {
	var out []*Gateway
	for _, g := range p.Gateways {
		if len(g.Lines) == 0 || slices.Contains(g.Lines, line) {
			out = append(out, g)
		}
	}
	return out
}

// IsCommissioned reports whether the line counts; a line with
// `commissioned: false` is stored and shown only.
func (l *Line) IsCommissioned() bool { return l.Commissioned == nil || *l.Commissioned }

// Counts reports whether machine's counter is part of the line's output.
func (l *Line) Counts(machine string) bool { return slices.Contains(l.Output.Machines, machine) }

// UnmarshalYAML reads sum or a list of machines. (This form of the method
// needs no YAML library.)
func (o *Output) UnmarshalYAML(unmarshal func(any) error) error {
	var word string
	if err := unmarshal(&word); err == nil {
		if word != "sum" {
			return fmt.Errorf("output: %q is neither sum nor a list of machines like [m2]", word)
		}
		*o = Output{Sum: true}
		return nil
	}
	return unmarshal(&o.Machines)
}
