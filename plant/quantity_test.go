package plant

import (
	"encoding"
	"testing"
	"time"
)

// roundTrip reads text into v and returns what v writes.
func roundTrip(t *testing.T, v encoding.TextUnmarshaler, text string) (string, error) {
	t.Helper()
	if err := v.UnmarshalText([]byte(text)); err != nil {
		return "", err
	}
	b, err := v.(encoding.TextMarshaler).MarshalText()
	if err != nil {
		t.Fatalf("MarshalText of %q: %v", text, err)
	}
	return string(b), nil
}

func TestSpan(t *testing.T) {
	for text, want := range map[string]Span{
		"90s": {Fixed: 90 * time.Second}, "15m": {Fixed: 15 * time.Minute}, "4h": {Fixed: 4 * time.Hour},
		"1h30m": {Fixed: 90 * time.Minute}, "10m": {Fixed: 10 * time.Minute}, "20h": {Fixed: 20 * time.Hour},
		"100ms": {Fixed: 100 * time.Millisecond}, "1d": {Days: 1}, "30d": {Days: 30}, "24h": {Fixed: 24 * time.Hour}, "": {},
	} {
		var got Span
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, err, want)
		}
		back, _ := got.MarshalText()
		var again Span
		if err := again.UnmarshalText(back); err != nil || again != want {
			t.Errorf("%q was written as %q, which is %+v, %v", text, back, again, err)
		}
	}
	for _, text := range []string{"0s", "-5m", "0d", "-1d", "1.5d", "1d4h", "5", "d", "10 m", "9999d", "x", "1w"} {
		if got, err := ParseSpan(text); err == nil {
			t.Errorf("ParseSpan(%q) = %+v, want an error", text, got)
		}
	}
}

func TestSpanIsWrittenAsUsersWriteIt(t *testing.T) {
	for text, want := range map[string]string{"60m": "1h", "90m": "1h30m", "600s": "10m", "90s": "1m30s", "7d": "7d", "": ""} {
		if got, err := roundTrip(t, new(Span), text); err != nil || got != want {
			t.Errorf("%q was written as %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"10s": 10 * time.Second, "1d": 24 * time.Hour, "": 0} {
		var got Duration
		if err := got.UnmarshalText([]byte(text)); err != nil || time.Duration(got) != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
		if back, err := roundTrip(t, new(Duration), text); err != nil || text == "" && back != "" {
			t.Errorf("%q was written as %q, %v", text, back, err)
		}
	}
	for _, text := range []string{"0s", "-1s", "10", "soon"} {
		if err := new(Duration).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as a duration", text)
		}
	}
}

func TestRate(t *testing.T) {
	for text, want := range map[string]float64{
		"500/h": 500, "10/min": 600, "0.5/s": 1800, "4800/d": 200, " 500 / h ": 500, "7/min": 420,
	} {
		var got Rate
		if err := got.UnmarshalText([]byte(text)); err != nil || !got.Set || got.PerHour != want {
			t.Errorf("%q is %+v, %v; want %v per hour", text, got, err, want)
		}
		var again Rate
		back, _ := got.MarshalText()
		if err := again.UnmarshalText(back); err != nil || again != got {
			t.Errorf("%q was written as %q, which is %+v, %v", text, back, again, err)
		}
	}
	if got, err := roundTrip(t, &Rate{PerHour: 1, Set: true}, ""); got != "" || err != nil {
		t.Errorf("the empty rate was written as %q, %v", got, err)
	}
	if got, err := roundTrip(t, new(Rate), "4072.2/d"); err != nil || got != "169.67499999999998/h" {
		t.Errorf("4072.2/d was written as %q, %v", got, err)
	}
	for _, text := range []string{"500", "/h", "500/", "500/week", "-1/h", "0/h", "NaN/h", "Inf/h", "1e16/h", "500/h/h"} {
		if err := new(Rate).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as a rate", text)
		}
	}
}

