package reference

import "slices"

// outages adds gateways that lose their link, and times we did not listen in.
func (g *generator) outages() {
	span := g.to - g.from
	for _, p := range g.s.Plants {
		for _, gw := range p.Gateways {
			for range g.IntN(3) {
				from := g.from + int64(g.Float64()*float64(span))/second*second
				to := from + int64(g.IntN(40*60))*second
				g.hold(from, to, g.chance(0.6), func(r *record) bool { return r.Plant == p.ID && (gw.Lines == nil || slices.Contains(gw.Lines, r.Line)) })
				g.s.Records = append(g.s.Records,
					record{At: from + gw.KeepAlive*3/2, Plant: p.ID, Gateway: gw.ID, Link: "down"},
					record{At: max(to, from+gw.KeepAlive*3/2), Plant: p.ID, Gateway: gw.ID, Link: "up"})
			}
		}
	}
	for begin := g.from; g.chance(0.35); {
		from := begin + int64(g.Float64()*float64(g.to-begin))/second*second
		to := from + int64(1+g.IntN(40*60))*second
		g.hold(from, to, g.chance(0.7), func(*record) bool { return true })
		g.s.Records = append(g.s.Records, record{At: from, Listening: "false"}, record{At: to, Listening: "true"})
		begin = to + minute
	}
}

// hold keeps back what would arrive in (from, to): until then, or for ever.
func (g *generator) hold(from, to int64, buffered bool, of func(*record) bool) {
	for i := range g.s.Records {
		if r := &g.s.Records[i]; of(r) && r.At >= from && r.At <= to {
			r.At = to + 1*second
			if r.NoTS {
				r.TS = r.At
			}
			if !buffered {
				r.At = -1
			}
		}
	}
	g.s.Records = slices.DeleteFunc(g.s.Records, func(r record) bool { return r.At < 0 })
}
