package scenario

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

func testClock() *clock {
	start := time.Date(2026, 3, 28, 6, 0, 0, 0, time.UTC)
	return &clock{zone: time.UTC, start: plant.InstantOf(start), day: plant.DateOf(start)}
}

// Whatever a course is, it is refused, or its stretches say how long they last.
func FuzzCourse(f *testing.F) {
	for _, text := range []string{
		"0 until 09:00 400/h until 11:02", "+1x90 _x60 +0x30", `=5 x3 bad late=10m state="a b"`, "0 for 1d kept, 1e9/s x2 twice",
		"400/h until 2026-03-29 07:00:30 lost ahead=7m", "0/h x1", "+1x", "\"", "x x x", "until", "=1e300", "+NaN", "0 until mon", "_ for -1s",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stretches, err := parseCourse(text, testClock())
		if err == nil && len(stretches) == 0 {
			t.Errorf("%q is no course, and nobody says so", text)
		}
		for _, s := range stretches {
			kinds := 0
			for _, is := range []bool{s.samples > 0, s.span > 0, s.until > 0} {
				if is {
					kinds++
				}
			}
			if err == nil && (kinds != 1 || s.each < 0 || s.rate < 0 || s.late < 0 || s.samples > maxSamples) {
				t.Errorf("%q has the stretch %+v", text, s)
			}
		}
	})
}

// A change that can be read is written as it would be read again.
func FuzzChange(f *testing.F) {
	for _, text := range []string{
		"09:15 ramping up 0.80", "2026-03-29 stopped first 0.05..0.10", "sun 11:15 stopped relapsed, none", "11:07 stalled since 11:02 (unexplained)",
		"11:07 short stop since sun 11:02", "09:00:00.5 running", "24:00 resumed 1e9", "09:00 unknown (a b", "2026-03-28T09:00:00+02:00 running", ":",
		"09:12 firing since 09:10", "09:40 inactive",
	} {
		for of := range uint8(3) {
			f.Add(text, of)
		}
	}
	f.Fuzz(func(t *testing.T, text string, of uint8) {
		c, kind := testClock(), []string{plant.KindPhase, plant.KindLine, plant.KindAlert}[of%3]
		x, err := parseChange(text, kind, c)
		if err != nil {
			return
		}
		written := x.write(c)
		again, err := parseChange(written, kind, c)
		if err != nil || again.at.Sub(x.at).Abs() >= time.Millisecond || again.to != x.to || again.first != x.first || again.relapsed != x.relapsed ||
			(again.recovery == nil) != (x.recovery == nil) || (again.low == nil) != (x.low == nil) {
			t.Errorf("%q is written %q, which is %+v (%v), not %+v", text, written, again, err, x)
		}
	})
}

// Whatever a file is, it is refused in words or it can be played.
func FuzzLoad(f *testing.F) {
	f.Add(ground)
	files, err := filepath.Glob(shipped + "*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Load(write(t, text))
		if err != nil {
			if plant.CodeOf(err) != plant.CodeInvalid || err.Error() == "" {
				t.Errorf("it is refused so: %v", err)
			}
			return
		}
		if len(s.records.rows) > 50_000 || s.end.Sub(s.clock.start) > 40*24*time.Hour {
			return // it would take too long
		}
		if _, err := s.Run(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
