package plant

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	wallDay  = 24 * time.Hour
	wallWeek = 7 * wallDay
)

// calendars checks the calendars, and that plants name those there are.
func (c *checker) calendars(r *Registry) {
	first := map[string]int{}
	for i, k := range r.Calendars {
		at := fmt.Sprintf("calendars[%d]", i)
		if k == nil {
			c.add(at, "is empty")
			continue
		}
		if k.Name == "" {
			c.add(at+".name", "is missing: plants call a calendar by its name")
		}
		if j, dup := first[k.Name]; dup {
			c.add(at+".name", "%q is already the name of calendars[%d]", k.Name, j)
			continue
		}
		first[k.Name] = i
		c.calendar(at, r, k)
	}
	for i, p := range r.Plants {
		if p == nil {
			continue
		}
		at := fmt.Sprintf("plants[%d]", i)
		if p.Calendar != "" && r.Calendar(p.Calendar) == nil {
			c.add(at+".calendar", "%q is no calendar; %s", p.Calendar, r.calendarNames())
		}
		if o := p.CalendarOverrides; o != nil {
			if o.Name != "" || o.Extends != "" {
				c.add(at+".calendar_overrides", "has neither name nor extends: it holds for this plant, over its calendar")
				continue
			}
			c.calendarKeys(at+".calendar_overrides", o)
			for j, m := range o.Maintenance {
				for _, id := range m.Lines {
					if p.Line(id) == nil {
						c.add(fmt.Sprintf("%s.calendar_overrides.maintenance[%d].lines", at, j), "%q is no line of plant %q", id, p.ID)
					}
				}
			}
			if k := r.calendarOf(p); len(c.problems) == 0 && !k.schedulesAny() {
				c.add(at+".calendar_overrides", "leaves no scheduled time in any week")
			}
		}
		if p.Excluded != nil {
			c.exclusion(at+".excluded", p.Excluded)
		}
	}
}

func (c *checker) exclusion(at string, e *Exclusion) {
	if e.Reason == "" {
		c.add(at+".reason", "is missing: say why the plant is taken out of all figures")
	}
	switch {
	case e.To.Date.IsZero():
		c.add(at+".to", "is missing: an exclusion has an end, like 2026-09-30")
	case !e.From.IsZero() && e.From.Date.IsZero():
		c.add(at+".from", "has no date; write it like 2026-09-01 06:00")
	case !e.From.IsZero() && e.From.wall() >= e.To.wall():
		c.add(at+".to", "is not after from")
	}
}

func (m Moment) wall() time.Duration {
	return time.Duration(m.Date.Number())*wallDay + m.Clock.After
}

func (r *Registry) calendarNames() string {
	if len(r.Calendars) == 0 {
		return "there are none (calendars:)"
	}
	var names []string
	for _, k := range r.Calendars {
		if k != nil {
			names = append(names, k.Name)
		}
	}
	return "known are: " + strings.Join(names, ", ")
}

func (c *checker) calendar(at string, r *Registry, k *Calendar) {
	before := len(c.problems)
	seen := []string{k.Name}
	for x := k; x.Extends != ""; {
		next := r.Calendar(x.Extends)
		if next == nil {
			c.add(at+".extends", "%q is no calendar; %s", x.Extends, r.calendarNames())
			return
		}
		seen = append(seen, next.Name)
		if slices.Contains(seen[:len(seen)-1], next.Name) {
			c.add(at+".extends", "goes in a circle: %s", strings.Join(seen, " extends "))
			return
		}
		x = next
	}
	c.calendarKeys(at, k)
	if len(c.problems) > before {
		return
	}
	whole := r.extended(k, 0)
	switch {
	case len(whole.Days) == 0 && len(whole.Shifts) == 0:
		c.add(at, "has neither days nor shifts: nothing would be scheduled; for every day write days: [mon, tue, wed, thu, fri, sat, sun]")
	case !whole.schedulesAny():
		c.add(at, "leaves no scheduled time in any week: breaks and maintenance cover all its shifts")
	}
}

func (c *checker) calendarKeys(at string, k *Calendar) {
	c.shifts(at+".shifts", k.Shifts)
	if len(k.Days) > 0 && len(k.Shifts) > 0 {
		for i, s := range k.Shifts {
			for _, d := range k.Days {
				if s.On(d) {
					c.add(fmt.Sprintf("%s.shifts[%d]", at, i), "overlaps days, which schedules all of %s", d)
					break
				}
			}
		}
	}
	for i, b := range k.Breaks {
		bat := fmt.Sprintf("%s.breaks[%d]", at, i)
		switch {
		case !b.From.Set || !b.To.Set:
			c.add(bat, "needs from and to, like {from: \"10:00\", to: \"10:15\"}")
		case b.From == b.To:
			c.add(bat, "ends when it begins")
		}
	}
	first := map[Date]int{}
	for i, e := range k.Exceptions {
		eat := fmt.Sprintf("%s.exceptions[%d]", at, i)
		c.exception(eat, &e)
		if j, twice := first[e.Date]; twice && !e.Date.IsZero() {
			c.add(eat+".date", "%s has an exception already, exceptions[%d]: write one of them", e.Date, j)
		}
		first[e.Date] = i
	}
	for i, m := range k.Maintenance {
		c.maintenance(fmt.Sprintf("%s.maintenance[%d]", at, i), &m)
	}
}

