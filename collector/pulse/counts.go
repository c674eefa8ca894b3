package pulse

// Counts is what is counted of one machine, without what costs more to tell.
type Counts struct {
	Missing, Resets, Repeats, Retained uint64
}

// Counts yields the counts of each machine, in the order they were met.
func (t *Tracker) Counts(yield func(Counts) bool) {
	for _, m := range t.order {
		if !yield(Counts{Missing: m.seq.missing, Resets: m.seq.resets, Repeats: m.repeats, Retained: m.retained}) {
			return
		}
	}
}
