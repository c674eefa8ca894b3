package plant

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestPhaseWords(t *testing.T) {
	for p, want := range map[Phase]string{
		PhaseUnknown: "unknown", Stopped: "stopped", RampingUp: "ramping_up", Resumed: "resumed", Normal: "normal", Excluded: "excluded",
	} {
		if got := p.String(); got != want {
			t.Errorf("phase %d is %q, want %q", p, got, want)
		}
		var back Phase
		if err := back.UnmarshalText([]byte(want)); err != nil || back != p {
			t.Errorf("%q is phase %d, %v; want %d", want, back, err, p)
		}
	}
	if got := Phase(200).String(); got != "invalid(200)" {
		t.Errorf("phase 200 is %q", got)
	}
	if err := new(Phase).UnmarshalText([]byte("running")); err == nil {
		t.Error("running was read as a phase")
	}
}

func TestLineStateWords(t *testing.T) {
	for s, want := range map[LineState]string{
		LineUnknown: "unknown", Running: "running", ShortStop: "short_stop", Stalled: "stalled",
		PlannedStop: "planned_stop", OffShift: "off_shift", Commissioning: "commissioning",
	} {
		if got := s.String(); got != want {
			t.Errorf("state %d is %q, want %q", s, got, want)
		}
		var back LineState
		if err := back.UnmarshalText([]byte(want)); err != nil || back != s {
			t.Errorf("%q is state %d, %v; want %d", want, back, err, s)
		}
	}
	if err := new(LineState).UnmarshalText([]byte("resumed")); err == nil {
		t.Error("resumed was read as a line's state")
	}
}

func TestErrorKeepsCodeAndCause(t *testing.T) {
	err := fmt.Errorf("starting: %w", Errorf(CodeUnavailable, "cannot open: %w", fs.ErrPermission))
	if got, want := err.Error(), "starting: cannot open: permission denied"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := CodeOf(err); got != CodeUnavailable {
		t.Errorf("its code is %q, want %q", got, CodeUnavailable)
	}
	if !errors.Is(err, fs.ErrPermission) {
		t.Error("its cause was lost")
	}
	if got := CodeOf(fs.ErrPermission); got != CodeInternal {
		t.Errorf("an error without a code has %q", got)
	}
	if got := CodeOf(nil); got != "" {
		t.Errorf("no error has the code %q", got)
	}
}

func TestProblems(t *testing.T) {
	if err := (Problems)(nil).Err(); err != nil {
		t.Errorf("no problems are the error %v", err)
	}
	ps := Problems{
		{File: "a.yaml", Line: 3, Path: "plants[0].id", What: "is empty"},
		{File: "b.csv", What: "is not UTF-8"},
		{Path: "--http.listen", What: "is no address"},
	}
	err := ps.Err()
	want := "a.yaml:3: plants[0].id: is empty\nb.csv: is not UTF-8\n--http.listen: is no address"
	if got := err.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := CodeOf(err); got != CodeInvalid {
		t.Errorf("their code is %q", got)
	}
	var back Problems
	if !errors.As(err, &back) || len(back) != 3 {
		t.Errorf("the problems were lost: %v", back)
	}
}

func TestUnitAndFlags(t *testing.T) {
	for u, want := range map[Unit]int64{Nanosecond: 1, Microsecond: 1e3, Millisecond: 1e6, Second: 1e9} {
		if got := u.Duration().Nanoseconds(); got != want {
			t.Errorf("unit %d is %d ns, want %d", u, got, want)
		}
	}
	if f := BadQuality | Delta; !f.Has(Delta) || f.Has(Delta|Retained) || !f.Has(0) {
		t.Errorf("Has is wrong for %b", f)
	}
	s := Sample{Fields: []Field{{Name: "good", Kind: Int, Int: 7}, {Name: "temp", Float: 61.5}}}
	if f, ok := s.Field("temp"); !ok || f.Float != 61.5 {
		t.Errorf("temp is %+v, %v", f, ok)
	}
	if _, ok := s.Field("scrap"); ok {
		t.Error("an absent field was found")
	}
}
