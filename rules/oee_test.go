package rules_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// eightHours is a shift from 06:00 to 14:00, with a break from 10:00 to 10:15.
var eightHours = plant.Calendar{Shifts: []plant.Shift{shift("early", "06:00", "14:00")}, Breaks: []plant.Break{pause("10:00", "10:15")}}

// counted publishes totals of good parts and scrap each 10 s in [from, to],
// as the functions have them.
func (p *play) counted(from, to string, good, scrap func(at plant.Instant) int64) {
	for at := clock(from); at <= clock(to); at = at.Add(10 * time.Second) {
		x := &plant.Sample{Plant: "p", Line: "l", Machine: "m", Stamp: at, Unit: plant.Millisecond, Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: good(at)}}}
		if scrap != nil {
			x.Fields = append(x.Fields, plant.Field{Name: "scrap", Kind: plant.Int, Int: scrap(at)})
		}
		p.sample(at, x)
	}
}

// even makes n units evenly in the times between each pair of clocks.
func even(n int64, pairs ...string) func(at plant.Instant) int64 {
	var whole time.Duration
	for i := 0; i < len(pairs); i += 2 {
		whole += clock(pairs[i+1]).Sub(clock(pairs[i]))
	}
	return func(at plant.Instant) int64 {
		var past time.Duration
		for i := 0; i < len(pairs); i += 2 {
			past += max(min(at, clock(pairs[i+1])).Sub(clock(pairs[i])), 0)
		}
		return int64(float64(n) * float64(past) / float64(whole))
	}
}

func figures(f *plant.ShiftFigures) string {
	say := func(name string, r *float64) string {
		if r == nil {
			return name + " -"
		}
		return fmt.Sprintf("%s %.4f", name, *r)
	}
	return strings.Join([]string{f.Shift, f.From.Time().Format("15:04") + "-" + f.To.Time().Format("15:04"), fmt.Sprintf("PBT %g APT %g PQ %g GQ %g", f.PlannedBusy, math.Round(f.Production*1e3)/1e3, math.Round(f.Produced*1e6)/1e6, math.Round(f.Good*1e6)/1e6),
		say("A", f.Availability), say("E", f.Effectiveness), say("Q", f.Quality), say("OEE", f.OEE), say("to", f.OEEHigh), fmt.Sprintf("cover %.4f", f.Coverage)}, " ")
}

// The example of docs/rules.md: eight hours with a break of 15 minutes, 42
// minutes stopped, an ideal cycle of 6 s, 3,700 made, 111 of them scrap.
func TestTheWorkedExampleOfOEE(t *testing.T) {
	reg := byCalendar(eightHours, func(_ *plant.Plant, l *plant.Line) { l.IdealCycle = plant.Duration(6 * time.Second) })
	p := newPlay(t, clock("05:00"), reg, quick())
	// The last part before the stop at 11:00:00, the first after it at 11:43:00:
	// 43 minutes without one, of which the first counts as running (T_run). It
	// ran before the shift, and again before the break is over.
	before, within := even(8, "05:59", "06:00"), even(3589, "06:00", "10:00", "10:14", "11:00", "11:42:50", "14:00")
	good := func(at plant.Instant) int64 { return before(at) + within(at) }
	p.counted("05:59", "14:00:10", good, even(111, "06:00", "14:00"))
	if len(p.shifts) != 1 {
		t.Fatalf("%d shifts closed, want 1", len(p.shifts))
	}
	f := &p.shifts[0]
	const want = "early 06:00-14:00 PBT 27900 APT 25380 PQ 3700 GQ 3589 A 0.9097 E 0.8747 Q 0.9700 OEE 0.7718 to 0.7718 cover 1.0000"
	if got := figures(f); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if product := *f.Availability * *f.Effectiveness * *f.Quality; math.Abs(product-*f.OEE) > 1e-12 {
		t.Errorf("A x E x Q is %v, OEE %v", product, *f.OEE)
	}
	if v, _ := p.state.View("p"); v.Lines[0].LastShift == nil || figures(v.Lines[0].LastShift) != want {
		t.Errorf("the view shows another last shift: %+v", v.Lines[0].LastShift)
	}
}