func TestLevel(t *testing.T) {
	for text, want := range map[string]Level{
		"30%": {Share: 0.3}, "7%": {Share: 0.07}, "0.5 %": {Share: 0.005}, "110%": {Share: 1.1},
		"500/h": {Rate: Rate{PerHour: 500, Set: true}}, "": {},
	} {
		var got Level
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, err, want)
		}
	}
	for share := 1; share <= 1000; share++ {
		l := Level{Share: float64(share) / 100}
		text, _ := l.MarshalText()
		var again Level
		if err := again.UnmarshalText(text); err != nil || again != l || len(text) > 5 {
			t.Fatalf("%d %% was written as %q, which is %+v, %v", share, text, again, err)
		}
	}
	for _, text := range []string{"30", "0%", "-1%", "%", "NaN%", "1001%", "thirty"} {
		if err := new(Level).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as a level", text)
		}
	}
	old := Level{Share: 0.3}
	if err := old.UnmarshalText([]byte("500/h")); err != nil || old.Share != 0 {
		t.Errorf("a rate left the share standing: %+v, %v", old, err)
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]Size{
		"10GiB": 10 << 30, "512MiB": 512 << 20, "1KiB": 1 << 10, "64KB": 64_000, "1kB": 1000, "1GB": 1e9, "1.5GiB": 3 << 29, "7B": 7, "1 MiB": 1 << 20,
	} {
		var got Size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
		var again Size
		back, _ := got.MarshalText()
		if err := again.UnmarshalText(back); err != nil || again != want {
			t.Errorf("%q was written as %q, which is %d, %v", text, back, again, err)
		}
	}
	if got, _ := Size(10 << 30).MarshalText(); string(got) != "10GiB" {
		t.Errorf("10 << 30 bytes are written %q", got)
	}
	for _, text := range []string{"", "10", "0B", "-1GiB", "GiB", "10gib", "10G", "9e30GiB", "NaNB", "2000000TiB"} {
		if err := new(Size).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as a size", text)
		}
	}
	if err := new(Size).UnmarshalText([]byte("0.1B")); err == nil {
		t.Error("a part of a byte was read as a size")
	}
}

func TestInterval(t *testing.T) {
	for text, want := range map[string]Interval{"10s": {Every: 10 * time.Second}, "on-change": {OnChange: true}, "": {}} {
		var got Interval
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, err, want)
		}
		if back, err := roundTrip(t, new(Interval), text); err != nil || back != text {
			t.Errorf("%q was written as %q, %v", text, back, err)
		}
	}
	for _, text := range []string{"0s", "onchange", "-1s"} {
		if err := new(Interval).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as an interval", text)
		}
	}
}

func TestInstant(t *testing.T) {
	at := InstantOf(time.Date(2020, 2, 29, 23, 59, 59, 123_456_789, time.FixedZone("", 8*3600)))
	for i, want := range map[Instant]string{
		at:           "2020-02-29T15:59:59.123456789Z",
		at - 456_789: "2020-02-29T15:59:59.123Z",
	} {
		if got := i.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		text, _ := i.MarshalText()
		var back Instant
		if err := back.UnmarshalText(text); err != nil || back != i {
			t.Errorf("%s was read as %v, %v", text, back, err)
		}
	}
	if got := at.Add(time.Second).Sub(at); got != time.Second {
		t.Errorf("got %v, want 1s", got)
	}
	if got := Instant(0).String(); got != "never" {
		t.Errorf("the zero instant is %q", got)
	}
	var back Instant
	if err := back.UnmarshalText([]byte("2020-02-29T23:59:59.123456789+08:00")); err != nil || back != at {
		t.Errorf("all nine digits were read as %v, %v; want %v", back, err, at)
	}
	if err := back.UnmarshalText(nil); err != nil || back != 0 {
		t.Errorf("the empty text is %v, %v", back, err)
	}
	if err := back.UnmarshalText([]byte("yesterday")); err == nil {
		t.Error("yesterday was read as an instant")
	}
}
