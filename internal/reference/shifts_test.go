package reference

import (
	"slices"
	"time"
)

// shiftOn is one shift, or a whole production day, that starts on a date.
type shiftOn struct {
	key      string // weekday and name
	from, to int64
}

// shiftsOn are the shifts that start on a date. An exception comes first; a
// holiday removes them; a workday that makes up for one has those of the first
// day of the week that has any.
func (d *days) shiftsOn(date time.Time) []shiftOn {
	if d.conf == nil {
		return []shiftOn{{date.Weekday().String() + " ", d.opening(date), d.opening(date.AddDate(0, 0, 1))}}
	}
	text := date.Format(time.DateOnly)
	for _, e := range d.conf.Exceptions {
		switch {
		case e.Date != text:
		case e.Closed:
			return nil
		case e.Shifts != nil:
			return d.shifts(date, date.Weekday(), e.Shifts)
		default:
			return d.regular(date, e.As)
		}
	}
	land := countries[d.conf.Country]
	workday := slices.Contains(d.conf.Workdays, text)
	if !workday && (slices.Contains(d.conf.Holidays, text) || slices.Contains(land.rest, text)) {
		return nil
	}
	out := d.regular(date, date.Weekday())
	if out == nil && (workday || slices.Contains(land.work, text)) {
		for day := range 7 {
			if out = d.regular(date, time.Weekday((day+1)%7)); out != nil {
				break
			}
		}
	}
	return out
}

// regular are the shifts of an ordinary day of the week, on a date.
func (d *days) regular(date time.Time, like time.Weekday) []shiftOn {
	var out []shiftOn
	if slices.Contains(d.conf.Days, like) {
		out = append(out, shiftOn{like.String() + " ", d.opening(date), d.opening(date.AddDate(0, 0, 1))})
	}
	var of []shiftConf
	for _, s := range d.conf.Shifts {
		if s.on(like) {
			of = append(of, s)
		}
	}
	return append(out, d.shifts(date, like, of)...)
}

func (d *days) shifts(date time.Time, like time.Weekday, of []shiftConf) (out []shiftOn) {
	for _, s := range of {
		if x := (shiftOn{like.String() + " " + s.Name, d.wall(date, s.From), d.end(date, s)}); x.from < x.to {
			out = append(out, x)
		}
	}
	return out
}

// countries are what governments published, from the end of 2025 to June 2026:
// days of rest on which people would work else, and the days that make up.
var countries = map[string]struct{ rest, work []string }{
	"CN": { // State Council, 2025-11-04
		rest: []string{"2026-01-01", "2026-01-02", "2026-01-03",
			"2026-02-15", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-21", "2026-02-22", "2026-02-23",
			"2026-04-04", "2026-04-05", "2026-04-06", "2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05"},
		work: []string{"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09"},
	},
	"DE": {rest: []string{"2025-12-25", "2025-12-26", "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25"}},
	"US": {rest: []string{"2025-12-25", "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03"}},
	"KR": {rest: []string{"2025-12-25", "2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18", "2026-03-01", "2026-03-02", "2026-05-05", "2026-05-24", "2026-05-25"}},
}