func (c *checker) exception(at string, e *Exception) {
	switch {
	case e.Date.IsZero() == e.From.IsZero() || e.From.IsZero() != e.To.IsZero():
		c.add(at, "needs a date, or from and to, like {date: 2026-05-01, closed: true}")
	case e.To.Compare(e.From) < 0:
		c.add(at+".to", "%s is before from (%s)", e.To, e.From)
	}
	n := 0
	for _, set := range []bool{e.Closed, e.As != 0, len(e.Shifts) > 0} {
		if set {
			n++
		}
	}
	if n != 1 {
		c.add(at, "needs one of closed: true, as: mon (the shifts of that day) or shifts")
	}
	for i, s := range e.Shifts {
		if len(s.Days) > 0 {
			c.add(fmt.Sprintf("%s.shifts[%d].days", at, i), "means nothing here: the exception has its date")
			return
		}
	}
	c.shifts(at+".shifts", e.Shifts)
}

func (c *checker) maintenance(at string, m *Maintenance) {
	switch {
	case !m.From.Clock.Set || !m.To.Clock.Set:
		c.add(at, "needs from and to, like {from: 2026-05-01 06:00, to: 2026-05-01 14:00}, or hours with days")
	case m.From.Date.IsZero() != m.To.Date.IsZero():
		c.add(at+".to", "from and to are written both with a date, or both without")
	case m.From.Date.IsZero() && len(m.Days) == 0:
		c.add(at+".days", "is missing: hours without a date need days, like days: [sun]")
	case !m.From.Date.IsZero() && len(m.Days) > 0:
		c.add(at+".days", "means nothing beside a date")
	case !m.From.Date.IsZero() && m.From.wall() >= m.To.wall():
		c.add(at+".to", "is not after from")
	}
}

// shifts looks for what is missing, and for shifts that overlap by the clock
// on the wall in an ordinary week.
func (c *checker) shifts(at string, shifts []Shift) {
	type piece struct {
		of       int
		from, to time.Duration
	}
	var week []piece
	for i, s := range shifts {
		sat := fmt.Sprintf("%s[%d]", at, i)
		if s.From.Set != s.To.Set {
			c.add(sat, "needs both from and to, or neither (whole production days)")
			return
		}
		length := s.Length()
		if s.Whole() {
			length = wallDay
		}
		for d := Mon; d <= Sun; d++ {
			if !s.On(d) {
				continue
			}
			from := time.Duration(d-Mon)*wallDay + s.From.After
			week = append(week, piece{i, from, from + length}, piece{i, from + wallWeek, from + length + wallWeek})
		}
	}
	for i, a := range week {
		for _, b := range week[:i] {
			if a.from < b.to && b.from < a.to && (a.of != b.of || a.from != b.from) {
				c.add(fmt.Sprintf("%s[%d]", at, a.of), "overlaps %s on %s: a moment belongs to one shift", shiftName(shifts[b.of], b.of), Mon+Weekday(max(a.from, b.from)/wallDay%7))
				return
			}
		}
	}
}

func shiftName(s Shift, i int) string {
	if s.Name != "" {
		return fmt.Sprintf("shift %q", s.Name)
	}
	return fmt.Sprintf("shifts[%d]", i)
}

// schedulesAny reports whether an ordinary week holds a minute of scheduled
// time: of a shift, and in no break or weekly maintenance of all lines.
func (c *Calendar) schedulesAny() bool {
	const minutes = int(wallWeek / time.Minute)
	var week [minutes]bool
	mark := func(day Weekday, from, length time.Duration, v bool) {
		begin := int((time.Duration(day-Mon)*wallDay + from) / time.Minute)
		for i := range int(length / time.Minute) {
			week[(begin+i)%minutes] = v
		}
	}
	for d := Mon; d <= Sun; d++ {
		if slices.Contains(c.Days, d) || len(c.Days) == 0 && len(c.Shifts) == 0 {
			mark(d, 0, wallDay, true)
		}
		for i := range c.Shifts {
			s := &c.Shifts[i]
			if length := s.Length(); s.On(d) && s.Whole() {
				mark(d, 0, wallDay, true)
			} else if s.On(d) {
				mark(d, s.From.After, length, true)
			}
		}
	}
	for d := Mon; d <= Sun; d++ {
		for _, b := range c.Breaks {
			if len(b.Days) == 0 || slices.Contains(b.Days, d) {
				mark(d, b.From.After, wallLength(b.From, b.To), false)
			}
		}
		for _, m := range c.Maintenance {
			if slices.Contains(m.Days, d) && len(m.Lines) == 0 {
				mark(d, m.From.Clock.After, wallLength(m.From.Clock, m.To.Clock), false)
			}
		}
	}
	return slices.Contains(week[:], true)
}
