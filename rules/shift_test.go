package rules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// The day of the scenarios, 2 March 2026, is a Monday.
var weekdays = []plant.Weekday{plant.Mon, plant.Tue, plant.Wed, plant.Thu, plant.Fri}

func onClock(text string) (c plant.Clock) {
	if err := c.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return c
}

func shift(name, from, to string) plant.Shift {
	return plant.Shift{Name: name, Days: weekdays, From: onClock(from), To: onClock(to)}
}

func pause(from, to string) plant.Break {
	return plant.Break{From: onClock(from), To: onClock(to)}
}

// byCalendar makes oneLine a plant with that calendar.
func byCalendar(cal plant.Calendar, more ...func(p *plant.Plant, l *plant.Line)) *plant.Registry {
	reg := oneLine(func(p *plant.Plant, l *plant.Line) {
		p.Calendar = "c"
		for _, change := range more {
			change(p, l)
		}
	})
	cal.Name = "c"
	reg.Calendars = []*plant.Calendar{&cal}
	return reg
}

// early is a shift from 09:00 to 10:00, with a break from 09:30 to 09:40.
var early = plant.Calendar{Shifts: []plant.Shift{shift("early", "09:00", "10:00")}, Breaks: []plant.Break{pause("09:30", "09:40")}}

// beats and parts: a heartbeat each 10 s in [from, to), a part with each.
func (p *play) makes(from, to string, n *int64) {
	p.beat("m", clock(from), clock(to), 10*time.Second, 10*time.Second, n)
}

// idles has heartbeats, and no parts.
func (p *play) idles(from, to string, n *int64) {
	p.beat("m", clock(from), clock(to), 10*time.Second, 0, n)
}

// word publishes a heartbeat with the machine's own word for its state.
func (p *play) word(at, word string, good int64) {
	p.sample(clock(at), &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: clock(at), Unit: plant.Millisecond, State: word,
		Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: good}}})
}

