package calendar

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Days knows where a plant's production days begin.
type Days struct {
	Zone   *time.Location
	Starts time.Duration // after local midnight
}

// Equal compares zones by name: each registry loads its own.
func (d Days) Equal(o Days) bool { return d.Starts == o.Starts && d.Zone.String() == o.Zone.String() }

// Wall is the instant of a time on the wall: after is 0 to 48 h after
// midnight. A wall time that comes twice is the first; a missing one is the
// moment the clocks change.
func Wall(zone *time.Location, date plant.Date, after time.Duration) plant.Instant {
	want := time.Date(date.Year, date.Month, date.Day, 0, 0, 0, 0, time.UTC).Add(after)
	t := time.Date(want.Year(), want.Month(), want.Day(), want.Hour(), want.Minute(), 0, 0, zone)
	if !sameWall(t, want) {
		// Missing: the change lies between the two offsets.
		_, before := t.Add(-24 * time.Hour).Zone()
		about := want.Add(-time.Duration(before) * time.Second)
		return plant.InstantOf(change(zone, about.Add(-4*time.Hour), about.Add(4*time.Hour)))
	}
	for _, back := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if e := t.Add(-back); sameWall(e, want) {
			return plant.InstantOf(e)
		}
	}
	return plant.InstantOf(t)
}

func sameWall(t, want time.Time) bool {
	return t.Day() == want.Day() && t.Hour() == want.Hour() && t.Minute() == want.Minute()
}

// change finds the moment between a and b where zone changes its offset.
func change(zone *time.Location, a, b time.Time) time.Time {
	_, before := a.In(zone).Zone()
	for b.Sub(a) > time.Second {
		mid := a.Add(b.Sub(a) / 2)
		if _, off := mid.In(zone).Zone(); off == before {
			a = mid
		} else {
			b = mid
		}
	}
	return b.Truncate(time.Second)
}

// Start is when the production day of a date begins.
func (d Days) Start(date plant.Date) plant.Instant { return Wall(d.Zone, date, d.Starts) }

// Date is the date of the production day that holds the moment just after t.
func (d Days) Date(t plant.Instant) plant.Date {
	n := plant.DateOf(t.Time().In(d.Zone)).Number()
	for _, date := range []plant.Date{plant.DateNumber(n + 1), plant.DateNumber(n)} {
		if d.Start(date) <= t {
			return date
		}
	}
	return plant.DateNumber(n - 1)
}

// Day returns the production day that holds the moment just after t.
func (d Days) Day(t plant.Instant) (from, to plant.Instant) {
	date := d.Date(t)
	return d.Start(date), d.Start(plant.DateNumber(date.Number() + 1))
}

// Number counts production days since 1970 by the date they start on.
func (d Days) Number(start plant.Instant) int { return d.Date(start).Number() }
