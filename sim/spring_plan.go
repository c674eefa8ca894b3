package sim

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seed-00829101/heartline/plant"
)

// springPlan decides on which days each plant produces, so that as many do as
// springCurve says.
type springPlan struct {
	plants []*springPlant
	draw   *rand.Rand
	back   map[*springPlant]int // day before which one that stopped again stays stopped
}

func (x *springPlan) decide() {
	x.back = map[*springPlant]int{}
	for day := range SpringDays() {
		date := plant.DateNumber(SpringFrom.Number() + day)
		for _, p := range x.plants {
			p.producing = append(p.producing, day == 0 || p.producing[day-1])
		}
		x.relapse(day, date)
		for n := x.count(day) - springTarget(date); n > 0; n-- {
			x.change(day, date, false, func(p *springPlant) float64 {
				if p.cheat {
					return 1000 // long before it idles its machines
				}
				return 1
			})
		}
		for n := springTarget(date) - x.count(day); n > 0; n-- {
			x.change(day, date, true, func(p *springPlant) float64 {
				if p.cheat || day < x.back[p] {
					return 0
				}
				return p.soon
			})
		}
	}
}

func (x *springPlan) count(day int) (n int) {
	for _, p := range x.plants {
		if p.producing[day] {
			n++
		}
	}
	return n
}

// relapse has some plants that returned stop again for a week or so.
func (x *springPlan) relapse(day int, date plant.Date) {
	if day < 40 || day > SpringDays()-15 {
		return
	}
	for range x.draw.IntN(3) {
		if p := x.change(day, date, false, func(p *springPlant) float64 { return 1 }); p != nil {
			x.back[p] = day + 4 + x.draw.IntN(6)
		}
	}
}

// change has one plant begin or cease to produce that day: one drawn by
// weight, among those that have a shift; nil: there is none.
func (x *springPlan) change(day int, date plant.Date, producing bool, weight func(*springPlant) float64) *springPlant {
	type lot struct {
		p *springPlant
		x float64
	}
	var lots []lot
	for _, p := range x.plants {
		w := weight(p)
		if p.producing[day] == producing || w == 0 || !p.works(date) || day > 0 && p.producing[day-1] != p.producing[day] {
			continue
		}
		lots = append(lots, lot{p, math.Pow(x.draw.Float64(), 1/w)})
	}
	if len(lots) == 0 {
		return nil
	}
	p := slices.MaxFunc(lots, func(a, b lot) int { return cmp.Compare(a.x, b.x) }).p
	p.producing[day] = producing
	return p
}

// works reports whether the plant has shifts that day.
func (p *springPlant) works(date plant.Date) bool { return !p.sixDays || date.Weekday() != plant.Sun }

// course decides what the plant makes each day: enough to be resumed from the
// day it returns on, then more; little or nothing while it is stopped; and now
// and then something between both thresholds, which changes nothing.
func (p *springPlant) course(draw *rand.Rand) {
	grows, since := 0.01+0.03*draw.Float64(), 60 // days since it returned
	for day, producing := range p.producing {
		if day > 0 && producing && !p.producing[day-1] {
			since = 0
		}
		since++
		noise := 0.94 + 0.12*draw.Float64()
		level := 0.0
		switch {
		case !p.works(plant.DateNumber(SpringFrom.Number() + day)):
		case producing && since > 2 && day > 2 && draw.IntN(60) == 0:
			level = 0.22 + 0.04*draw.Float64()
		case producing:
			level = noise * min(0.44+grows*float64(since), 1)
		case p.returns(day, 3) && draw.IntN(2) == 0:
			level = 0.21 + 0.05*draw.Float64()
		case !p.cheat && draw.IntN(4) == 0:
			level = 0.1 * draw.Float64()
		}
		// The first stopped day decides that the plant is stopped.
		if !producing && (day == 0 || p.producing[day-1]) {
			level = min(level, 0.1)
		}
		p.level = append(p.level, level)
	}
}

// returns reports whether the plant returns within so many days.
func (p *springPlant) returns(day, within int) bool {
	last := min(day+within, len(p.producing)-1)
	return slices.Contains(p.producing[day:last+1], true)
}