func TestLineStatesByTheCalendar(t *testing.T) {
	twoShifts := plant.Calendar{Shifts: []plant.Shift{shift("a", "09:00", "10:00"), shift("b", "10:00", "12:00")}}
	for name, c := range map[string]struct {
		cal  plant.Calendar
		run  func(p *play, n *int64)
		want []string
	}{
		"off shift, late start, running, off shift": {early, func(p *play, n *int64) {
			p.idles("08:00", "09:25", n)
			p.makes("09:25", "10:00", n) // the first part 09:25:10
			p.idles("10:00", "10:30", n) // the last one 09:59:50: T_run is 1 min
		}, []string{"07:00:00 off_shift first", "09:00:00 short_stop shift_start", "09:20:00 stalled late_start since 08:00:00",
			"09:25:10 running", "10:00:50 off_shift no_part"}},
		"a break: running, unscheduled, then a planned stop": {early, func(p *play, n *int64) {
			p.makes("08:59", "09:32", n) // the last part 09:31:50
			p.idles("09:32", "09:50", n)
		}, []string{"07:00:00 off_shift first", "08:59:10 running unscheduled",
			"09:32:50 planned_stop break", "09:40:00 short_stop stop_end", "09:45:00 stalled unexplained since 09:31:50"}},
		"what stands still before a break is stalled, and anew after it": {early, func(p *play, n *int64) {
			p.makes("09:00", "09:20", n) // 09:19:50
			p.idles("09:20", "09:50", n)
		}, []string{"07:00:00 off_shift first", "09:00:00 unknown never_seen", "09:00:00 short_stop", "09:00:10 running", "09:20:50 short_stop no_part", "09:24:50 stalled unexplained since 09:19:50",
			"09:30:00 planned_stop break", "09:40:00 short_stop stop_end", "09:45:00 stalled unexplained since 09:19:50"}},
		"switched off at the end of the shift": {early, func(p *play, n *int64) {
			p.makes("09:50", "10:00", n)
			p.tick(clock("10:00"))
			p.tick(clock("11:00")) // silent at 10:00:20: off shift, not unknown
		}, []string{"07:00:00 off_shift first", "09:00:00 unknown never_seen", "09:50:00 short_stop", "09:50:10 running", "10:00:20 off_shift silent"}},
		"silent when the shift begins": {early, func(p *play, n *int64) {
			p.idles("08:00", "08:10", n)
			p.tick(clock("09:10"))
			p.idles("09:12:03", "09:25", n)
		}, []string{"07:00:00 off_shift first", "09:00:00 unknown silent", "09:12:03 short_stop", "09:20:00 stalled late_start since 08:00:00"}},
		"a change of shift is no shift start": {twoShifts, func(p *play, n *int64) {
			p.makes("09:00", "09:58", n) // 09:57:50
			p.idles("09:58", "10:10", n)
		}, []string{"07:00:00 off_shift first", "09:00:00 unknown never_seen", "09:00:00 short_stop", "09:00:10 running", "09:58:50 short_stop no_part", "10:02:50 stalled unexplained since 09:57:50"}},
		"running, unscheduled": {early, func(p *play, n *int64) {
			p.makes("10:30", "10:40", n) // 10:39:50
			p.idles("10:40", "10:45", n)
		}, []string{"07:00:00 off_shift first", "09:00:00 unknown never_seen", "10:00:00 off_shift shift_end", "10:30:10 running unscheduled", "10:40:50 off_shift no_part"}},
		"an edge before what the next sample shows": {early, func(p *play, n *int64) {
			p.makes("09:20", "09:29", n) // 09:28:50: a short stop at 09:29:50, the break at 09:30
			p.idles("09:29", "09:29:50", n)
			p.idles("09:30:05", "09:31", n)
		}, []string{"07:00:00 off_shift first", "09:00:00 unknown never_seen", "09:20:00 short_stop", "09:20:10 running", "09:29:50 short_stop no_part", "09:30:00 planned_stop break"}},
		"never heard: off shift at night, unknown by day": {early, func(p *play, n *int64) { p.tick(clock("11:00")) },
			[]string{"07:00:00 off_shift first", "09:00:00 unknown never_seen", "10:00:00 off_shift shift_end"}},
		"bad quality in a break is unknown, at night it is off shift": {early, func(p *play, n *int64) {
			p.idles("09:30", "09:31", n)
			p.sample(clock("09:31"), &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: clock("09:31"), Flags: plant.BadQuality})
			p.tick(clock("10:00:01"))
		}, []string{"07:00:00 off_shift first", "09:00:00 unknown never_seen", "09:30:00 planned_stop break", "09:31:00 unknown bad_quality", "10:00:00 off_shift shift_end"}},
		"a machine says why": {plant.Calendar{Days: append([]plant.Weekday{plant.Sat, plant.Sun}, weekdays...)}, func(p *play, n *int64) {
			p.makes("09:00", "09:10", n) // 09:09:50
			for _, at := range []string{"09:10", "09:10:20", "09:10:40", "09:11", "09:11:20", "09:11:40", "09:12", "09:12:20", "09:12:40", "09:13", "09:13:20", "09:13:40", "09:14", "09:14:20", "09:14:40", "09:15"} {
				p.word(at, "Held", *n)
			}
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:10:50 short_stop no_part", "09:14:50 stalled internal since 09:09:50"}},
		"a machine reports a changeover": {plant.Calendar{Days: weekdays}, func(p *play, n *int64) {
			p.makes("09:00", "09:10", n) // 09:09:50
			p.word("09:10", "changeover", *n)
			p.idles("09:10:10", "09:20", n)
			p.word("09:20", "idle", *n)
			p.idles("09:20:10", "09:26", n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:10:50 planned_stop changeover", "09:20:00 short_stop no_part", "09:25:00 stalled unexplained since 09:09:50"}},
		"unavailable is no standstill": {plant.Calendar{Days: weekdays}, func(p *play, n *int64) {
			p.makes("09:00", "09:10", n)
			p.word("09:10", "UNAVAILABLE", *n)
			p.word("09:10:10", "active", *n)
		}, []string{"09:00:00 short_stop first", "09:00:10 running", "09:10:00 unknown no_data", "09:10:10 running"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, n := newPlay(t, clock("07:00"), byCalendar(c.cal), quick()), int64(100)
			c.run(p, &n)
			p.wantLines(c.want...)
		})
	}
}

// wantLines is want for lines, with reasons where they say more than the word.
func (p *play) wantLines(want ...string) {
	p.t.Helper()
	var got []string
	for _, x := range p.got {
		if x.Kind != plant.KindLine {
			continue
		}
		text := x.At.Time().Format("15:04:05") + " " + x.To
		if x.Reason != "heard" && x.Reason != "first_part" && !x.First {
			text += " " + x.Reason
		}
		if x.First {
			text += " first"
		}
		if x.To == "stalled" {
			text += " since " + x.Since.Time().Format("15:04:05")
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("lines:\n  %q\nwant:\n  %q", got, want)
	}
}

func TestDeclaredStops(t *testing.T) {
	p, n := newPlay(t, clock("07:00"), byCalendar(early), quick()), int64(100)
	p.makes("09:00", "09:05", &n) // 09:04:50
	p.step(rules.Event{Kind: rules.Declared, At: clock("09:05"), Declaration: &plant.Declaration{ID: "1", Kind: plant.DeclareChangeover, Plant: "p", Line: "l", From: clock("09:06"), To: clock("09:12")}})
	p.idles("09:05", "09:30", &n)
	p.wantLines("07:00:00 off_shift first", "09:00:00 unknown never_seen", "09:00:00 short_stop", "09:00:10 running", "09:05:50 short_stop no_part", "09:06:00 planned_stop changeover",
		"09:12:00 short_stop stop_end", "09:17:00 stalled unexplained since 09:04:50")
}

// hours plays windows of 15 minutes with scheduled time from 09:00 to 10:00
// only: 100 is a window's normal output.
func TestWindowsWithoutScheduledTimeDoNotExist(t *testing.T) {
	cal := plant.Calendar{Shifts: []plant.Shift{shift("s", "09:00", "10:00")}}
	cfg := holding() // both holds 30m
	p := newPlay(t, clock("08:00"), byCalendar(cal, perMinute), cfg)
	for minute := 0; minute <= 26*60; minute++ {
		at := clock("08:00").Add(time.Duration(minute) * time.Minute)
		made := 0.0
		if hour := at.Time().Hour(); hour == 10 || at > clock("09:30") && at <= clock("10:00") || at.Time().Day() == 3 {
			made = 80.0 / 15 // and an hour after the shift's end, which counts nowhere
		}
		p.delta(at, made)
	}
	p.want(plant.KindPhase, "09:30:00 stopped first 0.00", "09:45:00 ramping_up 0.80", "10:00:00 resumed 0.80")
	for _, w := range p.wins {
		if h := w.Verdict.To.Time(); h.Hour() < 9 || h.Hour() > 10 || h.Hour() == 10 && h.Minute() > 0 {
			t.Errorf("there is a window to %v, outside the shift", h)
		}
	}
	if len(p.wins) != 7 { // four on Monday, those to 09:45 on Tuesday
		t.Errorf("%d windows, want 7", len(p.wins))
	}
}

// A window with half a shift in it: R counts scheduled time only, output all.
func TestRecoveryInAWindowPartlyScheduled(t *testing.T) {
	cal := plant.Calendar{Shifts: []plant.Shift{shift("s", "09:05", "09:30")}, Breaks: []plant.Break{pause("09:10", "09:13")}}
	p := newPlay(t, clock("08:50"), byCalendar(cal, perMinute), quick())
	// Window 09:00 to 09:15: scheduled 09:05 to 09:10 and 09:13 to 09:15, 7
	// minutes: normal 400/h * 7/60 = 46.67. Made: 2 before, 10 in the shift.
	// Not heard from 09:03 to 09:08: 3 scheduled minutes, 20 more at most.
	for _, minute := range []int{0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16} {
		made := 1.0
		if minute == 0 || minute == 3 || minute == 16 {
			made = 0
		}
		if minute == 9 {
			made = 4
		}
		p.delta(clock("09:00").Add(time.Duration(minute)*time.Minute), made)
	}
	v := p.wins[0].Verdict
	if v.To != clock("09:15") {
		t.Fatalf("the first window ends %v", v.To)
	}
	const normal, made = 400.0 * 7 / 60, 13.0
	near := func(what string, got, want float64) {
		t.Helper()
		if got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("normal output", v.NormalOutput, normal)
	near("output", v.Output, made)
	near("R low", *v.RecoveryLow, made/normal)
	near("R high", *v.RecoveryHigh, (made+400.0*3/60)/normal)
	near("coverage", v.Coverage, 4.0/7)
}
