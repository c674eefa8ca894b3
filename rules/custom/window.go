package custom

import (
	"math"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// buckets is how many parts a window has: what is remembered of it does not
// grow with the rate of samples, and it is precise to a sixtieth.
const buckets = 60

// measure is what a window keeps of each of its parts.
type measure uint8

const (
	sums  measure = iota // sum and number
	mins                 // smallest
	maxes                // largest
	lasts                // newest
)

// Window is what was said in some time before the newest sample.
type Window struct {
	_ struct{} `cbor:",toarray"`
	// From is when it began: before it is full it says nothing.
	From plant.Instant
	// Newest is the number of the newest bucket since 1970.
	Newest  int64
	Buckets []bucket

	past    bucket // of all buckets but the newest
	pastFor int64  // the newest then; 0: not reckoned
}

// bucket is a sixtieth of a window.
type bucket struct {
	_ struct{} `cbor:",toarray"`
	A float64
	N uint32
}

// add takes v into the bucket.
func (b *bucket) add(m measure, v float64) {
	switch {
	case m == sums:
		b.A += v
	case b.N == 0, m == lasts, m == mins && v < b.A, m == maxes && v > b.A:
		b.A = v
	}
	b.N++
}

// join takes what o holds, which is later, into b.
func (b *bucket) join(m measure, o bucket) {
	if o.N == 0 {
		return
	}
	n := b.N + o.N
	b.add(m, o.A)
	b.N = n
}

// width is the length of one bucket of a window.
func width(over time.Duration) int64 { return int64((over + buckets - 1) / buckets) }

// index is the bucket of t. Buckets are half open, as all windows: (from, to].
func index(t plant.Instant, width int64) int64 { return (int64(t) - 1) / width }

func (w *Window) slot(k int64) *bucket {
	return &w.Buckets[((k%(buckets+1))+buckets+1)%(buckets+1)]
}

// advance lets the window reach up to t. After a gap as long as the window it
// begins anew.
func (w *Window) advance(over time.Duration, t plant.Instant) {
	k := index(t, width(over))
	if w.Buckets == nil {
		w.Buckets = make([]bucket, buckets+1)
		w.From, w.Newest = t, k
		return
	}
	if k <= w.Newest {
		return
	}
	if k-w.Newest > buckets {
		clear(w.Buckets)
		w.From = t
	} else {
		for i := w.Newest + 1; i <= k; i++ {
			*w.slot(i) = bucket{}
		}
	}
	w.Newest, w.pastFor = k, 0
}

// add takes v, said at t. What is older than the window changes nothing.
func (w *Window) add(over time.Duration, m measure, t plant.Instant, v float64) {
	k := index(t, width(over))
	if w.Buckets == nil || w.Newest-k > buckets {
		return
	}
	if k > w.Newest {
		w.advance(over, t)
	}
	if k < w.Newest {
		w.pastFor = 0
	}
	w.slot(k).add(m, v)
}

// reads takes a reading of the newest bucket. Between two readings it is taken to
// have risen evenly, so that a gap takes nothing from what it rose by.
func (w *Window) reads(over time.Duration, t plant.Instant, v float64) {
	k := index(t, width(over))
	if w.Buckets != nil && k == w.Newest && w.slot(k).N == 0 {
		w.bridge(k, v)
	}
	w.add(over, lasts, t, v)
}

// bridge fills the empty buckets before k.
func (w *Window) bridge(k int64, v float64) {
	before := k - 1
	for before >= k-buckets && w.slot(before).N == 0 {
		before--
	}
	if before < k-buckets {
		return
	}
	from := w.slot(before).A
	for i := before + 1; i < k; i++ {
		w.slot(i).add(lasts, from+(v-from)*float64(i-before)/float64(k-before))
	}
	w.pastFor = 0
}

// spread takes an amount of to, or evenly over (from, to].
func (w *Window) spread(over time.Duration, from, to plant.Instant, amount float64) {
	length := width(over)
	if from >= to || index(from+1, length) == index(to, length) {
		w.add(over, sums, to, amount)
		return
	}
	if w.Buckets == nil {
		return
	}
	w.advance(over, to)
	whole := float64(to - from)
	for begin := max(from, plant.Instant((w.Newest-buckets)*length)); begin < to; {
		end := min(to, plant.Instant((int64(begin)/length+1)*length))
		w.add(over, sums, end, amount*float64(end-begin)/whole)
		begin = end
	}
}

// full reports whether all of the window's time has been watched.
func (w *Window) full(over time.Duration, t plant.Instant) bool {
	return w.Buckets != nil && int64(t.Sub(w.From)) >= int64(over)-width(over)
}

// all is what the window holds.
func (w *Window) all(m measure) bucket {
	if w.pastFor != w.Newest {
		w.past, w.pastFor = bucket{}, w.Newest
		for k := w.Newest - buckets + 1; k < w.Newest; k++ {
			w.past.join(m, *w.slot(k))
		}
	}
	out := w.past
	out.join(m, *w.slot(w.Newest))
	return out
}

// rise is the newest value less the one where the window begins; NaN where it
// has not got both.
func (w *Window) rise() float64 {
	newest := w.slot(w.Newest)
	if newest.N == 0 {
		newest = &bucket{A: w.all(lasts).A}
	}
	for k := w.Newest - buckets; k < w.Newest; k++ {
		if b := w.slot(k); b.N > 0 {
			return newest.A - b.A
		}
	}
	return math.NaN()
}