// What each figure cannot be said for.
func TestWhatOEECannotBeSaidFor(t *testing.T) {
	cycle := func(s int) func(*plant.Plant, *plant.Line) {
		return func(_ *plant.Plant, l *plant.Line) {
			l.IdealCycle = plant.Duration(time.Duration(s) * time.Second)
		}
	}
	runs := even(3600, "06:00", "14:00") // a part each 8 s
	scrap := even(360, "06:00", "14:00")
	simple := plant.Calendar{Shifts: eightHours.Shifts}
	whole := func(good, scrap func(plant.Instant) int64) func(p *play) {
		return func(p *play) { p.counted("05:59", "14:00:10", good, scrap) }
	}
	for name, c := range map[string]struct {
		cal   plant.Calendar
		line  func(*plant.Plant, *plant.Line)
		run   func(p *play)
		want  string
		lacks string
	}{
		"everything is there": {simple, cycle(6), whole(runs, scrap),
			"early 06:00-14:00 PBT 28800 APT 28790 PQ 3960 GQ 3600 A 0.9997 E 0.8253 Q 0.9091 OEE 0.7500 to 0.7500 cover 1.0000", ""},
		"no ideal cycle": {simple, cycle(0), whole(runs, scrap),
			"early 06:00-14:00 PBT 28800 APT 28790 PQ 3960 GQ 3600 A 0.9997 E - Q 0.9091 OEE - to - cover 1.0000", "ideal_cycle"},
		"no scrap counter: good parts are good parts": {simple, cycle(6), whole(runs, nil),
			"early 06:00-14:00 PBT 28800 APT 28790 PQ 3600 GQ 3600 A 0.9997 E 0.7503 Q - OEE 0.7500 to 0.7500 cover 1.0000", "scrap"},
		"a proxy": {simple, func(p *plant.Plant, l *plant.Line) { cycle(6)(p, l); l.Counter.Proxy = true }, whole(runs, scrap),
			"early 06:00-14:00 PBT 28800 APT 28790 PQ 3960 GQ 3600 A 0.9997 E - Q - OEE - to - cover 1.0000", "output"},
		"a wrong ideal cycle is shown": {simple, cycle(10), whole(runs, nil),
			"early 06:00-14:00 PBT 28800 APT 28790 PQ 3600 GQ 3600 A 0.9997 E 1.2504 Q - OEE 1.2500 to 1.2500 cover 1.0000", "scrap"},
		"nothing made": {simple, cycle(6), whole(func(plant.Instant) int64 { return 5 }, scrap),
			"early 06:00-14:00 PBT 28800 APT 0 PQ 360 GQ 0 A 0.0000 E - Q 0.0000 OEE 0.0000 to 0.0000 cover 1.0000", ""},
		"not heard for two hours, its counter reset: unobserved": {simple, cycle(6), func(p *play) {
			p.counted("05:59", "10:00", runs, nil)
			p.counted("12:00:10", "14:00:10", func(at plant.Instant) int64 { return runs(at) - 2700 }, nil)
		}, "early 06:00-14:00 PBT 28800 APT 21570 PQ 2699 GQ 2699 A 0.7490 E 0.7508 Q - OEE 0.5623 to 0.8126 cover 0.7497", "scrap"},
		"not heard for two hours, its total went on: spread": {simple, cycle(6), func(p *play) {
			p.counted("05:59", "10:00", runs, nil)
			p.counted("12:00:10", "14:00:10", runs, nil)
		}, "early 06:00-14:00 PBT 28800 APT 28790 PQ 3600 GQ 3600 A 0.9997 E 0.7503 Q - OEE 0.7500 to 0.7500 cover 1.0000", "scrap"},
		"not heard at all": {simple, cycle(6), func(p *play) { p.tick(clock("14:20")) },
			"early 06:00-14:00 PBT 28800 APT 0 PQ 0 GQ 0 A - E - Q - OEE - to - cover 0.0000", "observation"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, clock("05:00"), byCalendar(c.cal, c.line), quick())
			c.run(p)
			if len(p.shifts) != 1 {
				t.Fatalf("%d shifts, want 1: %v", len(p.shifts), p.shifts)
			}
			f := &p.shifts[0]
			if got := figures(f); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if got := strings.Join(f.Lacks(), ","); got != c.lacks {
				t.Errorf("it lacks %q, want %q", got, c.lacks)
			}
			if want := strings.Contains(name, "wrong"); f.AboveIdeal != want {
				t.Errorf("above ideal: %v", f.AboveIdeal)
			}
		})
	}
}

