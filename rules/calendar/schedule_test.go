package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/calendar"
)

var week = []plant.Weekday{plant.Mon, plant.Tue, plant.Wed, plant.Thu, plant.Fri}

func clock(text string) (c plant.Clock) {
	if err := c.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return c
}

func date(text string) (d plant.Date) {
	if err := d.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return d
}

func moment(text string) (m plant.Moment) {
	if err := m.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return m
}

func shift(name, from, to string, days ...plant.Weekday) plant.Shift {
	return plant.Shift{Name: name, Days: days, From: clock(from), To: clock(to)}
}

func zone(t testing.TB, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func none(string) *plant.HolidayTable { return nil }

// pieces tells what is not off between two dates, in the zone's wall time.
func pieces(s *calendar.Schedule, from, to string) string {
	var out []string
	s.Each(s.Start(date(from)), s.Start(date(to)), func(p calendar.Piece) {
		if p.Kind == calendar.Off {
			return
		}
		text := p.From.Time().In(s.Zone).Format("2 15:04") + p.To.Time().In(s.Zone).Format("-15:04")
		if p.Kind == calendar.Planned {
			text = "(" + text + ")"
		}
		out = append(out, text)
	})
	return strings.Join(out, ", ")
}

func TestWhatIsScheduled(t *testing.T) {
	early, late, night := shift("early", "06:00", "14:00", week...), shift("late", "14:00", "22:00", week...), shift("night", "22:00", "06:00", week...)
	for name, c := range map[string]struct {
		cal      plant.Calendar
		starts   time.Duration
		zone     string
		from, to string
		want     string
	}{
		"shifts back to back are one piece": {plant.Calendar{Shifts: []plant.Shift{early, late}}, 0, "UTC", "2026-03-05", "2026-03-09", "5 06:00-22:00, 6 06:00-22:00"},
		"a night shift belongs to the date it starts on": {plant.Calendar{Shifts: []plant.Shift{night}, Holidays: plant.Holidays{Dates: []plant.Date{date("2026-03-05")}}},
			0, "UTC", "2026-03-04", "2026-03-08", "4 00:00-06:00, 4 22:00-06:00, 6 22:00-06:00"},
		"days alone are whole production days": {plant.Calendar{Days: week}, 8 * time.Hour, "Asia/Shanghai", "2026-03-05", "2026-03-09", "5 08:00-08:00"},
		"a break": {plant.Calendar{Shifts: []plant.Shift{early}, Breaks: []plant.Break{{From: clock("10:00"), To: clock("10:15")}, {From: clock("13:50"), To: clock("14:20")}}},
			0, "UTC", "2026-03-05", "2026-03-06", "5 06:00-10:00, (5 10:00-10:15), 5 10:15-13:50, (5 13:50-14:00)"},
		"a break of Fridays": {plant.Calendar{Shifts: []plant.Shift{early}, Breaks: []plant.Break{{Days: []plant.Weekday{plant.Fri}, From: clock("10:00"), To: clock("11:00")}}},
			0, "UTC", "2026-03-05", "2026-03-07", "5 06:00-14:00, 6 06:00-10:00, (6 10:00-11:00), 6 11:00-14:00"},
		"maintenance": {plant.Calendar{Shifts: []plant.Shift{early}, Maintenance: []plant.Maintenance{{From: moment("2026-03-05 12:00"), To: moment("2026-03-06 07:00")}}},
			0, "UTC", "2026-03-05", "2026-03-07", "5 06:00-12:00, (5 12:00-14:00), (6 06:00-07:00), 6 07:00-14:00"},
		"maintenance of each week": {plant.Calendar{Shifts: []plant.Shift{early}, Maintenance: []plant.Maintenance{{Days: []plant.Weekday{plant.Fri}, From: moment("06:00"), To: moment("08:00")}}},
			0, "UTC", "2026-03-05", "2026-03-07", "5 06:00-14:00, (6 06:00-08:00), 6 08:00-14:00"},
		"maintenance of another line": {plant.Calendar{Shifts: []plant.Shift{early}, Maintenance: []plant.Maintenance{{From: moment("2026-03-05 12:00"), To: moment("2026-03-06 07:00"), Lines: []string{"x"}}}},
			0, "UTC", "2026-03-05", "2026-03-06", "5 06:00-14:00"},
		"an exception closes": {plant.Calendar{Shifts: []plant.Shift{early}, Exceptions: []plant.Exception{{Date: date("2026-03-05"), Closed: true}}},
			0, "UTC", "2026-03-05", "2026-03-07", "6 06:00-14:00"},
		"an exception goes before a holiday": {plant.Calendar{Shifts: []plant.Shift{early, late}, Holidays: plant.Holidays{Dates: []plant.Date{date("2026-03-05")}},
			Exceptions: []plant.Exception{{From: date("2026-03-05"), To: date("2026-03-06"), Shifts: []plant.Shift{shift("short", "08:00", "12:00")}}}},
			0, "UTC", "2026-03-05", "2026-03-07", "5 08:00-12:00, 6 08:00-12:00"},
		"another day's shifts":                     {plant.Calendar{Shifts: []plant.Shift{early}, Exceptions: []plant.Exception{{Date: date("2026-03-07"), As: plant.Fri}}}, 0, "UTC", "2026-03-07", "2026-03-09", "7 06:00-14:00"},
		"a workday made up":                        {plant.Calendar{Shifts: []plant.Shift{early}, Workdays: []plant.Date{date("2026-03-07")}}, 0, "UTC", "2026-03-07", "2026-03-09", "7 06:00-14:00"},
		"a day worked anyway is not made up":       {plant.Calendar{Shifts: []plant.Shift{early, shift("half", "06:00", "10:00", plant.Sat)}, Workdays: []plant.Date{date("2026-03-07")}}, 0, "UTC", "2026-03-07", "2026-03-09", "7 06:00-10:00"},
		"a wall time that is missing":              {plant.Calendar{Shifts: []plant.Shift{shift("", "02:30", "10:00")}}, 0, "Europe/Berlin", "2026-03-29", "2026-03-30", "29 03:00-10:00"},
		"a wall time that comes twice":             {plant.Calendar{Shifts: []plant.Shift{shift("", "02:30", "04:00")}}, 0, "Europe/Berlin", "2026-10-25", "2026-10-26", "25 02:30-04:00"},
		"all of a shift falls into a missing hour": {plant.Calendar{Shifts: []plant.Shift{shift("", "02:15", "02:45"), shift("", "05:00", "06:00")}}, 0, "Europe/Berlin", "2026-03-29", "2026-03-30", "29 05:00-06:00"},
		"from midnight to midnight":                {plant.Calendar{Shifts: []plant.Shift{shift("", "00:00", "24:00", plant.Mon)}}, 0, "UTC", "2026-03-08", "2026-03-11", "9 00:00-00:00"},
	} {
		s := calendar.New(&c.cal, calendar.Days{Zone: zone(t, c.zone), Starts: c.starts}, "l", none)
		if got := pieces(s, c.from, c.to); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// Clocks change: a night shift is 7 or 9 hours long, a production day 23 or 25.
func TestDaysOf23And25Hours(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	s := calendar.New(&plant.Calendar{Shifts: []plant.Shift{shift("night", "22:00", "06:00")}}, calendar.Days{Zone: z, Starts: 6 * time.Hour}, "", none)
	for _, c := range []struct {
		date       string
		day, night time.Duration
	}{{"2026-03-27", 24, 8}, {"2026-03-28", 23, 7}, {"2026-03-29", 24, 8}, {"2026-10-24", 25, 9}, {"2026-10-25", 24, 8}} {
		from, to := s.Day(s.Start(date(c.date)))
		if got := to.Sub(from); got != c.day*time.Hour {
			t.Errorf("the production day of %s has %v, want %d h", c.date, got, c.day)
		}
		if got := s.Scheduled(from, to); got != c.night*time.Hour {
			t.Errorf("%s has %v scheduled, want %d h", c.date, got, c.night)
		}
	}
}

func TestStretches(t *testing.T) {
	cal := &plant.Calendar{
		Shifts: []plant.Shift{shift("early", "06:00", "14:00", week...), shift("late", "14:00", "22:00", week...)},
		Breaks: []plant.Break{{From: clock("10:00"), To: clock("10:15")}},
	}
	s := calendar.New(cal, calendar.Days{Zone: time.UTC}, "", none)
	at := func(day, text string) plant.Instant { return calendar.Wall(time.UTC, date(day), clock(text).After) }
	p := s.At(at("2026-03-05", "15:00"))
	if p.Kind != calendar.Working || p.From != at("2026-03-05", "10:15") || p.To != at("2026-03-05", "22:00") || p.Stretch != at("2026-03-05", "06:00") {
		t.Errorf("15:00 is in %+v", p)
	}
	if p := s.At(at("2026-03-05", "22:00")); p.Kind != calendar.Off {
		t.Errorf("the end of the last shift is in %+v", p)
	}
	always := calendar.New(&plant.Calendar{Days: append([]plant.Weekday{plant.Sat, plant.Sun}, week...)}, calendar.Days{Zone: time.UTC}, "", none)
	if p := always.At(at("2026-03-05", "22:00")); p.Kind != calendar.Working || p.From != 0 || p.Stretch != 0 {
		t.Errorf("a plant that always runs: %+v", p)
	}
}

// Against a reading of the words minute by minute.
func TestRandomCalendarsMinuteByMinute(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 1))
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana"}
	for i := range 60 {
		z := zone(t, zones[rnd.IntN(len(zones))])
		cal := &plant.Calendar{}
		free := 0
		for free < 20 && len(cal.Shifts) < 3 {
			from := free + rnd.IntN(4)
			to := from + 1 + rnd.IntN(9)
			free = to
			if to > 24 && len(cal.Shifts) == 0 || to <= 24 {
				cal.Shifts = append(cal.Shifts, shift(fmt.Sprint(from), fmt.Sprintf("%02d:%02d", from%24, 0), fmt.Sprintf("%02d:00", to%24), plant.Mon+plant.Weekday(rnd.IntN(7)), plant.Mon))
			}
		}
		for j := range cal.Shifts { // Mon may be there twice
			slices.Sort(cal.Shifts[j].Days)
			cal.Shifts[j].Days = slices.Compact(cal.Shifts[j].Days)
		}
		cal.Breaks = []plant.Break{{From: clock(fmt.Sprintf("%02d:30", rnd.IntN(24))), To: clock(fmt.Sprintf("%02d:45", rnd.IntN(24)))}}
		first := date([]string{"2026-03-06", "2026-03-27", "2026-10-23", "2026-10-30", "2026-04-03"}[rnd.IntN(5)])
		cal.Holidays.Dates = []plant.Date{plant.DateNumber(first.Number() + rnd.IntN(8))}
		s := calendar.New(cal, calendar.Days{Zone: z}, "", none)
		for at := calendar.Wall(z, first, 0); at < calendar.Wall(z, plant.DateNumber(first.Number()+7), 0); at = at.Add(5 * time.Minute) {
			if got, want := s.At(at).Kind, slowly(cal, z, at); got != want {
				t.Fatalf("calendar %d, %v: %+v\ngot kind %d, want %d", i, at.Time().In(z), cal, got, want)
			}
		}
	}
}

// slowly looks at every shift and break of the dates around.
func slowly(cal *plant.Calendar, z *time.Location, at plant.Instant) calendar.Kind {
	today := plant.DateOf(at.Time().In(z)).Number()
	within := func(d plant.Date, from, to plant.Clock) bool {
		end := to.After
		if end <= from.After {
			end += 24 * time.Hour
		}
		return calendar.Wall(z, d, from.After) <= at && at < calendar.Wall(z, d, end)
	}
	in, stop := false, false
	for n := today - 1; n <= today; n++ {
		d := plant.DateNumber(n)
		for _, x := range cal.Shifts {
			if x.On(d.Weekday()) && !slices.Contains(cal.Holidays.Dates, d) && within(d, x.From, x.To) {
				in = true
			}
		}
		for _, b := range cal.Breaks {
			stop = stop || within(d, b.From, b.To)
		}
	}
	switch {
	case in && stop:
		return calendar.Planned
	case in:
		return calendar.Working
	}
	return calendar.Off
}
