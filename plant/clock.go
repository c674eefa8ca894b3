package plant

import (
	"fmt"
	"strings"
	"time"
)

// Clock is a time of day on the wall, 00:00 to 24:00.
type Clock struct {
	After time.Duration // midnight
	Set   bool
}

// IsZero reports whether the clock is unset.
func (c Clock) IsZero() bool { return !c.Set }

func (c Clock) String() string {
	return fmt.Sprintf("%02d:%02d", c.After/time.Hour, c.After%time.Hour/time.Minute)
}

// MarshalText writes 15:04; unset is empty.
func (c Clock) MarshalText() ([]byte, error) {
	if !c.Set {
		return []byte{}, nil
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads 15:04, 6:00 or 24:00; the empty text is unset.
func (c *Clock) UnmarshalText(b []byte) error {
	*c = Clock{}
	if len(b) == 0 {
		return nil
	}
	if string(b) == "24:00" {
		*c = Clock{After: 24 * time.Hour, Set: true}
		return nil
	}
	after, err := parseClock(string(b))
	if err != nil {
		return err
	}
	*c = Clock{After: after, Set: true}
	return nil
}

// Moment is a time on the wall, with its date or (of each day) without.
type Moment struct {
	Date  Date
	Clock Clock
}

// IsZero reports whether the moment is unset.
func (m Moment) IsZero() bool { return m.Date.IsZero() && !m.Clock.Set }

// MarshalText writes 2006-01-02 15:04, or 15:04; unset is empty.
func (m Moment) MarshalText() ([]byte, error) {
	switch {
	case m.IsZero():
		return []byte{}, nil
	case m.Date.IsZero():
		return m.Clock.MarshalText()
	}
	return []byte(m.Date.String() + " " + m.Clock.String()), nil
}

// UnmarshalText reads 2006-01-02 15:04, 2006-01-02 (its beginning) or 15:04.
func (m *Moment) UnmarshalText(b []byte) error {
	*m = Moment{}
	text := strings.Replace(string(b), "T", " ", 1)
	date, clock, both := strings.Cut(text, " ")
	if !both && strings.Contains(text, ":") {
		date, clock = "", text
	}
	if m.Date.UnmarshalText([]byte(date)) != nil || m.Clock.UnmarshalText([]byte(clock)) != nil {
		return fmt.Errorf("%q is no time; write it like 2026-05-01 06:00, or 06:00 with days", b)
	}
	if len(b) > 0 && !m.Clock.Set {
		m.Clock.Set = true
	}
	return nil
}
