package rules

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// slotSeen takes what a line made in a quarter of an hour of the past, in place
// of its samples: figures, not states. It counts as seen until the slot's end.
func (s *State) slotSeen(x *plant.OutputSlot) {
	p := s.plants[x.Plant]
	if p == nil {
		return
	}
	p.changes()
	for _, l := range p.lines {
		if l.id != x.Line || !l.counts {
			continue
		}
		from := x.At.Add(-slotLength)
		if x.Made != 0 {
			s.bookEvenly(l, x.Made, from, x.At, false)
		}
		if x.Scrap != 0 {
			s.bookEvenly(l, x.Scrap, from, x.At, true)
		}
		l.slotObserved(x, from)
		if s.history != nil && x.Seen() {
			s.history.Seen(p.id, l.id, x.At)
		}
		for _, m := range l.output {
			m.Newest, m.Good = max(m.Newest, x.At), max(m.Good, x.At)
			if x.Scrap != 0 {
				m.Scrapped = max(m.Scrapped, x.At)
			}
		}
		s.touch(p)
		s.seenAfter(p, x.At)
	}
}

// slotObserved notes the slot's observed time and down time: of its scheduled
// time as much as of the whole.
func (l *line) slotObserved(x *plant.OutputSlot, from plant.Instant) {
	whole := x.At.Sub(from)
	share := float64(l.sched.Scheduled(from, x.At)) / float64(whole)
	of := func(seconds, share float64, part time.Duration) time.Duration {
		return time.Duration(seconds * share * float64(part) / float64(whole) * float64(time.Second))
	}
	for _, ps := range l.plant.periods() {
		ps.each(from, x.At, len(l.plant.lines), func(w *period, shared time.Duration) {
			t := &w.Lines[l.index]
			t.Observed += of(x.Observed, share, shared)
			t.Beside += of(x.Observed, 1-share, shared)
			t.Down += of(x.Downtime, 1, shared)
		})
	}
}
