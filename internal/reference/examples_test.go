package reference

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// onDay is a time of 2 March 2026, a Monday, in UTC; more than 24:00 is of the
// next day.
func onDay(hours, minutes int64) int64 {
	return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixMilli() + hours*hour + minutes*minute
}

// example is a plant p of one line l, normal 120/h: 30 in 15 minutes, a
// heartbeat each minute, windows of 15 minutes.
func example(hold int64, calendar *calendarConf, line func(l *lineConf)) *scenario {
	l := &lineConf{ID: "l", Unit: "pcs", Normal: 120, Interval: minute, Kind: "delta", Machines: []string{"m1"}}
	if line != nil {
		line(l)
	}
	p := &plantConf{ID: "p", Zone: "UTC", DayStarts: "00:00", Lines: []*lineConf{l}}
	s := &scenario{Plants: []*plantConf{p}, Rules: rulesConf{
		At: 0.5, Stop: 0.2, Window: span{Fixed: 15 * minute}, Hold: span{Fixed: hold}, StopHold: span{Fixed: 15 * minute},
		Lateness: 30 * minute, ShortStop: 5 * minute, MinRunning: minute, Missed: 3, Grace: 20 * minute,
	}}
	if calendar != nil {
		p.Calendar, s.Calendars = calendar.Name, []*calendarConf{calendar}
	}
	return s
}

func (s *scenario) good(at int64, value float64) {
	s.Records = append(s.Records, record{At: at, TS: at, Plant: "p", Line: "l", Machine: "m1", Good: value, HasGood: true})
}

// deltas are one a minute in [from, to].
func (s *scenario) deltas(from, to int64, value float64) {
	for at := from; at <= to; at += minute {
		s.good(at, value)
	}
}

