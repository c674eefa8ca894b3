package plant

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Calendar says when a plant should run. A plant without one always should.
type Calendar struct {
	Name string `yaml:"name" json:"name,omitempty"`
	// Extends names a calendar whose keys hold where this one sets none;
	// exceptions and maintenance of both hold.
	Extends string `yaml:"extends" json:"extends,omitempty"`
	// Days are scheduled as whole production days.
	Days        []Weekday     `yaml:"days" json:"days,omitempty"`
	Shifts      []Shift       `yaml:"shifts" json:"shifts,omitempty"`
	Breaks      []Break       `yaml:"breaks" json:"breaks"`
	Holidays    Holidays      `yaml:"holidays" json:"holidays,omitzero"`
	Workdays    []Date        `yaml:"workdays" json:"workdays"` // made up for holidays
	Exceptions  []Exception   `yaml:"exceptions" json:"exceptions,omitempty"`
	Maintenance []Maintenance `yaml:"maintenance" json:"maintenance,omitempty"`
}

// Shift is a time of work. It belongs to the date it starts on; one whose To
// is not after From ends on the next date. Without From and To it is the whole
// production day, without Days it is every day.
type Shift struct {
	Name string    `yaml:"name" json:"name,omitempty"`
	Days []Weekday `yaml:"days" json:"days,omitempty"`
	From Clock     `yaml:"from" json:"from,omitzero"`
	To   Clock     `yaml:"to" json:"to,omitzero"`
}

// Whole reports whether the shift is a whole production day.
func (s *Shift) Whole() bool { return !s.From.Set && !s.To.Set }

// On reports whether the shift starts on that day of the week.
func (s *Shift) On(day Weekday) bool { return len(s.Days) == 0 || slices.Contains(s.Days, day) }

// Length is the shift's length by the clock on the wall, 0 for a whole day.
func (s *Shift) Length() time.Duration { return wallLength(s.From, s.To) }

func wallLength(from, to Clock) time.Duration {
	if !from.Set && !to.Set {
		return 0
	}
	if to.After <= from.After {
		return to.After + 24*time.Hour - from.After
	}
	return to.After - from.After
}

// Break is a pause inside shifts, on the days it begins on.
type Break struct {
	Days []Weekday `yaml:"days" json:"days,omitempty"` // default every day
	From Clock     `yaml:"from" json:"from,omitzero"`
	To   Clock     `yaml:"to" json:"to,omitzero"`
}

// Exception replaces the shifts of one date, or of all from From to To.
type Exception struct {
	Date Date `yaml:"date" json:"date,omitzero"`
	From Date `yaml:"from" json:"from,omitzero"`
	To   Date `yaml:"to" json:"to,omitzero"`
	// One of: nobody works; the shifts of another day of the week; these.
	Closed bool    `yaml:"closed" json:"closed,omitempty"`
	As     Weekday `yaml:"as" json:"as,omitempty"`
	Shifts []Shift `yaml:"shifts" json:"shifts,omitempty"`
}

// Holds reports whether the exception is about date.
func (e *Exception) Holds(date Date) bool {
	if e.Date != (Date{}) {
		return e.Date == date
	}
	return e.From.Compare(date) <= 0 && date.Compare(e.To) <= 0
}

// Maintenance is planned down time: once from one moment of the wall clock to
// another, or at the same hours of each date in Days.
type Maintenance struct {
	From  Moment    `yaml:"from" json:"from,omitzero"`
	To    Moment    `yaml:"to" json:"to,omitzero"`
	Days  []Weekday `yaml:"days" json:"days,omitempty"`
	Lines []string  `yaml:"lines" json:"lines,omitempty"` // default all
	Note  string    `yaml:"note" json:"note,omitempty"`
}

// Holidays are dates on which no shift starts: those of a country, and dates
// of one's own. In files: CN, or a list of dates and countries.
type Holidays struct {
	Countries []string `json:"countries,omitempty"`
	Dates     []Date   `json:"dates,omitempty"`
	None      bool     `json:"none,omitempty"` // written as none: those of the calendar it extends do not hold
}

// IsZero reports whether nothing is set.
func (h Holidays) IsZero() bool { return len(h.Countries) == 0 && len(h.Dates) == 0 && !h.None }

// UnmarshalYAML reads a country, or a list of countries and dates.
func (h *Holidays) UnmarshalYAML(unmarshal func(any) error) error {
	*h = Holidays{}
	var words []string
	var word string
	if err := unmarshal(&word); err == nil {
		if word == "none" {
			h.None = true
			return nil
		}
		words = []string{word}
	} else if err := unmarshal(&words); err != nil {
		return fmt.Errorf("holidays: write a country like CN, a list of dates like [2026-05-01], or none")
	}
	for _, w := range words {
		if w == "" || w[0] >= 'A' && w[0] <= 'Z' {
			h.Countries = append(h.Countries, w)
			continue
		}
		var d Date
		if err := d.UnmarshalText([]byte(w)); err != nil {
			return fmt.Errorf("holidays: %q is neither a country like CN nor a date like 2026-05-01", w)
		}
		h.Dates = append(h.Dates, d)
	}
	return nil
}

// HolidayTable is what is known of a country's holidays, as of when the
// registry was read: a replay must not depend on newer data.
type HolidayTable struct {
	Country   string `json:"country"`
	FirstYear int    `json:"first_year"`
	LastYear  int    `json:"last_year"`
	Days      []Date `json:"days"`
	// Workdays are days of rest that are worked, to make up for holidays.
	Workdays []Date `json:"workdays,omitempty"`
	Source   string `json:"source"`
}

// Weekday is a day of the week as users write it: mon to sun. The zero
// Weekday is unset.
type Weekday uint8

// The days of the week.
const (
	Mon Weekday = iota + 1
	Tue
	Wed
	Thu
	Fri
	Sat
	Sun
)

var weekdayWords = [...]string{"", "mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func (d Weekday) String() string { return word(weekdayWords[:], int(d)) }

// MarshalText writes mon.
func (d Weekday) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads mon, or monday, in any case.
func (d *Weekday) UnmarshalText(b []byte) error {
	text := strings.ToLower(string(b))
	for i, w := range weekdayWords {
		if text == w || i > 0 && text == strings.ToLower(time.Weekday(i%7).String()) {
			*d = Weekday(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no day of the week; write one of mon, tue, wed, thu, fri, sat, sun", b)
}

// Date is a day of the calendar on the wall. The zero Date is unset.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the date of t in its zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Number counts days since 1970-01-01.
func (d Date) Number() int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// DateNumber is the date with that Number.
func DateNumber(n int) Date { return DateOf(time.Unix(int64(n)*86400, 0).UTC()) }

// Weekday is the date's day of the week.
func (d Date) Weekday() Weekday {
	w := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
	return Weekday((int(w)+6)%7 + 1)
}

// Compare is negative where d is before o.
func (d Date) Compare(o Date) int {
	if d.Year != o.Year {
		return d.Year - o.Year
	}
	if d.Month != o.Month {
		return int(d.Month - o.Month)
	}
	return d.Day - o.Day
}

// IsZero reports whether the date is unset.
func (d Date) IsZero() bool { return d == Date{} }

func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// MarshalText writes 2006-01-02; unset is empty.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return []byte{}, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads 2006-01-02; the empty text is unset.
func (d *Date) UnmarshalText(b []byte) error {
	*d = Date{}
	if len(b) == 0 {
		return nil
	}
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return fmt.Errorf("%q is no date; write it like 2026-05-01", b)
	}
	*d = DateOf(t)
	return nil
}
