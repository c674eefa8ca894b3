package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/internal/holidays"
	"github.com/seed-00829101/heartline/plant"
)

// calendarFile is a file of calendars of its own.
type calendarFile struct {
	Calendars []*plant.Calendar `yaml:"calendars"`
	doc       *document
}

func (l *loader) readCalendars() (calendarFile, bool) {
	var out calendarFile
	if l.out.Config.Calendars == "" {
		return out, true
	}
	at, data := l.open("calendars", l.out.Config.Calendars)
	l.out.Config.Calendars = at.name
	if data == nil {
		return out, false
	}
	problems := decodeYAML(at.name, data, &out)
	l.problems = append(l.problems, problems...)
	out.doc = &document{file: at.name, data: data}
	return out, len(problems) == 0
}

// registryDocs are the files of a registry: its first own calendars stand
// with the plants, the others in their file.
type registryDocs struct {
	plants, calendars *document
	own               int
}

func (d *registryDocs) locate(p plant.Problem) plant.Problem {
	rest, ok := strings.CutPrefix(p.Path, "calendars[")
	if ok && d.calendars != nil {
		number, below, _ := strings.Cut(rest, "]")
		if i, err := strconv.Atoi(number); err == nil && i >= d.own {
			p.Path = fmt.Sprintf("calendars[%d]%s", i-d.own, below)
			return d.calendars.locate(p)
		}
	}
	return d.plants.locate(p)
}

// checkRegistry fills in the tables of holidays and checks what was read.
func checkRegistry(reg *plant.Registry, docs *registryDocs) plant.Problems {
	problems := append(holidayTables(reg), reg.Check()...)
	for i, p := range problems {
		problems[i] = docs.locate(p)
	}
	return problems
}

// holidayTables puts the holidays of every country that a calendar names into
// the registry.
func holidayTables(reg *plant.Registry) (problems plant.Problems) {
	eachCalendar(reg, func(at string, c *plant.Calendar) {
		for _, country := range c.Holidays.Countries {
			if reg.HolidayTable(country) != nil {
				continue
			}
			t, err := holidays.Table(country)
			if err != nil {
				problems = append(problems, plant.Problem{Path: at + ".holidays", What: err.Error()})
				continue
			}
			reg.Holidays = append(reg.Holidays, t)
		}
	})
	return problems
}

func eachCalendar(reg *plant.Registry, f func(at string, c *plant.Calendar)) {
	for i, c := range reg.Calendars {
		if c != nil {
			f(fmt.Sprintf("calendars[%d]", i), c)
		}
	}
	for i, p := range reg.Plants {
		if p != nil && p.CalendarOverrides != nil {
			f(fmt.Sprintf("plants[%d].calendar_overrides", i), p.CalendarOverrides)
		}
	}
}

// holidaysMissing warns of years that the rules speak of, or that are now,
// and that a country's table does not hold.
func (l *loader) holidaysMissing(reg *plant.Registry) (warnings plant.Problems) {
	years := append(l.out.Rules.Years(), time.Now().Year())
	said := map[string]bool{}
	eachCalendar(reg, func(at string, c *plant.Calendar) {
		for _, country := range c.Holidays.Countries {
			t := reg.HolidayTable(country)
			for _, year := range years {
				key := fmt.Sprint(country, year)
				if text := t.Missing(year, year); text != "" && !said[key] {
					said[key] = true
					warnings = append(warnings, plant.Problem{Path: at + ".holidays", What: text})
				}
			}
		}
	})
	return warnings
}
