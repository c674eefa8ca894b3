package plant

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Span is a length of time as users write it: 90s, 15m, 4h, or whole
// production days (1d), which are 23 to 25 hours long and therefore kept
// apart. Exactly one of Days and Fixed is set; the zero Span is unset.
type Span struct {
	Days  int
	Fixed time.Duration
}

// IsZero reports whether the span is unset.
func (s Span) IsZero() bool { return s == Span{} }

// ParseSpan reads 90s, 1h30m, 4h or 1d. It refuses zero, negative and mixed
// (1d4h) spans.
func ParseSpan(text string) (Span, error) {
	if n, ok := strings.CutSuffix(text, "d"); ok {
		days, err := strconv.Atoi(n)
		if err != nil || days <= 0 || days > 3660 {
			return Span{}, fmt.Errorf("%q is no span of days; write it like 1d", text)
		}
		return Span{Days: days}, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return Span{}, fmt.Errorf("%q is no span of time; write it like 90s, 15m, 4h or 1d", text)
	}
	return Span{Fixed: d}, nil
}

func (s Span) String() string {
	if s.Days > 0 {
		return strconv.Itoa(s.Days) + "d"
	}
	out := s.Fixed.String()
	if strings.HasSuffix(out, "m0s") {
		out = strings.TrimSuffix(out, "0s")
	}
	if strings.HasSuffix(out, "h0m") {
		out = strings.TrimSuffix(out, "0m")
	}
	return out
}

// MarshalText writes the span as users write it.
func (s Span) MarshalText() ([]byte, error) {
	if s.IsZero() {
		return []byte{}, nil
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads a span; the empty text is unset.
func (s *Span) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*s = Span{}
		return nil
	}
	*s, err = ParseSpan(string(b))
	return err
}

// Duration is a time.Duration that users write like 90s or 15m; 1d is 24 h.
type Duration time.Duration

// UnmarshalText reads 90s, 15m, 4h or 1d (24 h); zero and negative ones are
// refused, as 0 means unset. The empty text is unset.
func (d *Duration) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	s, err := ParseSpan(string(b))
	if err != nil {
		return err
	}
	*d = Duration(s.Fixed + time.Duration(s.Days)*24*time.Hour)
	return nil
}

// MarshalText writes the duration as users write it; unset is empty.
func (d Duration) MarshalText() ([]byte, error) {
	if d == 0 {
		return []byte{}, nil
	}
	return []byte(Span{Fixed: time.Duration(d)}.String()), nil
}

func (d Duration) String() string { return Span{Fixed: time.Duration(d)}.String() }

// Offset is a difference of two clocks: 8h, -90s. At most 26 hours either way,
// the widest that zones are apart.
type Offset time.Duration

const maxOffset = 26 * time.Hour

// UnmarshalText reads 8h or -90s; the empty text is 0.
func (o *Offset) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*o = 0
		return nil
	}
	d, err := time.ParseDuration(string(b))
	if err != nil || d.Abs() > maxOffset {
		return fmt.Errorf("%q is no offset of a clock; write it like 8h or -90s, at most 26h", b)
	}
	*o = Offset(d)
	return nil
}

// MarshalText writes the offset as users write it.
func (o Offset) MarshalText() ([]byte, error) {
	if o == 0 {
		return []byte{}, nil
	}
	return []byte(time.Duration(o).String()), nil
}

func (o Offset) String() string { return time.Duration(o).String() }

// Rate is an amount per hour, written 500/h (also /min, /s, /d).
type Rate struct {
	PerHour float64
	Set     bool
}

// UnmarshalText reads 500/h; the amount must be positive. The empty text is
// unset.
func (r *Rate) UnmarshalText(b []byte) error {
	*r = Rate{}
	if len(b) == 0 {
		return nil
	}
	amount, per, ok := strings.Cut(string(b), "/")
	v, err := strconv.ParseFloat(strings.TrimSpace(amount), 64)
	if !ok || err != nil || !(v > 0) || v > 1e15 {
		return fmt.Errorf("%q is no rate; write it like 500/h", b)
	}
	switch strings.TrimSpace(per) {
	case "h":
	case "min":
		v *= 60
	case "s":
		v *= 3600
	case "d":
		v /= 24
	default:
		return fmt.Errorf("%q is no rate; write it like 500/h (also /s, /min, /d)", b)
	}
	*r = Rate{PerHour: v, Set: true}
	return nil
}

// MarshalText writes the rate per hour; unset is empty.
func (r Rate) MarshalText() ([]byte, error) {
	if !r.Set {
		return []byte{}, nil
	}
	return []byte(strconv.FormatFloat(r.PerHour, 'g', -1, 64) + "/h"), nil
}

// Level is a threshold: a share of normal output (30%) or an absolute rate of
// scheduled time (500/h). The zero Level is unset.
type Level struct {
	Share float64 // 0.3 for 30%
	Rate  Rate
}

// IsZero reports whether the level is unset.
func (l Level) IsZero() bool { return l == Level{} }

// UnmarshalText reads 30% or 500/h; the empty text is unset.
func (l *Level) UnmarshalText(b []byte) error {
	*l = Level{}
	if len(b) == 0 {
		return nil
	}
	if n, ok := strings.CutSuffix(string(b), "%"); ok {
		v, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
		if err != nil || !(v > 0) || v > 1000 {
			return fmt.Errorf("%q is no share; write it like 30%%", b)
		}
		l.Share = v / 100
		return nil
	}
	if err := l.Rate.UnmarshalText(b); err != nil {
		return fmt.Errorf("%q is neither a share like 30%% nor a rate like 500/h", b)
	}
	return nil
}

// MarshalText writes the level as users write it.
func (l Level) MarshalText() ([]byte, error) {
	if l.Rate.Set {
		return l.Rate.MarshalText()
	}
	if l.Share == 0 {
		return []byte{}, nil
	}
	// Twelve digits: a share of 7% is not 7.000000000000001%.
	return []byte(strconv.FormatFloat(l.Share*100, 'g', 12, 64) + "%"), nil
}

// Size is a number of bytes, written 512MiB, 10GiB or 64KB.
type Size int64

// UnmarshalText reads a size; it must be positive.
func (s *Size) UnmarshalText(b []byte) error {
	text := string(b)
	for _, u := range sizeUnits {
		n, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
		if err != nil || !(v > 0) || v*float64(u.bytes) < 1 || v*float64(u.bytes) > 1<<60 {
			break
		}
		*s = Size(v * float64(u.bytes))
		return nil
	}
	return fmt.Errorf("%q is no size; write it like 10GiB or 512MiB", b)
}

// MarshalText writes the size with the largest unit that keeps it whole.
func (s Size) MarshalText() ([]byte, error) {
	for _, u := range sizeUnits {
		if int64(s)%u.bytes == 0 {
			return []byte(strconv.FormatInt(int64(s)/u.bytes, 10) + u.name), nil
		}
	}
	return []byte(strconv.FormatInt(int64(s), 10) + "B"), nil
}

var sizeUnits = []struct {
	name  string
	bytes int64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"kB", 1e3}, {"B", 1},
}
