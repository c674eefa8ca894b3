package calendar

import (
	"cmp"
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// ShiftAt returns the shift that holds the moment just after t, with a Name in
// any case; false where there is none: From and To then bound a stretch without
// a shift that begins at or before t. Where shifts of different dates overlap,
// the one that begins later holds.
func (s *Schedule) ShiftAt(t plant.Instant) (Shift, bool) {
	n := s.block(t)
	all := s.shiftsOf(n)
	// i is the first shift that begins after t.
	i, _ := slices.BinarySearchFunc(all, t, func(x Shift, t plant.Instant) int {
		if x.From <= t {
			return -1
		}
		return 1
	})
	gap := Shift{From: s.last.from, To: s.last.to}
	if i > 0 {
		if x := all[i-1]; t < x.To {
			return x, true
		}
		gap.From = max(gap.From, all[i-1].To)
	}
	if i < len(all) {
		gap.To = min(gap.To, all[i].From)
	}
	return gap, false
}

// shiftsOf returns the shifts that share time with block n, and some more,
// worked out once.
func (s *Schedule) shiftsOf(n int) []Shift {
	if all, ok := s.shifts[n]; ok {
		return all
	}
	var all []Shift
	for i := n*blockDays - 2; i <= (n+1)*blockDays; i++ {
		all = append(all, s.StartingOn(plant.DateNumber(i))...)
	}
	slices.SortStableFunc(all, func(a, b Shift) int { return cmp.Compare(a.From, b.From) })
	for i := range all {
		if i+1 < len(all) {
			all[i].To = min(all[i].To, all[i+1].From)
		}
		all[i].Name = cmp.Or(all[i].Name, s.nameless(&all[i]))
	}
	all = slices.DeleteFunc(all, func(x Shift) bool { return x.From >= x.To })
	if s.shifts == nil {
		s.shifts = map[int][]Shift{}
	}
	s.shifts[n] = all
	return all
}

// WholeDay is the name of a shift without one that is a production day.
const WholeDay = "day"

// nameless is what a shift without a name is called.
func (s *Schedule) nameless(x *Shift) string {
	if x.From == s.Start(x.Date) && x.To == s.Start(plant.DateNumber(x.Date.Number()+1)) {
		return WholeDay
	}
	const wall = "15:04"
	return x.From.Time().In(s.Zone).Format(wall) + "-" + x.To.Time().In(s.Zone).Format(wall)
}
