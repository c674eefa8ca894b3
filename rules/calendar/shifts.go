package calendar

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Why a piece is Planned.
const (
	Break       = "break"
	Maintenance = "maintenance"
)

// regular are the shifts of an ordinary day of the week.
func (s *Schedule) regular(day plant.Weekday) (out []plant.Shift) {
	if slices.Contains(s.cal.Days, day) || len(s.cal.Days) == 0 && len(s.cal.Shifts) == 0 {
		out = append(out, plant.Shift{})
	}
	for _, x := range s.cal.Shifts {
		if x.On(day) {
			out = append(out, x)
		}
	}
	return out
}

// on are the shifts that start on date, and the day of the week whose shifts
// they are. An exception goes before a workday made up, that before a holiday.
func (s *Schedule) on(date plant.Date) ([]plant.Shift, plant.Weekday) {
	day := date.Weekday()
	for i := range s.cal.Exceptions {
		if e := &s.cal.Exceptions[i]; e.Holds(date) {
			switch {
			case e.Closed:
				return nil, day
			case e.As != 0:
				return s.regular(e.As), e.As
			}
			return e.Shifts, day
		}
	}
	if s.holidays[date] {
		return nil, day
	}
	out := s.regular(day)
	if s.makeup[date] && len(out) == 0 && s.firstDay != 0 {
		return s.regular(s.firstDay), s.firstDay
	}
	return out, day
}

// StartingOn returns the shifts that start on date, in order.
func (s *Schedule) StartingOn(date plant.Date) []Shift {
	if s.cal == nil {
		return []Shift{{Date: date, Like: date.Weekday(), From: s.Start(date), To: s.Start(plant.DateNumber(date.Number() + 1))}}
	}
	shifts, like := s.on(date)
	out := make([]Shift, 0, len(shifts))
	for i := range shifts {
		x := Shift{Date: date, Like: like, Name: shifts[i].Name}
		if shifts[i].Whole() {
			x.From, x.To = s.Start(date), s.Start(plant.DateNumber(date.Number()+1))
		} else {
			x.From, x.To = s.hours(date, shifts[i].From, shifts[i].To)
		}
		if x.From < x.To {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b Shift) int { return cmp.Compare(a.From, b.From) })
	return out
}

// Shifts returns the shifts that share time with (from, to], in order.
func (s *Schedule) Shifts(from, to plant.Instant) (out []Shift) {
	last := plant.DateOf(to.Time().In(s.Zone)).Number()
	for n := plant.DateOf(from.Time().In(s.Zone)).Number() - 2; n <= last; n++ {
		for _, x := range s.StartingOn(plant.DateNumber(n)) {
			if x.From < to && from < x.To {
				out = append(out, x)
			}
		}
	}
	return out
}

// hours are the instants from one time on the wall to another, of the next
// date where it is not after the first.
func (s *Schedule) hours(date plant.Date, from, to plant.Clock) (plant.Instant, plant.Instant) {
	end := to.After
	if end <= from.After {
		end += 24 * time.Hour
	}
	return Wall(s.Zone, date, from.After), Wall(s.Zone, date, end)
}

// pieces returns block n, worked out once: pieces without a gap.
func (s *Schedule) pieces(n int) []Piece {
	if b := s.blocks[n]; b != nil {
		return b
	}
	from, to := s.midnight(n*blockDays), s.midnight((n+1)*blockDays)
	var shifts, stops []Piece
	for i := n*blockDays - 2; i <= (n+1)*blockDays; i++ {
		date := plant.DateNumber(i)
		for _, x := range s.StartingOn(date) {
			shifts = append(shifts, Piece{From: x.From, To: x.To})
		}
		stops = s.stopsOn(date, stops)
	}
	for i := range s.cal.Maintenance {
		if m := &s.cal.Maintenance[i]; !m.From.Date.IsZero() && s.mine(m) {
			stops = append(stops, Piece{From: Wall(s.Zone, m.From.Date, m.From.Clock.After), To: Wall(s.Zone, m.To.Date, m.To.Clock.After), Why: Maintenance})
		}
	}
	b := cut(from, to, shifts, stops)
	s.blocks[n] = b
	return b
}

func (s *Schedule) mine(m *plant.Maintenance) bool {
	return len(m.Lines) == 0 || slices.Contains(m.Lines, s.line)
}

// stopsOn adds the breaks and the weekly maintenance that begin on date.
func (s *Schedule) stopsOn(date plant.Date, out []Piece) []Piece {
	day := date.Weekday()
	for _, x := range s.cal.Breaks {
		if len(x.Days) == 0 || slices.Contains(x.Days, day) {
			from, to := s.hours(date, x.From, x.To)
			out = append(out, Piece{From: from, To: to, Why: Break})
		}
	}
	for i := range s.cal.Maintenance {
		if m := &s.cal.Maintenance[i]; m.From.Date.IsZero() && slices.Contains(m.Days, day) && s.mine(m) {
			from, to := s.hours(date, m.From.Clock, m.To.Clock)
			out = append(out, Piece{From: from, To: to, Why: Maintenance})
		}
	}
	return out
}

// cut cuts (from, to] where shifts and stops begin and end.
func cut(from, to plant.Instant, shifts, stops []Piece) []Piece {
	edges := []plant.Instant{from, to}
	for _, list := range [][]Piece{shifts, stops} {
		for _, p := range list {
			edges = append(edges, min(max(p.From, from), to), min(max(p.To, from), to))
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	working, stopped := newSweep(shifts), newSweep(stops)
	var out []Piece
	for i := range edges[:len(edges)-1] {
		p := Piece{From: edges[i], To: edges[i+1]}
		in, stop := working.at(p.From), stopped.at(p.From)
		if in {
			p.Kind = Working
			if stop {
				p.Kind, p.Why = Planned, stopped.open.Why
			}
		}
		if k := len(out); k > 0 && out[k-1].Kind == p.Kind && out[k-1].Why == p.Why {
			out[k-1].To = p.To
			continue
		}
		out = append(out, p)
	}
	return out
}

// sweep goes through pieces that may overlap, forward in time.
type sweep struct {
	rest []Piece // by From
	open Piece   // of those that have begun the one that ends last
}

func newSweep(list []Piece) *sweep {
	slices.SortStableFunc(list, func(a, b Piece) int { return cmp.Compare(a.From, b.From) })
	return &sweep{rest: list}
}

// at reports whether a piece holds t.
func (s *sweep) at(t plant.Instant) bool {
	for len(s.rest) > 0 && s.rest[0].From <= t {
		if s.rest[0].To > s.open.To {
			s.open = s.rest[0]
		}
		s.rest = s.rest[1:]
	}
	return t < s.open.To
}