// Which shifts there are: by the calendar, across midnight, on days of 23 and
// 25 hours, and by the production day where there is none.
func TestShiftsThatClose(t *testing.T) {
	berlin := func(p *plant.Plant, _ *plant.Line) { p.Timezone = "Europe/Berlin" }
	night := plant.Calendar{Shifts: []plant.Shift{{Name: "night", From: onClock("22:10"), To: onClock("06:10")}}, Breaks: []plant.Break{pause("02:30", "02:45")}}
	at := func(text string) plant.Instant {
		x, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return plant.InstantOf(x)
	}
	for name, c := range map[string]struct {
		reg      *plant.Registry
		from, to string // UTC
		want     []string
	}{
		"two shifts a day, none at the weekend": {byCalendar(plant.Calendar{Shifts: []plant.Shift{shift("early", "06:10", "14:10"), shift("late", "14:10", "22:10")}}),
			"2026-03-06 05:00", "2026-03-09 23:00", []string{"early 06 06:10-14:10 480", "late 06 14:10-22:10 480", "early 09 06:10-14:10 480", "late 09 14:10-22:10 480"}},
		"nights when clocks go forward": {byCalendar(night, berlin),
			"2026-03-27 12:00", "2026-03-30 12:00", []string{"night 27 21:10-05:10 465", "night 28 21:10-04:10 420", "night 29 20:10-04:10 465"}}, // the break falls into the missing hour
		"and back": {byCalendar(night, berlin),
			"2026-10-23 12:00", "2026-10-26 12:00", []string{"night 23 20:10-04:10 465", "night 24 20:10-05:10 525", "night 25 21:10-05:10 465"}},
		"without a calendar: production days": {oneLine(func(p *plant.Plant, l *plant.Line) { berlin(p, l); p.DayStarts = "08:00" }),
			"2026-03-28 12:00", "2026-03-30 12:00", []string{"day 28 07:00-06:00 1380", "day 29 06:00-06:00 1440"}},
		"a line that is not commissioned has none": {oneLine(func(_ *plant.Plant, l *plant.Line) { l.Commissioned = new(bool) }), "2026-03-05 12:00", "2026-03-07 12:00", nil},
		"a shift in maintenance does not exist": {byCalendar(plant.Calendar{Shifts: []plant.Shift{shift("early", "06:00", "14:00"), shift("late", "14:00", "22:00")},
			Maintenance: []plant.Maintenance{{Days: weekdays, From: moment("13:00"), To: moment("22:00"), Lines: []string{"l"}}}}),
			"2026-03-06 05:00", "2026-03-06 23:00", []string{"early 06 06:00-14:00 420"}},
		"days of the calendar": {byCalendar(plant.Calendar{Days: weekdays}), "2026-03-06 05:00", "2026-03-08 12:00", []string{"day 06 00:00-00:00 1440"}},
		"no name": {byCalendar(plant.Calendar{Shifts: []plant.Shift{{From: onClock("06:00"), To: onClock("14:00")}}}),
			"2026-03-06 05:00", "2026-03-06 23:00", []string{"06:00-14:00 06 06:00-14:00 480"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, at(c.from), c.reg, quick())
			for now := at(c.from); now <= at(c.to); now = now.Add(20 * time.Minute) {
				p.tick(now)
			}
			var got []string
			for i := range p.shifts {
				f := &p.shifts[i]
				got = append(got, fmt.Sprintf("%s %s-%s %g", f.Shift, f.From.Time().Format("02 15:04"), f.To.Time().Format("15:04"), f.PlannedBusy/60))
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("\n got %s\nwant %s", strings.Join(got, ", "), strings.Join(c.want, ", "))
			}
		})
	}
}

// Enrolled in the middle of a shift: its coverage says so. Excluded: none.
func TestShiftsThatAreNotWhole(t *testing.T) {
	cal := plant.Calendar{Shifts: []plant.Shift{shift("early", "06:00", "14:00"), shift("late", "14:00", "22:00")}}
	runs := even(3600, "06:00", "14:00")
	p := newPlay(t, clock("10:00"), byCalendar(cal), quick())
	p.counted("10:00", "14:00:10", runs, nil)
	if len(p.shifts) != 1 || math.Abs(p.shifts[0].Coverage-0.5) > 1e-9 || p.shifts[0].PlannedBusy != 8*3600 {
		t.Errorf("enrolled at half of the shift: %+v", p.shifts)
	}
	p = newPlay(t, clock("05:00"), byCalendar(cal), quick())
	p.step(rules.Event{Kind: rules.Declared, At: clock("13:00"), Declaration: &plant.Declaration{ID: "d", Kind: plant.DeclareExclude, Plant: "p", Reason: "flood", From: clock("13:00"), To: clock("13:30")}})
	p.tick(clock("14:30"))
	p.tick(clock("22:30"))
	if len(p.shifts) != 1 || p.shifts[0].Shift != "late" {
		t.Errorf("excluded from 13:00 to 13:30, and these shifts: %+v", p.shifts)
	}
}

func moment(text string) (m plant.Moment) {
	if err := m.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return m
}
