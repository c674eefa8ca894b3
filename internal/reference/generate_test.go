package reference

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// generator makes scenarios from a seed.
type generator struct {
	*rand.Rand
	s        *scenario
	from, to int64
	long     bool // windows of days
	weeks    bool // and history to learn from
}

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) chance(p float64) bool { return g.Float64() < p }

// starts are days of interest: clocks change on some.
var starts = []struct {
	zone string
	date string
}{
	{"Asia/Shanghai", "2026-02-12"}, {"Asia/Shanghai", "2026-04-29"}, {"Europe/Berlin", "2026-04-01"}, {"America/New_York", "2026-05-21"}, {"Asia/Seoul", "2026-02-26"},
	{"UTC", "2026-03-02"}, {"Asia/Shanghai", "2026-03-05"}, {"Europe/Berlin", "2026-03-28"}, {"Europe/Berlin", "2026-10-24"},
	{"America/New_York", "2026-03-07"}, {"America/New_York", "2026-10-31"}, {"Asia/Kolkata", "2026-05-01"},
}

func generate(seed uint64) *scenario {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 7)), s: new(scenario)}
	start := pick(g, starts...)
	zone, err := time.LoadLocation(start.zone)
	if err != nil {
		panic(err)
	}
	day, err := time.ParseInLocation(time.DateOnly, start.date, zone)
	if err != nil {
		panic(err)
	}
	g.weeks = g.chance(0.1)
	g.long = g.weeks || g.chance(0.3)
	g.from = day.UnixMilli() + int64(g.IntN(12*60))*minute + int64(g.IntN(60))*second
	if g.long {
		g.to = g.from + int64(3+g.IntN(5))*24*hour
	}
	if g.weeks {
		g.to = g.from + int64(34+g.IntN(16))*24*hour
	}
	if !g.long {
		g.to = g.from + int64(4+g.IntN(26))*hour
	}
	g.rules()
	g.baselines(day)
	g.calendars(start.zone, day)
	g.overrides()
	for i := range 1 + g.IntN(4)/3 {
		g.plant(fmt.Sprintf("p%d", i+1), start.zone)
	}
	g.outages()
	if g.chance(0.4) {
		g.s.From = g.from - int64(g.IntN(180))*minute + 60*minute
	}
	if g.chance(0.3) {
		g.s.To = g.to - int64(g.IntN(120))*minute + 60*minute
	}
	slices.SortStableFunc(g.s.Records, func(a, b record) int { return cmp.Compare(a.At, b.At) })
	return g.s
}

func (g *generator) rules() {
	r := &g.s.Rules
	*r = rulesConf{
		At: pick(g, 0.3, 0.3, 0.5, 0.45), Stop: pick(g, 0.2, 0.1, 0.3), Lateness: pick[int64](g, 900, 300, 1800, 60, 95) * second,
		ShortStop: pick[int64](g, 5, 2, 10) * minute, MinRunning: pick[int64](g, 1, 1, 3) * minute, Missed: pick(g, 3, 3, 2, 5), Grace: pick[int64](g, 20, 10, 3) * minute,
	}
	if r.Stop >= r.At {
		r.Stop = 0.2
	}
	if g.chance(0.15) {
		r.Absolute, r.At, r.Stop = true, pick(g, 30.0, 60, 150), pick(g, 5.0, 20)
	}
	if !r.Absolute && g.chance(0.3) {
		r.Normal = pick(g, 0.8, 0.7)
		if g.chance(0.5) {
			r.NormalExit = pick(g, 0.6, 0.65)
		}
	}
	if g.long {
		r.Window, r.Hold, r.StopHold = span{Days: pick(g, 1, 1, 1, 1, 1, 2)}, span{Days: 1 + g.IntN(4)/3}, span{Days: 1 + g.IntN(4)/3}
		if g.chance(0.3) {
			r.Hold, r.StopHold = span{Fixed: pick[int64](g, 23, 24, 25, 48) * hour}, span{Fixed: pick[int64](g, 1, 24, 47) * hour}
		}
		return
	}
	r.Window = span{Fixed: pick[int64](g, 15, 15, 30, 60, 50, 7*60) * minute}
	n := func() span { return span{Fixed: r.Window.Fixed * int64(1+g.IntN(4))} }
	r.Hold, r.StopHold = n(), n()
	if g.chance(0.1) {
		r.Hold = span{Days: 1}
	}
}

func (g *generator) line(id string) *lineConf {
	l := &lineConf{ID: id, Unit: "pcs", Kind: pick(g, "total", "total", "delta"), Interval: pick[int64](g, 60, 60, 30, 300) * second}
	if g.long {
		l.Interval = pick[int64](g, 600, 900, 1800) * second
	}
	if g.weeks {
		l.Interval = hour
	}
	if historic := g.s.Rules.Reference != "" || g.s.Rules.Learned; g.chance(0.9) && !(historic && g.chance(0.8)) {
		l.Normal = pick(g, 60.0, 120, 500, 37)
	}
	if g.chance(0.4) {
		l.IdealCycle = pick[int64](g, 5, 20, 60) * second
	}
	if g.chance(0.3) {
		l.Scale = pick(g, 2, 0.5, 10)
	}
	for i := range pick(g, 1, 1, 2, 3) {
		l.Machines = append(l.Machines, fmt.Sprintf("m%d", i+1))
	}
	if len(l.Machines) > 1 {
		if l.Sum = g.chance(0.5); !l.Sum {
			l.Output = []string{l.Machines[g.IntN(len(l.Machines))]}
			if len(l.Machines) == 3 && g.chance(0.5) {
				l.Output = l.Machines[1:]
			}
		}
	}
	if l.Kind == "total" && g.chance(0.3) {
		l.Rollover = pick[int64](g, 256, 1000, 10000)
	}
	l.Decimal = l.Rollover == 0 && g.chance(0.15)
	l.Resets = l.Kind == "total" && g.chance(0.3)
	l.Uncommissioned = g.chance(0.07)
	if g.chance(0.35) {
		l.States = pick(g, "packml", "opc-40001-1", "mtconnect", "semi-e10", "umh")
	}
	return l
}

