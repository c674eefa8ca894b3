package reference

import (
	"cmp"
	"slices"
	"time"
)

// days tells what each minute of a plant's calendar is, one by one.
type days struct {
	zone     *time.Location
	start    int // of the production day, minutes after midnight
	conf     *calendarConf
	line     string // whose maintenance; "": of no line in particular
	origin   int64  // of minutes, which cover the scenario and some days around
	minutes  []kind
	before   []int64 // scheduled time before each minute
	edges    []int64 // where minutes differ from the one before
	openings map[string]int64
	began    int64 // when the stretch before all minutes did; 0: not worked out
}

// kind is what one minute is.
type kind struct {
	shift bool   // inside a shift, or a whole day
	rest  bool   // in a break or maintenance
	why   string // which of them, of several the one that ends last
	ends  int64  // when that is
}

func (k kind) scheduled() bool { return k.shift && !k.rest }

func newDays(p *plantConf, conf *calendarConf, line string, from, to int64) *days {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		panic(err)
	}
	d := &days{zone: zone, conf: conf, line: line, openings: map[string]int64{}}
	d.start = minutesOf(p.DayStarts)
	first := d.date(from).AddDate(0, 0, -10)
	last := d.date(to).AddDate(0, 0, 3)
	d.origin = d.wall(first, 0)
	d.minutes = make([]kind, (d.wall(last, 0)-d.origin)/minute)
	if conf == nil {
		for i := range d.minutes {
			d.minutes[i] = kind{shift: true}
		}
	} else {
		for date := first.AddDate(0, 0, -2); date.Before(last); date = date.AddDate(0, 0, 1) {
			d.mark(date)
		}
		for _, m := range conf.Maintenance {
			if m.Once != "" && d.mine(m) {
				d.rest("maintenance", d.moment(m.Once), d.moment(m.Until))
			}
		}
	}
	d.before = make([]int64, len(d.minutes)+1)
	for i, k := range d.minutes {
		if d.before[i+1] = d.before[i]; k.scheduled() {
			d.before[i+1] += minute
		}
		if i > 0 && (k.shift != d.minutes[i-1].shift || k.rest != d.minutes[i-1].rest) {
			d.edges = append(d.edges, d.origin+int64(i)*minute)
		}
	}
	return d
}

func minutesOf(text string) int {
	t, err := time.Parse("15:04", text)
	if err != nil {
		panic(err)
	}
	return t.Hour()*60 + t.Minute()
}

// date is the day of the wall calendar, written as that day in UTC.
func (d *days) date(ms int64) time.Time {
	y, m, day := time.UnixMilli(ms).In(d.zone).Date()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
}

// wall is the first minute at which the clock on the wall shows that time or
// a later one: a time that comes twice is the first, a missing one the moment
// the clocks change.
func (d *days) wall(date time.Time, minutes int) int64 {
	want := date.Add(time.Duration(minutes) * time.Minute)
	y, m, day := want.Date()
	near := time.Date(y, m, day, want.Hour(), want.Minute(), 0, 0, d.zone)
	for t := near.Add(-3 * time.Hour); ; t = t.Add(time.Minute) {
		l := t.In(d.zone)
		shown := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
		if !shown.Before(want) {
			return t.UnixMilli()
		}
	}
}

// opening is when the production day of a date begins.
func (d *days) opening(date time.Time) int64 {
	key := date.Format(time.DateOnly)
	if at, ok := d.openings[key]; ok {
		return at
	}
	at := d.wall(date, d.start)
	d.openings[key] = at
	return at
}

// day is the production day that holds the time just after ms.
func (d *days) day(ms int64) time.Time {
	date := d.date(ms)
	if d.opening(date) > ms {
		return date.AddDate(0, 0, -1)
	}
	return date
}

// mark marks what starts on a date.
func (d *days) mark(date time.Time) {
	for _, x := range d.shiftsOn(date) {
		for ms := x.from; ms < x.to; ms += minute {
			if i := d.index(ms); ms >= d.origin && i < len(d.minutes) {
				d.minutes[i].shift = true
			}
		}
	}
	for _, b := range d.conf.Breaks {
		if b.on(date.Weekday()) {
			d.rest("break", d.wall(date, b.From), d.end(date, b))
		}
	}
	for _, m := range d.conf.Maintenance {
		if m.Once == "" && m.Weekly.on(date.Weekday()) && d.mine(m) {
			d.rest("maintenance", d.wall(date, m.Weekly.From), d.end(date, m.Weekly))
		}
	}
}

func (s *shiftConf) on(day time.Weekday) bool { return s.Days == nil || slices.Contains(s.Days, day) }

// mine reports whether the maintenance is of the line these days are of.
func (d *days) mine(m maintenanceConf) bool {
	return m.Lines == nil || slices.Contains(m.Lines, d.line)
}

func (d *days) rest(why string, from, to int64) {
	for ms := from; ms < to; ms += minute {
		if i := d.index(ms); ms >= d.origin && i < len(d.minutes) {
			if k := &d.minutes[i]; to > k.ends {
				k.rest, k.why, k.ends = true, why, to
			}
		}
	}
}

// moment is the instant of a wall time with its date.
func (d *days) moment(text string) int64 {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return d.wall(t.Truncate(24*time.Hour), t.Hour()*60+t.Minute())
}

func (d *days) end(date time.Time, s shiftConf) int64 {
	from, to := s.From%(24*60), s.To%(24*60)
	if to <= from {
		date = date.AddDate(0, 0, 1)
	}
	return d.wall(date, to)
}

func (d *days) index(ms int64) int { return int((ms - d.origin) / minute) }

// at is what the minute is that begins at ms or holds it.
func (d *days) at(ms int64) kind { return d.minutes[d.index(ms)] }

// scheduled is how much of (from, to] is scheduled time.
func (d *days) scheduled(from, to int64) (sum int64) {
	return d.until(to) - d.until(from)
}

func (d *days) until(ms int64) int64 {
	sum := d.before[d.index(ms)]
	if d.at(ms).scheduled() {
		sum += (ms - d.origin) % minute
	}
	return sum
}

// stretch is when the stretch of shifts around ms began, and whether it did
// within a year: without a calendar it always was.
func (d *days) stretch(ms int64) (from int64, ok bool) {
	if d.conf == nil || !d.at(ms).shift {
		return 0, false
	}
	for _, edge := range d.edges {
		if edge <= ms && d.at(edge).shift && !d.at(edge-minute).shift {
			from, ok = edge, true
		}
	}
	if ok {
		return from, ok
	}
	return d.older()
}

// older is when the stretch began that holds the first minute worked out here.
func (d *days) older() (int64, bool) {
	if d.began == 0 {
		d.began = d.origin
		for date := d.date(d.origin).AddDate(0, 0, 1); d.began > d.origin-366*24*hour; date = date.AddDate(0, 0, -1) {
			day := d.shiftsOn(date)
			slices.SortFunc(day, func(a, b shiftOn) int { return cmp.Compare(b.from, a.from) })
			for _, x := range day {
				if x.from < d.began && x.to >= d.began {
					d.began = x.from
				}
			}
			if d.wall(date, 0) < d.began-48*hour {
				break
			}
		}
	}
	return d.began, d.began > d.origin-366*24*hour
}

// restEnd is when the last break before ms ended, in the same stretch.
func (d *days) restEnd(ms int64) (from int64, ok bool) {
	for _, edge := range d.edges {
		switch now, before := d.at(edge), d.at(edge-minute); {
		case edge > ms:
		case !now.shift:
			ok = false
		case before.shift && before.rest && !now.rest:
			from, ok = edge, true
		}
	}
	return from, ok
}
