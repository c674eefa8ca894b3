package reference

import (
	"slices"
	"time"
)

// baseline is normal output from history.
type baseline struct {
	day   float64            // mean of the reference period's days; 0: none
	shift map[string]float64 // per weekday and shift
}

func dateOf(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// learn takes normal output from the whole recording, whatever from and to say.
func (p *plantRef) learn(s *scenario) {
	if s.Rules.Reference == "" && !s.Rules.Learned {
		return
	}
	whole := *s
	whole.From, whole.To = 0, 0
	whole.Rules.Reference, whole.Rules.Learned = "", false
	past := newPlant(&whole, p.conf)
	if past == nil {
		return
	}
	past.play(&whole)
	for i, l := range past.lines {
		b := baseline{shift: map[string]float64{}}
		switch {
		case s.Rules.Reference == "day":
			b.day = past.dailyMean(l, dateOf(s.Rules.RefFrom), dateOf(s.Rules.RefTo))
		case s.Rules.Reference == "shift":
			past.shiftMeans(l, &b, dateOf(s.Rules.RefFrom), dateOf(s.Rules.RefTo))
		default:
			past.medians(l, &b, dateOf(s.Rules.Disruption))
		}
		p.lines[i].past = &b
	}
}

// made is a line's output in (from, to], and whether there was a good sample.
func (l *lineRef) made(d *days, from, to int64) (sum float64, seen bool) {
	if to <= d.origin || from < d.origin || to >= d.origin+int64(len(d.minutes))*minute {
		return 0, false // long before or after the recording
	}
	for _, m := range l.output {
		sum += m.made(d, window{from: from, to: to})
		seen = seen || slices.ContainsFunc(m.good, func(at int64) bool { return at > from && at <= to })
	}
	return sum, seen
}

func (p *plantRef) dailyMean(l *lineRef, from, to time.Time) float64 {
	sum, n := 0.0, 0
	for date := from; !date.After(to); date = date.AddDate(0, 0, 1) {
		if made, seen := l.made(l.days, p.days.opening(date), p.days.opening(date.AddDate(0, 0, 1))); seen {
			sum, n = sum+made, n+1
		}
	}
	return sum / float64(max(n, 1))
}

func (p *plantRef) shiftMeans(l *lineRef, b *baseline, from, to time.Time) {
	n := map[string]float64{}
	for date := from; !date.After(to); date = date.AddDate(0, 0, 1) {
		for _, x := range p.days.shiftsOn(date) {
			if made, seen := l.made(l.days, x.from, x.to); seen {
				b.shift[x.key] += made
				n[x.key]++
			}
		}
	}
	for key := range n {
		b.shift[key] /= n[key]
	}
}

// medians are over at least four of the last six such shifts, but holidays.
func (p *plantRef) medians(l *lineRef, b *baseline, before time.Time) {
	slots, found := map[string]int{}, map[string][]float64{}
	for date := before.AddDate(0, 0, -1); date.After(before.AddDate(0, 0, -70)); date = date.AddDate(0, 0, -1) {
		for _, x := range p.days.shiftsOn(date) {
			if slots[x.key]++; slots[x.key] > 6 {
				continue
			}
			if made, seen := l.made(l.days, x.from, x.to); seen {
				found[x.key] = append(found[x.key], made)
			}
		}
	}
	for key, values := range found {
		if n := len(values); n >= 4 {
			slices.Sort(values)
			b.shift[key] = (values[(n-1)/2] + values[n/2]) / 2
		}
	}
}

// baselineOf is B of a line without a fixed figure.
func (p *plantRef) baselineOf(l *lineRef, w window) (float64, bool) {
	switch {
	case l.past == nil:
		return 0, false
	case p.rules.Reference == "day":
		days := 0.0 // of those that are scheduled at all
		for at := w.from; at < w.to; {
			next := p.days.opening(p.days.day(at).AddDate(0, 0, 1))
			if l.days.scheduled(at, next) > 0 {
				days++
			}
			at = next
		}
		return l.past.day * days, l.past.day > 0 && p.rules.Window.Days > 0
	}
	sum := 0.0
	for date := p.days.date(w.from).AddDate(0, 0, -2); !date.After(p.days.date(w.to)); date = date.AddDate(0, 0, 1) {
		for _, x := range p.days.shiftsOn(date) {
			from, to := max(x.from, w.from), min(x.to, w.to)
			if from >= to || l.days.scheduled(from, to) == 0 {
				continue
			}
			mean, ok := l.past.shift[x.key]
			if !ok {
				return 0, false
			}
			sum += mean * float64(l.days.scheduled(from, to)) / float64(l.days.scheduled(x.from, x.to))
		}
	}
	return sum, true
}
