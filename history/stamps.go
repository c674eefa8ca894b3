package history

import (
	"strings"
	"time"
)

// stampReader reads stamps of a layout. Files of several machines say the same
// one again and again, and it is read once.
type stampReader struct {
	layout string
	zone   *time.Location
	local  bool // the layout has no zone: a time may come twice
	text   string
	at     time.Time
}

func newStampReader(layout string, zone *time.Location) stampReader {
	exact := time.Date(2018, 11, 23, 22, 45, 0, 0, time.FixedZone("", 4500))
	back, err := time.ParseInLocation(layout, exact.Format(layout), time.UTC)
	return stampReader{layout: layout, zone: zone, local: err != nil || !back.Equal(exact)}
}

func (s *stampReader) read(text string) (time.Time, error) {
	if text == s.text && text != "" {
		return s.at, nil
	}
	at, err := time.ParseInLocation(s.layout, text, s.zone)
	if err == nil {
		if first, twice := s.other(at, -1); twice {
			at = first
		}
		s.text, s.at = strings.Clone(text), at
	}
	return at, err
}

// again is when the wall shows the time of t a second time, as the clocks are
// set back: an export in local time has those rows twice.
func (s *stampReader) again(t time.Time) (time.Time, bool) { return s.other(t, 1) }

// other is an instant before (-1) or after (1) t at which the wall shows the
// same time.
func (s *stampReader) other(t time.Time, sign time.Duration) (time.Time, bool) {
	if !s.local {
		return t, false
	}
	for _, by := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if o := t.Add(sign * by); o.Hour() == t.Hour() && o.Minute() == t.Minute() {
			return o, true
		}
	}
	return t, false
}

// DayStart is the midnight that begins t's day in t's zone; where clocks
// change at midnight, the first instant of the day.
func DayStart(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
