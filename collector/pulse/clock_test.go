package pulse

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

func TestClockOffsetsAreToldApart(t *testing.T) {
	zone := func(h, m int) time.Duration { return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute }
	for _, c := range []struct {
		name   string
		behind time.Duration
		kind   Kind
		zone   time.Duration
		future bool
	}{
		{"none", 0, ClockGood, 0, false},
		{"a slow network", 20 * time.Second, ClockGood, 0, false},
		{"+8 h sent as UTC", -zone(8, 0), ClockZone, zone(8, 0), true},
		{"-5 h sent as UTC", zone(5, 0), ClockZone, -zone(5, 0), false},
		{"+5:45 sent as UTC, and 20 s slow", -zone(5, 45) + 20*time.Second, ClockZone, zone(5, 45), true},
		{"three minutes behind", 3 * time.Minute, ClockOff, 0, false},
		{"three minutes ahead", -3 * time.Minute, ClockOff, 0, false},
		{"seven minutes ahead", -7 * time.Minute, ClockAhead, 0, true},
		{"years behind", 20 * 365 * 24 * time.Hour, ClockOff, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.live(start, 100, 10*time.Second, c.behind)
			g := r.gateway()
			if g.Clock != c.kind || g.Zone != c.zone {
				t.Errorf("clock is %s (zone %s), want %s (%s); offset %s", g.Clock, g.Zone, c.kind, c.zone, g.Offset)
			}
			if (g.Offset - c.behind).Abs() > time.Second {
				t.Errorf("offset %s, want %s", g.Offset, c.behind)
			}
			if (g.Future == 100) != c.future {
				t.Errorf("%d future stamps", g.Future)
			}
			if g.Backlogs != 0 || g.Late != 0 || g.Jumps != 0 {
				t.Errorf("a steady offset shows backlogs %d, late %d, jumps %d", g.Backlogs, g.Late, g.Jumps)
			}
		})
	}
}

func TestADriftingClockIsFollowed(t *testing.T) {
	r := newRig(t)
	behind := time.Duration(0)
	for i := range 3000 { // 8 h; the clock loses 0.5 s a minute
		at := start.Add(time.Duration(i) * 10 * time.Second)
		behind = time.Duration(i) * 10 * time.Second / 120
		r.send(r.sample(at.Add(-behind)), at)
	}
	g := r.gateway()
	if (g.Offset-behind).Abs() > 5*time.Second || g.Clock != ClockOff || g.Backlogs != 0 {
		t.Errorf("offset %s, want %s; clock %s, %d backlogs", g.Offset, behind, g.Clock, g.Backlogs)
	}
}

func TestAClockThatIsSetBack(t *testing.T) {
	for _, numbered := range []bool{true, false} {
		for _, by := range []time.Duration{5 * time.Second, time.Minute, 8 * time.Hour, 26 * 365 * 24 * time.Hour} {
			r := newRig(t)
			at := r.live(start, 50, 10*time.Second, 0)
			jumps, late := 0, 0
			for i := range 50 {
				at = at.Add(10 * time.Second)
				s := r.sample(at.Add(-by))
				s.HasSeq = numbered
				seen := r.send(s, at)
				if seen.JumpedBack {
					jumps++
				}
				if seen.Late {
					late++
				}
				if numbered && seen.JumpedBack != (i == 0 && by > 10*time.Second) {
					t.Errorf("numbered, by %s: sample %d: %+v", by, i, seen)
				}
			}
			m := r.seen()
			want := 1
			if by <= 10*time.Second {
				want = 0 // the next stamp is later all the same
			}
			if jumps != want || m.Jumps != uint64(want) || late > runLength-1 || m.Missing != 0 {
				t.Errorf("numbered %v, by %s: %d jumps, %d late, %d missing", numbered, by, jumps, late, m.Missing)
			}
			if want == 1 && (m.Offset-by).Abs() > time.Second {
				t.Errorf("numbered %v: offset %s, want %s", numbered, m.Offset, by)
			}
		}
	}
}

