package rules_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// shiftPlay is a random day and a half of one line, told second by second.
type shiftPlay struct {
	play     *play
	begin    plant.Instant
	zone     *time.Location
	shifts   []plant.Shift
	breaks   []plant.Break
	machines [][]heardAt
	run      time.Duration // T_run
	interval int           // seconds
	cycle    float64
	total    bool
	scrap    bool
	unheard  bool
}

// heardAt is one sample: what was made since the one before is known by how
// it was drawn.
type heardAt struct {
	sec         int
	made, scrap int64
}

// playShifts draws a scenario and plays it through the rules.
func playShifts(t testing.TB, seed uint64) *shiftPlay {
	rnd := rand.New(rand.NewPCG(seed, 9))
	x := &shiftPlay{total: rnd.IntN(2) == 0, scrap: rnd.IntN(3) > 0, unheard: seed%3 == 0, interval: 10 + 10*rnd.IntN(3), cycle: float64(1 + rnd.IntN(8))}
	name := []string{"UTC", "Asia/Shanghai", "Europe/Berlin"}[rnd.IntN(3)]
	var err error
	if x.zone, err = time.LoadLocation(name); err != nil {
		t.Fatal(err)
	}
	date := []time.Time{time.Date(2026, 3, 28, 0, 0, 0, 0, x.zone), time.Date(2026, 10, 24, 0, 0, 0, 0, x.zone)}[rnd.IntN(2)]
	x.begin = plant.InstantOf(date.Add(12 * time.Hour))
	x.shifts, x.breaks = randomShifts(rnd)
	l := &plant.Line{ID: "l", Interval: plant.Interval{Every: time.Duration(x.interval) * time.Second}, IdealCycle: plant.Duration(x.cycle * float64(time.Second)),
		Machines: []string{"a", "b"}[:1+rnd.IntN(2)], Output: plant.Output{Sum: true}, Counter: plant.Counter{Kind: plant.KindDelta}}
	if x.total {
		l.Counter.Kind = plant.KindTotal
	}
	reg := &plant.Registry{Plants: []*plant.Plant{{ID: "p", Timezone: name, Calendar: "c", Lines: []*plant.Line{l}}},
		Calendars: []*plant.Calendar{{Name: "c", Shifts: x.shifts, Breaks: x.breaks}}}
	x.run = max(time.Minute, time.Duration(3*x.cycle)*time.Second, 2*time.Duration(x.interval)*time.Second)
	x.play = newPlay(t, x.begin, reg, quick())
	x.draw(rnd, len(l.Machines), 36*3600)
	return x
}

// randomShifts are two or three a day, at odd minutes, one across midnight, with
// breaks; none of their edges lies between 02:00 and 03:00.
func randomShifts(rnd *rand.Rand) (shifts []plant.Shift, breaks []plant.Break) {
	at := func(m int) plant.Clock { return plant.Clock{After: time.Duration(m) * time.Minute, Set: true} }
	early, late, night := 300+rnd.IntN(90), 800+rnd.IntN(60), 1290+rnd.IntN(60)
	shifts = []plant.Shift{{Name: "early", From: at(early), To: at(late)}, {Name: "late", From: at(late), To: at(night - rnd.IntN(2)*30)}}
	if rnd.IntN(2) == 0 {
		shifts = append(shifts, plant.Shift{Name: "night", From: at(night), To: at(early - rnd.IntN(2)*20)})
	}
	for range rnd.IntN(4) {
		from := 200 + rnd.IntN(1200)
		breaks = append(breaks, plant.Break{From: at(from), To: at(from + 1 + rnd.IntN(30))})
	}
	return shifts, breaks
}

// draw makes samples of machines that run, stop, and where unheard are not
// heard for a time; side by side.
func (x *shiftPlay) draw(rnd *rand.Rand, machines, seconds int) {
	x.machines = make([][]heardAt, machines)
	good, scrap := make([]int64, machines), make([]int64, machines)
	lastGood, lastScrap := make([]int64, machines), make([]int64, machines)
	making, away := make([]bool, machines), make([]bool, machines)
	for sec := x.interval; sec < seconds; sec += x.interval {
		for i := range machines {
			if rnd.IntN(150) == 0 {
				making[i] = !making[i]
			}
			if x.unheard && rnd.IntN(200) == 0 {
				away[i] = !away[i]
			}
			if making[i] && rnd.IntN(4) > 0 {
				good[i] += 1 + rnd.Int64N(int64(x.interval)/int64(x.cycle)/2+1)
				scrap[i] += rnd.Int64N(2)
			}
			if away[i] {
				continue
			}
			h := heardAt{sec: sec, made: good[i], scrap: scrap[i]}
			fields := []plant.Field{{Name: "good", Kind: plant.Int, Int: good[i]}}
			if x.scrap {
				fields = append(fields, plant.Field{Name: "scrap", Kind: plant.Int, Int: scrap[i]})
			}
			if x.total {
				h.made, h.scrap = good[i]-lastGood[i], scrap[i]-lastScrap[i]
				if len(x.machines[i]) == 0 { // the first total counts nothing
					h.made, h.scrap = 0, 0
				}
				lastGood[i], lastScrap[i] = good[i], scrap[i]
			} else {
				good[i], scrap[i] = 0, 0
			}
			x.machines[i] = append(x.machines[i], h)
			stamp := x.at(sec)
			x.play.sample(stamp, &plant.Sample{Plant: "p", Line: "l", Machine: string(rune('a' + i)), Stamp: stamp, Unit: plant.Millisecond, Fields: fields})
		}
	}
	x.play.tick(x.at(seconds + 3600))
}

