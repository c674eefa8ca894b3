package scenario

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// clock reads and writes the times of a scenario: on the wall, in one zone.
type clock struct {
	zone  *time.Location
	start plant.Instant
	day   plant.Date // of times of day without a date
}

// newClock reads `2026-03-02 06:00 Europe/Berlin`. The zone may be left out
// where all plants have the same.
func newClock(text string, plants []*plant.Plant) (clock, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return clock{}, fmt.Errorf("is missing: write when the scenario begins, like 2026-03-02 06:00, or 2026-03-02 06:00 Europe/Berlin")
	}
	c := clock{zone: plants[0].Location()}
	if last := words[len(words)-1]; len(words) > 1 && !strings.Contains(last, ":") {
		zone, err := time.LoadLocation(last)
		if err != nil || last == "Local" {
			return c, fmt.Errorf("%q is no time zone; write an IANA name, like 2026-03-02 06:00 Europe/Berlin", last)
		}
		c.zone, words = zone, words[:len(words)-1]
	} else {
		for _, p := range plants {
			if p.Location().String() != c.zone.String() {
				return c, fmt.Errorf("names no time zone, and the plants have different ones (%s and %s); write one behind it, like %s UTC", c.zone, p.Location(), text)
			}
		}
	}
	text = strings.Join(words, " ")
	if err := c.day.UnmarshalText([]byte(words[0])); err != nil && !strings.Contains(words[0], "T") {
		return c, fmt.Errorf("%q begins with no date; write it like 2026-03-02 06:00", text)
	}
	at, err := c.read(text)
	if err != nil {
		return c, err
	}
	c.start, c.day = at, plant.DateOf(at.Time().In(c.zone))
	return c, nil
}

const timeHelp = "write it like 09:40, 09:40:30, tue 09:40 or 2026-03-02 09:40"

// read reads a time of the scenario.
func (c *clock) read(text string) (plant.Instant, error) {
	at, err := c.parse(strings.TrimSpace(text))
	if err != nil {
		return 0, err
	}
	if at < c.start {
		return 0, fmt.Errorf("%q is before the scenario's start, %s", text, c.write(c.start))
	}
	if c.start != 0 && at.Sub(c.start) > maxLength {
		return 0, fmt.Errorf("%q is more than %d years after the start", text, maxYears)
	}
	return at, nil
}

const (
	maxYears  = 5
	maxLength = maxYears * 366 * 24 * time.Hour
)

func (c *clock) parse(text string) (plant.Instant, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return inRange(text, t)
	}
	date, clock, both := strings.Cut(text, " ")
	if !both && strings.Contains(text, ":") {
		date, clock = "", text
	}
	on := c.day
	var day plant.Weekday
	switch {
	case date == "":
	case len(date) == 3 && day.UnmarshalText([]byte(date)) == nil:
		first := plant.DateOf(c.start.Time().In(c.zone))
		for on = first; on.Weekday() != day; {
			on = plant.DateNumber(on.Number() + 1)
		}
	case on.UnmarshalText([]byte(date)) != nil || on.IsZero():
		return 0, fmt.Errorf("%q is no time; %s", text, timeHelp)
	}
	if clock == "" {
		clock = "00:00"
	}
	after, seconds, err := timeOfDay(strings.TrimSpace(clock))
	if err != nil {
		return 0, fmt.Errorf("%q is no time; %s", text, timeHelp)
	}
	if on.Year < 1970 || on.Year > 2200 {
		return 0, fmt.Errorf("%q is not between 1970 and 2200", text)
	}
	at := calendar.Wall(c.zone, on, after)
	if t := at.Time().In(c.zone); time.Duration(t.Hour())*time.Hour+time.Duration(t.Minute())*time.Minute != after%(24*time.Hour) {
		return 0, fmt.Errorf("%q does not exist in %s: clocks are put forward then, at %s", text, c.zone, t.Format("15:04"))
	}
	return at.Add(seconds), nil
}

func inRange(text string, t time.Time) (plant.Instant, error) {
	if t.Year() < 1970 || t.Year() > 2200 {
		return 0, fmt.Errorf("%q is not between 1970 and 2200", text)
	}
	return plant.InstantOf(t), nil
}

// timeOfDay reads 09:40, 09:40:30 or 24:00 as whole minutes after midnight and
// the seconds above them.
func timeOfDay(text string) (after, seconds time.Duration, err error) {
	if text == "24:00" {
		return 24 * time.Hour, 0, nil
	}
	t, err := time.Parse("15:04:05", text)
	if err != nil {
		t, err = time.Parse("15:04", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond()), err
}

// write writes a time as it would be read: without date on the scenario's
// day, without seconds where there are none.
func (c *clock) write(at plant.Instant) string {
	t := at.Time().In(c.zone)
	layout := "15:04:05.999"
	if t.Second() == 0 && t.Nanosecond() == 0 {
		layout = "15:04"
	}
	if plant.DateOf(t) != c.day {
		layout = "2006-01-02 " + layout
	}
	after := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	if calendar.Wall(c.zone, plant.DateOf(t), after) < at.Add(-time.Minute) {
		return t.Format(time.RFC3339) // the second of a time that comes twice
	}
	return t.Format(layout)
}
