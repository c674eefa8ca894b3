package reference

import (
	"fmt"
	"time"
)

const wallTime = "2006-01-02 15:04"

func (g *generator) plant(id, zone string) {
	p := &plantConf{ID: id, Zone: zone, DayStarts: pick(g, "00:00", "00:00", "06:00", "02:30")}
	if len(g.s.Calendars) > 0 && g.chance(0.9) {
		p.Calendar = "work"
	}
	p.Label = pick(g, "", "large", "small")
	if g.chance(0.08) {
		from := time.UnixMilli(g.from + int64(g.Float64()*float64(g.to-g.from))).UTC()
		p.ExcludedFrom, p.ExcludedTo = from.Format(wallTime), from.Add(time.Duration(g.Float64()*float64(g.to-g.from))*time.Millisecond/2+time.Hour).Format(wallTime)
	}
	for i := range 1 + g.IntN(3) {
		p.Lines = append(p.Lines, g.line(fmt.Sprintf("l%d", i+1)))
	}
	if g.chance(0.2) {
		for _, l := range p.Lines {
			l.Unit, l.Weight = "u"+l.ID, pick(g, 1, 2, 0.5)
		}
	}
	if g.chance(0.5) {
		for i, l := range p.Lines {
			if i > 0 && g.chance(0.5) {
				gw := p.Gateways[len(p.Gateways)-1]
				gw.Lines = append(gw.Lines, l.ID)
				continue
			}
			p.Gateways = append(p.Gateways, &gatewayConf{ID: fmt.Sprintf("g%d", i+1), KeepAlive: pick[int64](g, 60, 30, 120) * second, Lines: []string{l.ID}})
		}
	}
	if len(p.Gateways) == 1 && g.chance(0.3) {
		p.Gateways[0].Lines = nil // all
	}
	for _, gw := range p.Gateways {
		if g.chance(0.15) {
			gw.Offset = pick[int64](g, -3600, 90, 600, 28800) * second
		}
	}
	g.s.Plants = append(g.s.Plants, p)
	for _, l := range p.Lines {
		l.OnChange = p.keepAlive(l.ID) > 0 && g.chance(0.12)
		for _, m := range l.Machines {
			if g.chance(0.04) {
				continue // never seen
			}
			g.machine(p, l, m)
		}
		if l.OnChange {
			l.Interval = 0
		}
	}
}

// overrides are of some plants.
func (g *generator) overrides() {
	for range g.IntN(5) / 2 {
		o := &overrideConf{Plants: []string{"p1"}}
		if g.chance(0.5) {
			o.Plants, o.Label = nil, pick(g, "large", "small")
		}
		if !g.s.Rules.Absolute && g.chance(0.4) {
			o.At = pick(g, 0.35, 0.6)
		}
		if g.chance(0.3) {
			o.Hold = g.s.Rules.StopHold
		}
		o.Lateness, o.ShortStop = pick[int64](g, 0, 0, 20)*minute, pick[int64](g, 0, 0, 4, 15)*minute
		o.Running, o.Grace, o.Missed = pick[int64](g, 0, 0, 2)*minute, pick[int64](g, 0, 0, 45)*minute, pick(g, 0, 0, 4)
		g.s.Overrides = append(g.s.Overrides, o)
	}
}
