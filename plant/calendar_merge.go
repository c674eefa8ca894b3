package plant

import (
	"fmt"
	"strconv"
	"strings"
)

// calendarOf puts a plant's calendar together; nil: always scheduled.
func (r *Registry) calendarOf(p *Plant) *Calendar {
	base := r.extended(r.Calendar(p.Calendar), 0)
	if p.CalendarOverrides == nil {
		return base
	}
	return p.CalendarOverrides.over(base)
}

// Calendar returns the calendar called name, or nil.
func (r *Registry) Calendar(name string) *Calendar {
	for _, c := range r.Calendars {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// HolidayTable returns the table of a country, or nil where there is none.
func (r *Registry) HolidayTable(country string) *HolidayTable {
	for _, t := range r.Holidays {
		if t.Country == country {
			return t
		}
	}
	return nil
}

// Missing says in words which of the years first to last the table does not
// hold; "": none.
func (t *HolidayTable) Missing(first, last int) string {
	var not []string
	add := func(from, to int) {
		switch {
		case from == to:
			not = append(not, strconv.Itoa(from))
		case from < to:
			not = append(not, fmt.Sprintf("%d to %d", from, to))
		}
	}
	add(first, min(last, t.FirstYear-1))
	add(max(first, t.LastYear+1), last)
	if len(not) == 0 {
		return ""
	}
	return fmt.Sprintf("the holidays of %s are known from %d to %d, not for %s: none holds there; list the dates of that time as well",
		t.Country, t.FirstYear, t.LastYear, strings.Join(not, " and "))
}

// HolidaysMissing says of each country whose holidays a calendar keeps which of
// the years first to last are not known.
func (r *Registry) HolidaysMissing(first, last int) (words []string) {
	for _, t := range r.Holidays {
		if text := t.Missing(first, last); text != "" {
			words = append(words, text)
		}
	}
	return words
}

// extended returns c over what it extends. Plants of the same calendar get
// the same one.
func (r *Registry) extended(c *Calendar, depth int) *Calendar {
	if c == nil || c.Extends == "" || depth > len(r.Calendars) {
		return c
	}
	if whole := r.whole[c]; whole != nil {
		return whole
	}
	whole := c.over(r.extended(r.Calendar(c.Extends), depth+1))
	if r.whole == nil {
		r.whole = map[*Calendar]*Calendar{}
	}
	r.whole[c] = whole
	return whole
}

// over returns c where it sets a key, else base. Exceptions and maintenance
// of both hold, those of c first.
func (c *Calendar) over(base *Calendar) *Calendar {
	out := *c
	if base == nil {
		base = new(Calendar)
	}
	if len(out.Days) == 0 && len(out.Shifts) == 0 {
		out.Days, out.Shifts = base.Days, base.Shifts
	}
	if out.Breaks == nil {
		out.Breaks = base.Breaks
	}
	if out.Holidays.IsZero() {
		out.Holidays = base.Holidays
	}
	if out.Workdays == nil {
		out.Workdays = base.Workdays
	}
	out.Exceptions = append(out.Exceptions[:len(out.Exceptions):len(out.Exceptions)], base.Exceptions...)
	out.Maintenance = append(out.Maintenance[:len(out.Maintenance):len(out.Maintenance)], base.Maintenance...)
	return &out
}
