package custom

import (
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// Watch is what a Set remembers of one machine, line or plant. Its zero value
// has seen nothing.
type Watch struct {
	_        struct{} `cbor:",toarray"`
	Readings []Reading
	Windows  []Window
	Alerts   []Alert
	Last     plant.Instant // when it was evaluated last

	// counters are the readings that are counted as output: what was made is
	// said by Made, not by their difference.
	counters []string
}

// Reading is the newest of a name.
type Reading struct {
	_    struct{}      `cbor:",toarray"`
	At   plant.Instant // 0: none yet
	Is   readingKind
	V    float64
	Text string
}

type readingKind uint8

const (
	isNumber readingKind = iota
	isWord
)

// NewWatch returns a Watch of s. Where it counts, good and scrap are the
// readings that are counted as output.
func (s *Set) NewWatch(good, scrap string, counts bool) *Watch {
	w := &Watch{Readings: make([]Reading, len(s.readings)), Windows: make([]Window, len(s.windows)), Alerts: make([]Alert, len(s.programs))}
	if counts {
		w.counters = []string{good, scrap}
	}
	return w
}

// Restore returns what was saved of the thing that fresh is of, or fresh, where
// another version, which understood rules in another way, saved it.
func (s *Set) Restore(saved, fresh *Watch) *Watch {
	if fresh == nil || !s.fits(saved) {
		return fresh
	}
	saved.counters = fresh.counters
	return saved
}

// fits reports whether w is one of s.
func (s *Set) fits(w *Watch) bool {
	if w == nil || len(w.Readings) != len(s.readings) || len(w.Windows) != len(s.windows) || len(w.Alerts) != len(s.programs) {
		return false
	}
	for i := range w.Windows {
		if n := len(w.Windows[i].Buckets); n != 0 && n != buckets+1 {
			return false
		}
	}
	return true
}

// Adopt takes over what was remembered by the Set before; either may be nil.
// Alerts of rules that are gone, or mean something else now, are forgotten.
func (s *Set) Adopt(w *Watch, old *Set, was *Watch) {
	if old == nil || was == nil {
		return
	}
	w.Last = was.Last
	for j, name := range old.readings {
		if i := slices.Index(s.readings, name); i >= 0 {
			w.Readings[i] = was.Readings[j]
		}
	}
	for j, key := range old.windows {
		if i := slices.Index(s.windows, key); i >= 0 {
			w.Windows[i] = was.Windows[j]
		}
	}
	for j, p := range old.programs {
		if i := s.same(p.rule); i >= 0 {
			w.Alerts[i] = was.Alerts[j]
			if a := &w.Alerts[i]; a.Fired == 0 {
				a.Says = nil // the rule may say it in other words now
			}
			if now := s.programs[i].rule; now.For != p.rule.For || now.KeepFiringFor != p.rule.KeepFiringFor {
				w.Alerts[i].Last = max(w.Alerts[i].Last, w.Last) // a shorter time does not fall due in the past
			}
		}
	}
}

// same is the index of the rule that means the same as r; -1: there is none.
func (s *Set) same(r *Rule) int {
	for i, p := range s.programs {
		if p.rule.Name == r.Name && p.rule.When == r.When {
			return i
		}
	}
	return -1
}

// Sample takes the readings of a good sample of t, which is not older than the
// one before.
func (s *Set) Sample(w *Watch, t plant.Instant, fields []plant.Field) {
	s.advance(w, t)
	for i, name := range s.readings {
		for j := range fields {
			if fields[j].Name == name {
				w.Readings[i].take(t, &fields[j])
				s.window(w, i, t)
			}
		}
	}
}

func (s *Set) advance(w *Watch, t plant.Instant) {
	for i := range s.windows {
		w.Windows[i].advance(s.windows[i].over, t)
	}
}

// window takes the i-th reading into the windows over it.
func (s *Set) window(w *Watch, i int, t plant.Instant) {
	r := &w.Readings[i]
	if r.Is != isNumber {
		return
	}
	for k := range s.windows {
		key := &s.windows[k]
		if key.reading && key.of == s.readings[i] && !(key.m == lasts && w.counted(key.of)) {
			if key.m == lasts {
				w.Windows[k].reads(key.over, t, r.V)
			} else {
				w.Windows[k].add(key.over, key.m, t, r.V)
			}
		}
	}
}

// counted reports whether a reading is counted as output.
func (w *Watch) counted(name string) bool {
	for _, c := range w.counters {
		if c == name && name != "" {
			return true
		}
	}
	return false
}

func (r *Reading) take(t plant.Instant, f *plant.Field) {
	r.At, r.Is = t, isNumber
	switch f.Kind {
	case plant.Int:
		r.V = float64(f.Int)
	case plant.Float:
		r.V = f.Float
	case plant.Bool:
		if r.V = 0; f.Bool {
			r.V = 1
		}
	case plant.String:
		if r.Is = isWord; r.Text != f.Str {
			r.Text = strings.Clone(strings.ToValidUTF8(f.Str[:min(len(f.Str), maxWord)], ""))
		}
	}
}

// What is counted, besides readings.
const (
	Made     = "made"
	Scrapped = "scrapped"
	Energy   = "energy"
)

// Counted takes an amount of Made, Scrapped or Energy, of to or spread evenly
// over (from, to].
func (s *Set) Counted(w *Watch, word string, from, to plant.Instant, amount float64) {
	counter := ""
	if len(w.counters) > 0 {
		switch word {
		case Made:
			counter = w.counters[0]
		case Scrapped:
			counter = w.counters[1]
		}
	}
	for k := range s.windows {
		if key := &s.windows[k]; key.m == lasts && (!key.reading && key.of == word || key.reading && key.of == counter && counter != "") {
			w.Windows[k].spread(key.over, from, to, amount)
		}
	}
}

// Changed takes a change, at t, of what changes() counts.
func (s *Set) Changed(w *Watch, t plant.Instant) {
	s.advance(w, t)
	for k := range s.windows {
		if key := &s.windows[k]; !key.reading && (key.of == "state" || key.of == "phase") {
			w.Windows[k].add(key.over, sums, t, 1)
		}
	}
}

// Unheard says that nothing is known of the time before t: a reading may have
// been sent in it, so its age begins anew.
func (s *Set) Unheard(w *Watch, t plant.Instant) {
	for i := range w.Readings {
		if r := &w.Readings[i]; r.At != 0 {
			r.At = max(r.At, t)
		}
	}
}

// Hole says that some of a word's amounts before t, of Made and Scrapped or of
// Energy, may never have been counted: windows of them begin anew.
func (s *Set) Hole(w *Watch, word string, t plant.Instant) {
	for k := range s.windows {
		key := &s.windows[k]
		of := key.of == Energy == (word == Energy)
		if key.reading {
			of = word != Energy && w.counted(key.of)
		}
		if key.m == lasts && of && w.Windows[k].Buckets != nil {
			w.Windows[k].From = t
		}
	}
}

// Firing calls yield for each alert that fires.
func (w *Watch) Firing(yield func(a *Alert)) {
	for i := range w.Alerts {
		if a := &w.Alerts[i]; a.Fired != 0 && a.Says != nil {
			yield(a)
		}
	}
}
