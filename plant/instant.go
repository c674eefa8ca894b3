package plant

import (
	"encoding/binary"
	"fmt"
	"time"
)

// Instant is a point in time in nanoseconds since the Unix epoch, UTC. It is
// used instead of time.Time wherever millions are kept: eight bytes, ordered
// by <, and without a zone that could differ. The zero Instant means "never".
type Instant int64

// InstantOf converts t, dropping its zone and monotonic reading.
func InstantOf(t time.Time) Instant { return Instant(t.UnixNano()) }

// Time returns i in UTC.
func (i Instant) Time() time.Time { return time.Unix(0, int64(i)).UTC() }

// Add returns i moved by d.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// String returns i as MarshalText writes it, or "never" for zero.
func (i Instant) String() string {
	if i == 0 {
		return "never"
	}
	return i.Time().Format(i.layout())
}

const (
	layoutMilli = "2006-01-02T15:04:05.000Z07:00"
	layoutNano  = "2006-01-02T15:04:05.000000000Z07:00"
)

// layout shows milliseconds, or all digits where there are more: reading back
// gives the same instant.
func (i Instant) layout() string {
	if i%Instant(time.Millisecond) == 0 {
		return layoutMilli
	}
	return layoutNano
}

// MarshalText writes RFC 3339 with three or nine digits of a second; zero is
// the empty text.
func (i Instant) MarshalText() ([]byte, error) {
	if i == 0 {
		return []byte{}, nil
	}
	return i.Time().AppendFormat(nil, i.layout()), nil
}

// UnmarshalText reads RFC 3339 with any fraction; the empty text is zero.
func (i *Instant) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*i = 0
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return err
	}
	*i = InstantOf(t)
	return nil
}

// MarshalBinary writes the nanoseconds, eight bytes big endian; zero is none.
func (i Instant) MarshalBinary() ([]byte, error) {
	if i == 0 {
		return nil, nil
	}
	return binary.BigEndian.AppendUint64(nil, uint64(i)), nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (i *Instant) UnmarshalBinary(data []byte) error {
	switch len(data) {
	case 0:
		*i = 0
	case 8:
		*i = Instant(binary.BigEndian.Uint64(data))
	default:
		return fmt.Errorf("an instant has 8 bytes, not %d", len(data))
	}
	return nil
}