func (x *shiftPlay) at(sec int) plant.Instant { return x.begin.Add(time.Duration(sec) * time.Second) }

// truth is a shift, worked out by counting seconds.
type truth struct {
	name                             string
	from, to                         int // seconds since the begin
	busy, observed, ran, good, scrap float64
}

// wall is a time on the wall of a date, counted from x.begin in seconds.
func (x *shiftPlay) wall(date time.Time, c plant.Clock, days int) int {
	y, m, d := date.Date()
	t := time.Date(y, m, d+days, 0, int(c.After/time.Minute), 0, 0, x.zone)
	return int(plant.InstantOf(t).Sub(x.begin) / time.Second)
}

// truths counts, second by second, every shift that has closed.
func (x *shiftPlay) truths() (out []truth) {
	for day := -2; day < 4; day++ {
		date := x.begin.Time().In(x.zone).AddDate(0, 0, day)
		for _, s := range x.shifts {
			next := 0
			if s.To.After <= s.From.After {
				next = 1
			}
			out = append(out, truth{name: s.Name, from: x.wall(date, s.From, 0), to: x.wall(date, s.To, next)})
		}
	}
	works := x.paused(out)
	for i := range out {
		for sec := out[i].from + 1; sec <= out[i].to; sec++ {
			if works[sec+firstSecond] {
				out[i].busy++
			}
		}
	}
	for _, heard := range x.machines {
		x.count(heard, works, out)
	}
	return out
}

// firstSecond is how long before the begin seconds are looked at, and lastSecond
// how long after it.
const firstSecond, lastSecond = 5 * 24 * 3600, 8 * 24 * 3600

// paused marks the seconds, by when they end, that are in a shift and in no
// break.
func (x *shiftPlay) paused(shifts []truth) []bool {
	works := make([]bool, firstSecond+lastSecond)
	mark := func(from, to int, is bool) {
		for sec := from + 1; sec <= to; sec++ {
			works[sec+firstSecond] = is
		}
	}
	for i := range shifts {
		mark(shifts[i].from, shifts[i].to, true)
	}
	for day := -3; day < 5; day++ {
		date := x.begin.Time().In(x.zone).AddDate(0, 0, day)
		for _, b := range x.breaks {
			mark(x.wall(date, b.From, 0), x.wall(date, b.To, 0), false)
		}
	}
	return works
}

// count adds what one machine's samples say. What comes a quarter of an hour
// after a shift is too late for it.
func (x *shiftPlay) count(heard []heardAt, works []bool, out []truth) {
	const lateness = 15 * 60
	share := 1 / float64(len(x.machines))
	last := math.MinInt / 2 // second of the last part
	if len(heard) > 0 && heard[0].made > 0 {
		last = heard[0].sec
	}
	for k := 1; k < len(heard); k++ {
		before, h := heard[k-1].sec, heard[k]
		hole := h.sec-before > 3*x.interval
		spread := hole && x.total
		var over []int // the seconds that its parts are spread over
		for sec := before + 1; spread && sec <= h.sec; sec++ {
			if works[sec+firstSecond] {
				over = append(over, sec)
			}
		}
		if len(over) == 0 {
			over = []int{h.sec}
		}
		for i := range out {
			s := &out[i]
			if h.sec-s.to >= lateness || h.sec <= s.from || before >= s.to {
				continue
			}
			holds := func(sec int) bool { return s.from < sec && sec <= s.to }
			for _, sec := range over {
				if holds(sec) {
					s.good += float64(h.made) / float64(len(over))
				}
			}
			if holds(h.sec) {
				s.scrap += float64(h.scrap)
			}
			for sec := before + 1; sec <= h.sec && (!hole || spread); sec++ {
				if holds(sec) && works[sec+firstSecond] {
					s.observed += share
					if spread && h.made > 0 || sec <= last+int(x.run/time.Second) {
						s.ran += share
					}
				}
			}
		}
		if h.made > 0 {
			last = h.sec
		}
	}
}

func (x *truth) differs(o *truth) string {
	const close = 1e-3 // of a second, or a part: the mean of machines is cut to nanoseconds
	for name, pair := range map[string][2]float64{"PBT": {x.busy, o.busy}, "observed": {x.observed, o.observed}, "APT": {x.ran, o.ran}, "GQ": {x.good, o.good}, "scrap": {x.scrap, o.scrap}} {
		if math.Abs(pair[0]-pair[1]) > close {
			return fmt.Sprintf("%s %v, want %v", name, pair[1], pair[0])
		}
	}
	return ""
}

// states are the line's states in each second, by when it ends, by the
// transitions.
func (x *shiftPlay) states() []string {
	out := make([]string, lastSecond)
	last, state := 0, ""
	tell := func(until int) {
		for ; last < until; last++ {
			out[last+1] = state
		}
	}
	for i := range x.play.got {
		if tr := &x.play.got[i]; tr.Kind == plant.KindLine {
			tell(int(tr.At.Sub(x.begin) / time.Second))
			state = tr.To
		}
	}
	tell(lastSecond - 1)
	return out
}
