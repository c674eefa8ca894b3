package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Spring is a simulated spring of 2020: a thousand small plants that stop for
// the lockdown and return, each with its own course of output. What is true of
// each plant on each day is decided first, so that the share of plants that
// produce is known; heartbeats are made from that afterwards, with noise, gaps,
// late deliveries, silence, and machines that idle to look busy.
//
// The share follows what was published of small firms on cloud platforms
// (MIIT, 2020). All else is made up: no factory made these figures. The same
// seed gives the same spring.
type Spring struct {
	seed   uint64
	plants []*springPlant
}

const (
	springPlants = 1000
	springCheats = 30
	springEvery  = time.Hour
	springZone   = "Asia/Shanghai"
)

// SpringFrom and SpringTo are the first and the last day, in China.
var (
	SpringFrom = plant.Date{Year: 2020, Month: time.January, Day: 13}
	SpringTo   = plant.Date{Year: 2020, Month: time.April, Day: 15}
)

// springCurve is the share of plants that produce, in tenths of a percent, on
// the days it is known; in between it goes straight. The lockdown and the first
// days after it are made up, what follows was published.
var springCurve = []struct {
	month time.Month
	day   int
	share int
}{
	{time.January, 13, 1000}, {time.January, 17, 1000}, {time.January, 24, 60}, {time.January, 31, 40}, {time.February, 9, 40},
	{time.February, 10, 75}, {time.February, 23, 296}, {time.March, 24, 717}, {time.March, 29, 768}, {time.April, 15, 840},
}

// springTarget is how many plants produce on that day.
func springTarget(date plant.Date) int {
	n := date.Number()
	at := func(i int) int {
		return plant.Date{Year: 2020, Month: springCurve[i].month, Day: springCurve[i].day}.Number()
	}
	for i := 1; i < len(springCurve); i++ {
		if a, b := at(i-1), at(i); n <= b {
			p, q := springCurve[i-1].share, springCurve[i].share
			return p + int(math.Round(float64((q-p)*(n-a))/float64(b-a)))
		}
	}
	return springCurve[len(springCurve)-1].share
}

// springRegions weigh how soon plants return.
var springRegions = []struct {
	name   string
	plants int // of a thousand
	soon   float64
}{{"Zhejiang", 280, 1.6}, {"Guangdong", 270, 1.2}, {"Jiangsu", 230, 1.2}, {"Sichuan", 120, 1}, {"Hubei", 100, 0.25}}

// springPlant is one plant: what is true of it, and how it is heard.
type springPlant struct {
	number  int
	id      string
	region  string
	soon    float64
	perHour float64 // normal output
	sixDays bool    // no shifts on Sundays
	delta   bool    // counts since the last message, not in total
	rolls   bool    // its total rolls over
	cheat   bool    // idles its machines from some day on
	never   bool    // was never heard
	buffers bool    // its gateway loses its link and delivers later
	silent  [2]int  // days from ... to of silence, To not included
	offset  time.Duration

	producing []bool    // what is true, by day
	level     []float64 // output of the day over normal output
}

// NewSpring decides what is true.
func NewSpring(seed uint64) *Spring {
	s := &Spring{seed: seed}
	draw := rand.New(rand.NewPCG(seed, 2020))
	for i := range springPlants {
		s.plants = append(s.plants, newSpringPlant(i, draw))
	}
	for _, i := range draw.Perm(springPlants)[:springCheats] {
		s.plants[i].cheat = true
	}
	(&springPlan{plants: s.plants, draw: draw}).decide()
	for _, p := range s.plants {
		p.course(rand.New(rand.NewPCG(seed, 1<<40|uint64(p.number))))
	}
	s.troubles(draw)
	return s
}

func newSpringPlant(i int, draw *rand.Rand) *springPlant {
	p := &springPlant{
		number: i, id: fmt.Sprintf("sim-%04d", i+1), perHour: float64(20 + draw.IntN(180)),
		sixDays: draw.IntN(10) < 3, delta: draw.IntN(5) == 0, offset: time.Duration(1+draw.Int64N(3599_999)) * time.Millisecond,
	}
	p.rolls = !p.delta && draw.IntN(4) == 0
	p.buffers = draw.IntN(20) == 0
	n := 0
	for _, r := range springRegions {
		if n += r.plants; i < n {
			p.region, p.soon = r.name, r.soon
			break
		}
	}
	return p
}

// troubles has some plants fall silent, a few of them while they produce, and
// two never be heard.
func (s *Spring) troubles(draw *rand.Rand) {
	days := SpringDays()
	producing, stopped := 0, 0
	for _, i := range draw.Perm(springPlants) {
		p := s.plants[i]
		at, length := 30+draw.IntN(days-45), 4+draw.IntN(9)
		switch {
		case p.cheat || slices.Contains(p.producing[at:at+length], !p.producing[at]):
		case p.producing[at] && producing < 6:
			producing++
			p.silent = [2]int{at, at + length}
		case !p.producing[at] && stopped < 14:
			stopped++
			p.silent = [2]int{at, at + length}
		case !slices.Contains(p.producing[20:], true) && stopped < 16:
			stopped++
			p.never = true
		}
	}
}

// SpringDays is how many days the spring has.
func SpringDays() int { return SpringTo.Number() - SpringFrom.Number() + 1 }

// Truth is the share of plants that truly produce on that day, whatever is
// heard of them.
func (s *Spring) Truth(date plant.Date) float64 {
	n, day := 0, date.Number()-SpringFrom.Number()
	for _, p := range s.plants {
		if p.producing[day] {
			n++
		}
	}
	return float64(n) / float64(len(s.plants))
}

// Cheats are the plants whose machines run without output.
func (s *Spring) Cheats() (out []string) {
	for _, p := range s.plants {
		if p.cheat {
			out = append(out, p.id)
		}
	}
	return out
}