// clock is how far a machine's clock is behind: now and then for a while, by
// minutes or an hour, until somebody sets it right. Only of lines with one output
// machine: how two clocks go together in one age, when one is set right, is not
// said anywhere.
func (g *generator) clock(troubled bool) (by func(ts int64) int64, wrong bool) {
	if !troubled || !g.chance(0.2) {
		return func(int64) int64 { return 0 }, false
	}
	from := g.from + int64(g.Float64()*float64(g.to-g.from))
	to, behind := from+int64(g.Float64()*float64(g.to-from)), pick[int64](g, 60, 60, 20, 5)*minute
	if g.chance(0.3) {
		from = g.from - hour // from the first sample on
	}
	return func(ts int64) int64 {
		if from <= ts && ts < to {
			return behind
		}
		return 0
	}, true
}

// machine writes what one machine sends: counts by its pace, which changes
// now and then, stamps by its interval, arrivals by its path.
func (g *generator) machine(p *plantConf, l *lineConf, id string) {
	normal := l.Normal
	if normal == 0 {
		normal = 100
	}
	if l.Sum {
		normal /= float64(len(l.Machines))
	}
	scale := cmp.Or(l.Scale, 1)
	pace, until := 0.0, int64(0)
	silentTo, heldTo, bad := int64(0), int64(0), int64(0)
	word, wordTo := "", int64(0)
	exact, total, seq := 0.0, 0.0, 0
	numbered := g.chance(0.7)
	clockless := g.chance(0.04)
	ahead := p.offset(l.ID)
	usual := pick(g, "", "Execute") // a machine tells its state always or never
	total = float64(g.IntN(200))
	offset := int64(g.IntN(int(l.Interval/second))) * second
	if g.chance(0.4) {
		offset = 0
	}
	length := g.to - g.from
	troubled := g.chance(0.7)
	alone := len(l.Machines) == 1 || len(l.Output) == 1
	clock, wrong := g.clock(troubled && alone)
	numbered = numbered || wrong // or what it says twice of one time is a repetition
	for ts := g.from - g.from%l.Interval + offset; ts < g.to; ts += l.Interval {
		if ts >= until {
			pace = pick(g, 0, 0, 0.1, 0.25, 0.4, 0.6, 0.9, 1.2)
			until = ts + int64(g.Float64()*float64(length)/3)
		}
		exact += pace * normal / scale * float64(l.Interval) / float64(hour)
		made := math.Floor(exact)
		if l.Decimal {
			made = math.Floor(exact*4) / 4
		}
		exact -= made
		total += made
		if troubled {
			switch x := g.Float64(); {
			case x < 0.008:
				silentTo = ts + int64(g.Float64()*float64(20*l.Interval))
			case x < 0.014:
				heldTo = ts + int64(g.Float64()*float64(20*l.Interval))
			case x < 0.018:
				bad = ts + int64(g.Float64()*float64(8*l.Interval))
			case x < 0.022:
				word, wordTo = pick(g, vocabulary[l.States]...), ts+int64(g.Float64()*float64(20*l.Interval))
			case x < 0.024:
				total = float64(g.IntN(30)) // begins anew, declared or not
			case x < 0.025:
				total += 5000 // a rise that cannot be
			}
		}
		if ts >= wordTo || usual == "" {
			word = usual
		}
		if l.Rollover > 0 && total >= float64(l.Rollover) {
			total = math.Mod(total, float64(l.Rollover))
		}
		if seq++; ts < silentTo || l.OnChange && made == 0 && seq > 1 {
			continue
		}
		r := record{At: ts + int64(g.IntN(4))*second, TS: ts + ahead, Plant: p.ID, Line: l.ID, Machine: id, State: word, Good: total, HasGood: true, Bad: ts < bad}
		r.TS -= clock(ts)
		if l.Kind == "delta" {
			r.Good = made
		}
		if troubled && g.chance(0.01) {
			r.HasGood, r.Good = false, 0 // a heartbeat, and no count
		}
		if numbered {
			r.Seq = seq
		}
		if troubled && g.chance(0.01) {
			r.At += int64(g.IntN(6)) * l.Interval // late
		}
		if troubled && g.chance(0.003) {
			r.TS = r.At + ahead + int64(g.IntN(10*60))*second // of a time to come
		}
		r.At = max(r.At, heldTo)
		if clockless {
			r.NoTS, r.TS = true, r.At
		}
		g.s.Records = append(g.s.Records, r)
		if troubled && g.chance(0.004) { // of the same stamp, and not the same
			again := r
			again.Seq, again.State, again.Good = pick(g, 0, seq+100000), "other", r.Good+float64(g.IntN(2))
			g.s.Records = append(g.s.Records, again)
		}
		if troubled && g.chance(0.002) {
			stranger := r
			stranger.Machine = "stranger"
			g.s.Records = append(g.s.Records, stranger)
		}
		if troubled && !clockless && g.chance(0.01) {
			r.At += int64(g.IntN(120)) * second  // of the newest 32 of a machine a repetition is known again
			g.s.Records = append(g.s.Records, r) // once more
		}
	}
}
