package calendar

import (
	"math"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Kind says what a moment is by the calendar.
type Kind uint8

// The kinds of time.
const (
	Off     Kind = iota // outside every shift
	Working             // scheduled
	Planned             // inside a shift, in a break or maintenance
)

// Piece is a stretch of time of one kind, From included. To may fall short of
// the next change: what follows is of the same kind then.
type Piece struct {
	From, To plant.Instant
	Kind     Kind
	Why      string // of Planned: break or maintenance
	// Stretch is where the shifts begin that follow each other up to here; 0
	// where that is more than a year ago, or Kind is Off.
	Stretch plant.Instant
}

// Shift is one shift that took place, or will.
type Shift struct {
	Date     plant.Date // it starts on
	Like     plant.Weekday
	Name     string
	From, To plant.Instant
}

// Schedule is a calendar in a time zone. It remembers what it worked out and
// is not safe for concurrent use.
type Schedule struct {
	Days
	cal      *plant.Calendar // nil: always
	line     string
	holidays map[plant.Date]bool
	makeup   map[plant.Date]bool
	firstDay plant.Weekday // whose shifts a makeup workday has
	blocks   map[int][]Piece
	shifts   map[int][]Shift
	last     struct { // the block that was asked for last
		n        int
		from, to plant.Instant
	}
}

const (
	blockDays = 32 // what is worked out at once, in dates
	lookBack  = 13 // blocks: more than a year
)

// New returns the schedule of a line ("": of none in particular) by cal, nil:
// always. holidays are the tables of the countries that cal names.
func New(cal *plant.Calendar, days Days, line string, holidays func(country string) *plant.HolidayTable) *Schedule {
	s := &Schedule{Days: days, cal: cal, line: line}
	if cal == nil {
		return s
	}
	s.blocks, s.holidays, s.makeup = map[int][]Piece{}, map[plant.Date]bool{}, map[plant.Date]bool{}
	for _, country := range cal.Holidays.Countries {
		if t := holidays(country); t != nil {
			for _, d := range t.Days {
				s.holidays[d] = true
			}
			for _, d := range t.Workdays {
				s.makeup[d] = true
			}
		}
	}
	for _, d := range cal.Holidays.Dates {
		s.holidays[d] = true
	}
	for _, d := range cal.Workdays {
		s.makeup[d] = true
		delete(s.holidays, d)
	}
	for d := plant.Mon; d <= plant.Sun && s.firstDay == 0; d++ {
		if len(s.regular(d)) > 0 {
			s.firstDay = d
		}
	}
	return s
}

// Always reports whether all time is scheduled, without an edge.
func (s *Schedule) Always() bool { return s.cal == nil }

// At returns the piece that holds the moment just after t.
func (s *Schedule) At(t plant.Instant) Piece {
	if s.cal == nil {
		return Piece{From: math.MinInt64, To: math.MaxInt64, Kind: Working}
	}
	n := s.block(t)
	b := s.pieces(n)
	i := find(b, t)
	p := b[i]
	if p.Kind == Off {
		return p
	}
	p.From = s.begin(n, i, func(k Kind) bool { return k == p.Kind })
	p.Stretch = s.begin(n, i, func(k Kind) bool { return k != Off })
	return p
}

// find is the index of the piece that holds the moment just after t. Pieces
// leave no gap, and t is not before them.
func find(b []Piece, t plant.Instant) int {
	i, _ := slices.BinarySearchFunc(b, t, func(p Piece, t plant.Instant) int {
		if p.To <= t {
			return -1
		}
		return 1
	})
	return min(i, len(b)-1)
}

// begin goes back from piece i of block n while the kind is one of same.
func (s *Schedule) begin(n, i int, same func(Kind) bool) plant.Instant {
	for back := 0; back <= lookBack; back++ {
		b := s.pieces(n - back)
		if back > 0 {
			i = len(b) - 1
			if !same(b[i].Kind) {
				return b[i].To
			}
		}
		for ; i > 0; i-- {
			if !same(b[i-1].Kind) {
				return b[i].From
			}
		}
	}
	return 0
}

// Scheduled is how much of (from, to] is scheduled.
func (s *Schedule) Scheduled(from, to plant.Instant) time.Duration {
	if s.cal == nil {
		return max(to.Sub(from), 0)
	}
	var sum time.Duration
	s.Each(from, to, func(p Piece) {
		if p.Kind == Working {
			sum += p.To.Sub(p.From)
		}
	})
	return sum
}

// Each calls f with the pieces of (from, to], cut to it, in order. Their
// Stretch is not set.
func (s *Schedule) Each(from, to plant.Instant, f func(Piece)) {
	if from >= to {
		return
	}
	if s.cal == nil {
		f(Piece{From: from, To: to, Kind: Working})
		return
	}
	first := s.block(from)
	for n := first; ; n++ {
		b := s.pieces(n)
		if n == first {
			b = b[find(b, from):]
		}
		for _, p := range b {
			if p.From >= to {
				return
			}
			if p.To > from {
				f(Piece{From: max(p.From, from), To: min(p.To, to), Kind: p.Kind})
			}
		}
	}
}

// block numbers the blocks of dates.
func (s *Schedule) block(t plant.Instant) int {
	if s.last.from <= t && t < s.last.to {
		return s.last.n
	}
	n := plant.DateOf(t.Time().In(s.Zone)).Number() / blockDays
	// Midnight may come twice, or be missing.
	switch {
	case t < s.midnight(n*blockDays):
		n--
	case t >= s.midnight((n+1)*blockDays):
		n++
	}
	s.last.n, s.last.from, s.last.to = n, s.midnight(n*blockDays), s.midnight((n+1)*blockDays)
	return n
}

func (s *Schedule) midnight(n int) plant.Instant { return Wall(s.Zone, plant.DateNumber(n), 0) }