// One stamp from the far future must not make everything after it late.
func TestOneWildStamp(t *testing.T) {
	for _, numbered := range []bool{true, false} {
		r := newRig(t)
		at := r.live(start, 50, 10*time.Second, 0).Add(10 * time.Second)
		wild := r.sample(at.Add(10 * 365 * 24 * time.Hour))
		wild.HasSeq = numbered
		if seen := r.send(wild, at); !seen.Future {
			t.Errorf("%+v", seen)
		}
		late := 0
		for range 50 {
			at = at.Add(10 * time.Second)
			s := r.sample(at)
			s.HasSeq = numbered
			if r.send(s, at).Late {
				late++
			}
		}
		if m := r.seen(); late > runLength-1 || m.Interval != 10*time.Second || r.gateway().Clock != ClockGood {
			t.Errorf("numbered %v: %d late, interval %s, clock %s", numbered, late, m.Interval, r.gateway().Clock)
		}
	}
}

func TestNoDeviceTimeTellsNothingOfTheClock(t *testing.T) {
	r := newRig(t)
	for i := range 50 {
		at := start.Add(time.Duration(i) * 10 * time.Second)
		s := r.sample(at)
		s.Flags |= plant.NoDeviceTime
		r.send(s, at)
	}
	g, m := r.gateway(), r.seen()
	if g.Clock != ClockUnknown || g.HasOffset || m.Timed || m.Interval != 10*time.Second || m.Missing != 0 {
		t.Errorf("%+v %+v", g, m)
	}
}

func TestARetainedMessageProvesNothing(t *testing.T) {
	r := newRig(t)
	s := r.sample(start.Add(-24 * time.Hour))
	s.Flags |= plant.Retained
	r.send(s, start)
	r.live(start.Add(time.Second), 20, 10*time.Second, 0)
	g, m := r.gateway(), r.seen()
	if m.Retained != 1 || m.Samples != 21 || m.Late != 0 || m.Jumps != 0 || g.Backlogs != 0 || g.Clock != ClockGood {
		t.Errorf("%+v %+v", m, g)
	}
}

// Machines of a plant without a gateway may have clocks of their own.
func TestSeveralClocksBehindOneGateway(t *testing.T) {
	r := newRig(t)
	for i := range 100 {
		at := start.Add(time.Duration(i) * 10 * time.Second)
		for k, behind := range []time.Duration{0, -8 * time.Hour} {
			s := r.sample(at.Add(-behind))
			s.Machine, s.Gateway, s.HasSeq = string(rune('a'+k)), "", false
			r.send(s, at)
		}
	}
	if g := r.gateway(); g.Clock != ClockUnsteady || g.Gateway != "" {
		t.Errorf("%+v", g)
	}
}

func TestIntervals(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	jitter := func(d time.Duration) time.Duration { return d + time.Duration(rnd.Int64N(int64(d/10))) - d/20 }
	for _, c := range []struct {
		name     string
		step     func() time.Duration
		unit     plant.Unit
		want     time.Duration
		onChange bool
	}{
		{"100 ms", func() time.Duration { return 100 * time.Millisecond }, plant.Millisecond, 100 * time.Millisecond, false},
		{"1 s with jitter", func() time.Duration { return jitter(time.Second) }, plant.Millisecond, time.Second, false},
		{"1 s in whole seconds", func() time.Duration { return jitter(time.Second) }, plant.Second, time.Second, false},
		{"10 s, one in three lost", func() time.Duration {
			return 10 * time.Second * time.Duration(1+rnd.IntN(3)/2)
		}, plant.Millisecond, 10 * time.Second, false},
		{"1 h", func() time.Duration { return time.Hour }, plant.Second, time.Hour, false},
		{"on change", func() time.Duration { return time.Duration(rnd.ExpFloat64()*60000) * time.Millisecond }, plant.Millisecond, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			at := start
			for range 200 {
				at = at.Add(max(c.step(), time.Millisecond))
				u := plant.Instant(c.unit.Duration())
				s := r.sample(at / u * u)
				s.HasSeq = false
				s.Unit = c.unit
				r.send(s, at)
			}
			m := r.seen()
			if m.OnChange != c.onChange || !c.onChange && (m.Interval-c.want).Abs() > c.want/10 {
				t.Errorf("interval %s, on change %v; want %s, %v", m.Interval, m.OnChange, c.want, c.onChange)
			}
		})
	}
}