// The examples of docs/rules.md, worked by hand there: both readings say so.
func TestExamplesWorkedByHand(t *testing.T) {
	everyDay := []time.Weekday{0, 1, 2, 3, 4, 5, 6}

	spread := example(30*minute, &calendarConf{Name: "c", Shifts: []shiftConf{{"one", everyDay, 9 * 60, 17 * 60}},
		Breaks: []shiftConf{{From: 10 * 60, To: 10*60 + 15}}}, func(l *lineConf) { l.Kind = "total" })
	spread.good(onDay(9, 45), 100)
	spread.good(onDay(10, 25), 160)
	spread.deltas(onDay(10, 26), onDay(10, 31), 160)

	nights := example(hour, &calendarConf{Name: "c", Shifts: []shiftConf{{"one", everyDay, 6 * 60, 22 * 60}}}, nil)
	nights.deltas(onDay(21, 30), onDay(22, 0), 2)
	nights.deltas(onDay(30, 1), onDay(30, 31), 2)

	absent := example(15*minute, nil, func(l *lineConf) { l.Machines, l.Sum = []string{"m1", "m2"}, true })
	absent.deltas(onDay(9, 0), onDay(9, 46), 2)

	unheard := example(15*minute, &calendarConf{Name: "c", Shifts: []shiftConf{{"one", everyDay, 6 * 60, 22 * 60}}}, nil)
	unheard.From, unheard.To = onDay(5, 0), onDay(23, 0)
	unheard.deltas(onDay(22, 30), onDay(22, 32), 0)

	set := example(15*minute, nil, func(l *lineConf) { l.Kind = "total" })
	for i := range int64(60) { // an hour behind, and right from 09:01 on
		set.Records = append(set.Records, record{At: onDay(8, 1+i), TS: onDay(7, 1+i), Plant: "p", Line: "l", Machine: "m1", Good: float64(882 + 2*i), HasGood: true})
	}
	for i := range int64(31) {
		set.good(onDay(9, 1+i), float64(1002+2*i))
	}

	gateway := example(hour, nil, func(l *lineConf) { l.Interval = 10 * second })
	gateway.Plants[0].Gateways = []*gatewayConf{{ID: "g", KeepAlive: 10 * second}}
	other := *gateway.Plants[0].Lines[0]
	other.ID = "o"
	gateway.Plants[0].Lines = append(gateway.Plants[0].Lines, &other)
	gateway.To = onDay(9, 2)
	gateway.good(onDay(9, 0), 0)
	gateway.good(onDay(9, 0)+20*second, 0)
	gateway.Records[1].Line = "o"

	parallel := example(hour, nil, func(l *lineConf) { l.Interval, l.Machines, l.Sum = 10*second, []string{"m1", "m2"}, true })
	for at := onDay(9, 0); at <= onDay(9, 20); at += 10 * second {
		made := 1.0
		if at >= onDay(9, 10) {
			made = 0
		}
		parallel.good(at, made)
		behind := parallel.Records[len(parallel.Records)-1]
		behind.Machine, behind.TS = "m2", at-minute
		parallel.Records = append(parallel.Records, behind)
	}

	twoDays := example(hour, nil, nil)
	twoDays.Rules.Window, twoDays.Rules.Hold = span{Days: 2}, span{Days: 2}
	twoDays.From, twoDays.To = onDay(-24, 0), onDay(49, 0)
	twoDays.deltas(onDay(-24, 1), onDay(48, 1), 2)

	makeup := example(hour, &calendarConf{Name: "c", Days: everyDay[1:6], Country: "CN"}, func(l *lineConf) { l.Normal, l.Interval = 0, hour })
	makeup.Rules.Window, makeup.Rules.Reference, makeup.Rules.RefFrom, makeup.Rules.RefTo = span{Days: 1}, "shift", "2026-03-02", "2026-03-02"
	for at := onDay(-48, 0); at <= onDay(25, 0); at += hour {
		switch made := float64(at/hour%24) + 1; { // more on Monday than on Saturday
		case at <= onDay(-24, 0):
			makeup.good(at, made)
		case at > onDay(0, 0):
			makeup.good(at, 2*made)
		default:
			makeup.good(at, 0)
		}
	}

	for name, c := range map[string]struct {
		s    *scenario
		kind string // of changes: -> is in all, p in phases only
		want []string
	}{
		"a spread difference leaves breaks out": {spread, " p ", []string{
			"03-02T10:00:00 p unknown->ramping_up relapsed=false first=true R=1.200000000 low=1.200000000 high=1.200000000",
			"03-02T10:30:00 p ramping_up->resumed relapsed=false first=false R=0.800000000 low=0.800000000 high=0.800000000"}},
		"a hold goes on over a night": {nights, " p ", []string{
			"03-02T21:45:00 p unknown->ramping_up relapsed=false first=true R=1.000000000 low=1.000000000 high=1.000000000",
			"03-03T06:30:00 p ramping_up->resumed relapsed=false first=false R=1.000000000 low=1.000000000 high=1.000000000"}},
		"a machine that was never seen observes nothing": {absent, " p ", []string{
			"03-02T09:15:00 p unknown->resumed relapsed=false first=true R=1.000000000 low=1.000000000 high=1.500000000"}},
		"a clock that is set ahead moves the past": {set, " p ", []string{
			"03-02T09:15:00 p unknown->resumed relapsed=false first=true R=1.000000000 low=1.000000000 high=1.000000000"}},
		"machines of a gateway are silent until the last is": {gateway, ":", []string{
			"03-02T09:00:00 p/l unknown->short_stop since 03-02T09:00:00", "03-02T09:00:20 p/o unknown->short_stop since 03-02T09:00:20",
			"03-02T09:00:30 p/l short_stop->unknown since 03-02T09:00:30: silent", "03-02T09:00:50 p/o short_stop->unknown since 03-02T09:00:50: blind"}},
		"a line stands from when the last of its machines does": {parallel, "/l ", []string{
			"03-02T09:00:00 p/l unknown->running since 03-02T09:00:00", "03-02T09:10:50 p/l running->short_stop since 03-02T09:09:50",
			"03-02T09:14:50 p/l short_stop->stalled since 03-02T09:09:50: unexplained"}},
		"windows of two days": {twoDays, " p ", []string{
			"03-04T00:00:00 p unknown->resumed relapsed=false first=true R=1.000000000 low=1.000000000 high=1.000000000"}},
		"a workday made up is like a Monday": {makeup, " p ", []string{
			"03-01T00:00:00 p unknown->resumed relapsed=false first=true R=0.500000000 low=0.500000000 high=0.500000000"}},
		"a line that nobody heard is off shift at night": {unheard, "/l ", []string{
			"03-02T05:00:00 p/l unknown->off_shift since 03-02T05:00:00", "03-02T06:00:00 p/l off_shift->unknown since 03-02T06:00:00: never_seen", "03-02T22:00:00 p/l unknown->off_shift since 03-02T22:00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := engine(c.s)
			if err != nil {
				t.Fatal(err)
			}
			want := read(c.s)
			for who, o := range map[string]*outcome{"the rules": &got, "the reference": &want} {
				said := slices.DeleteFunc(o.words(), func(line string) bool { return !strings.Contains(line, c.kind) })
				if !slices.Equal(said, c.want) {
					t.Errorf("%s say:\n  %s\nwant:\n  %s", who, strings.Join(said, "\n  "), strings.Join(c.want, "\n  "))
				}
			}
		})
	}
}
