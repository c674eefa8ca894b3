package sim

import (
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
)

// The registry as users write it: only what is set.
type (
	registryFile struct {
		Plants    []plantEntry    `yaml:"plants"`
		Calendars []calendarEntry `yaml:"calendars,omitempty"`
	}
	plantEntry struct {
		ID        string            `yaml:"id"`
		Name      string            `yaml:"name,omitempty"`
		Timezone  string            `yaml:"timezone,omitempty"`
		Labels    map[string]string `yaml:"labels,omitempty,flow"`
		DayStarts string            `yaml:"day_starts,omitempty"`
		Calendar  string            `yaml:"calendar,omitempty"`
		Lines     []lineEntry       `yaml:"lines"`
	}
	calendarEntry struct {
		Name string          `yaml:"name"`
		Days []plant.Weekday `yaml:"days,flow"`
	}
	lineEntry struct {
		ID         string       `yaml:"id"`
		Unit       string       `yaml:"unit,omitempty"`
		Normal     string       `yaml:"normal,omitempty"`
		IdealCycle string       `yaml:"ideal_cycle,omitempty"`
		Interval   string       `yaml:"interval,omitempty"`
		Machines   []string     `yaml:"machines,flow"`
		Output     []string     `yaml:"output,omitempty,flow"`
		Counter    counterEntry `yaml:"counter,flow"`
		Power      powerEntry   `yaml:"power,omitempty,flow"`
	}
	powerEntry struct {
		Field   string  `yaml:"field"`
		Standby float64 `yaml:"standby"`
	}
	counterEntry struct {
		Field    string  `yaml:"field,omitempty"`
		Kind     string  `yaml:"kind,omitempty"`
		Scale    float64 `yaml:"scale,omitempty"`
		Rollover int64   `yaml:"rollover,omitempty"`
		Resets   bool    `yaml:"resets,omitempty"`
	}
)

// WriteRegistry writes what simulated plants have of a registry as a
// plants.yaml that Heartline reads.
func WriteRegistry(w io.Writer, r *plant.Registry) error {
	var file registryFile
	for _, p := range r.Plants {
		e := plantEntry{ID: p.ID, Name: p.Name, Timezone: p.Timezone, Labels: p.Labels, DayStarts: p.DayStarts, Calendar: p.Calendar}
		for _, l := range p.Lines {
			e.Lines = append(e.Lines, entryOf(l))
		}
		file.Plants = append(file.Plants, e)
	}
	for _, c := range r.Calendars {
		file.Calendars = append(file.Calendars, calendarEntry{c.Name, c.Days})
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(&file); err != nil {
		return err
	}
	return enc.Close()
}

func entryOf(l *plant.Line) lineEntry {
	e := lineEntry{
		ID: l.ID, Unit: l.Unit, Machines: l.Machines, Output: l.Output.Machines,
		Counter: counterEntry{Field: l.Counter.Field, Kind: l.Counter.Kind, Scale: l.Counter.Scale, Rollover: l.Counter.Rollover, Resets: l.Counter.Resets},
		Power:   powerEntry{Field: l.Power.Field, Standby: l.Power.Standby},
	}
	normal, _ := l.Normal.MarshalText()
	e.Normal = string(normal)
	if l.IdealCycle != 0 {
		e.IdealCycle = l.IdealCycle.String()
	}
	if l.Interval != (plant.Interval{}) {
		interval, _ := l.Interval.MarshalText()
		e.Interval = string(interval)
	}
	return e
}
