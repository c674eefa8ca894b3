package reference

import "time"

// baselines are of history in some scenarios.
func (g *generator) baselines(day time.Time) {
	r := &g.s.Rules
	date := func(days int) string { return day.AddDate(0, 0, days).Format(time.DateOnly) }
	length := int((g.to - g.from) / (24 * hour))
	switch x := g.Float64(); {
	case g.weeks && x < 0.6:
		r.Learned, r.Disruption = true, date(length-4+g.IntN(4))
	case x < 0.3:
		r.Reference, r.RefFrom = pick(g, "day", "shift"), date(g.IntN(2))
		r.RefTo = date(1 + g.IntN(length+2))
	}
	if g.weeks && g.chance(0.5) {
		r.Window = span{Fixed: pick[int64](g, 4, 8) * hour}
	}
}

func (g *generator) calendars(zone string, day time.Time) {
	if g.chance(0.4) {
		return
	}
	c := &calendarConf{Name: "work"}
	all := []time.Weekday{1, 2, 3, 4, 5, 6, 0}
	switch g.IntN(4) {
	case 0:
		c.Days = pick(g, all, all[:5], all[:6])
	case 1:
		c.Shifts = []shiftConf{{"early", pick(g, all, all[:5]), 6 * 60, 14 * 60}, {"late", pick(g, all, all[:6]), 14 * 60, 22 * 60}}
	case 2:
		c.Shifts = []shiftConf{{"night", all, 22 * 60, 6 * 60}, {"day", pick(g, all, all[:6]), 8 * 60, 16*60 + 30}}
	default:
		c.Shifts = []shiftConf{{"one", all, pick(g, 60, 150, 7*60), pick(g, 8*60+15, 15*60, 23*60)}}
	}
	if g.chance(0.1) {
		c.Shifts, c.Days = []shiftConf{{"early", nil, 5 * 60, 13 * 60}, {"late", nil, 13 * 60, 21 * 60}, {"night", nil, 21 * 60, 5 * 60}}, nil
	}
	for range g.IntN(3) {
		from := g.IntN(24*4) * 15
		c.Breaks = append(c.Breaks, shiftConf{Days: pick(g, nil, nil, all[:3]), From: from, To: from + pick(g, 15, 30, 45, 7)})
	}
	date := func() string { return day.AddDate(0, 0, g.IntN(5)).Format(time.DateOnly) }
	for range g.IntN(4) / 2 {
		e := exceptionConf{Date: date(), Closed: g.chance(0.4), As: pick(g, all...)}
		if !e.Closed && g.chance(0.5) {
			e.Shifts = []shiftConf{{"short", nil, 8 * 60, pick(g, 12*60, 24*60)}}
		}
		c.Exceptions = append(c.Exceptions, e)
	}
	for range g.IntN(5) / 3 {
		c.Workdays = append(c.Workdays, date())
	}
	g.maintenance(c, day)
	if land := map[string]string{"Asia/Shanghai": "CN", "Europe/Berlin": "DE", "America/New_York": "US", "Asia/Seoul": "KR"}[zone]; land != "" && day.Month() < 6 && g.chance(0.6) {
		c.Country = land
	} else if g.chance(0.3) {
		c.Holidays = []string{day.AddDate(0, 0, 1+g.IntN(2)).Format(time.DateOnly)}
	}
	g.s.Calendars = append(g.s.Calendars, c)
}

// maintenance is of all lines or of one, weekly or once.
func (g *generator) maintenance(c *calendarConf, day time.Time) {
	for range g.IntN(5) / 3 {
		m := maintenanceConf{Lines: pick(g, nil, nil, []string{"l1"})}
		if from := day.Add(time.Duration(g.IntN(72*4)) * 15 * time.Minute); g.chance(0.5) {
			m.Once, m.Until = from.Format(wallTime), from.Add(time.Duration(1+g.IntN(40))*30*time.Minute).Format(wallTime)
		} else {
			at := g.IntN(24*4) * 15
			m.Weekly = shiftConf{Days: []time.Weekday{time.Weekday(g.IntN(7)), day.Weekday()}, From: at, To: at + pick(g, 60, 150)}
		}
		c.Maintenance = append(c.Maintenance, m)
	}
}
