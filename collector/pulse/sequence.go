package pulse

import (
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// maxSpans is how many holes in a machine's numbers are remembered; of
	// older ones it is forgotten which numbers are missing, not how many.
	maxSpans = 8
	// maxJump is the largest hole: whoever leaves out a million numbers
	// has begun to count elsewhere.
	maxJump = 1 << 20
	// nearJump is the largest hole beside a clock that was set back.
	nearJump = 1000
	// minJumpBack is by how much a clock must go back to be called so.
	minJumpBack = time.Second
	// nearBehind is how far an old number may lie behind where nothing but
	// the number tells it from a restart.
	nearBehind = 64
	// resumeSlack is by how much a device may count faster than it usually
	// does, from a restart that we missed on.
	resumeSlack = 1.1
)

// moduli are where sequence numbers usually begin anew: after a byte
// (Sparkplug B), four digits, 15, 16, 31 and 32 bits.
var moduli = [...]uint64{1 << 8, 10_000, 1 << 15, 1 << 16, 1 << 31, 1 << 32}

// span is a run of numbers that are missing, and the stamps on both sides.
type span struct {
	from, to      uint64
	after, before plant.Instant
}

// sequence follows the numbers of one machine.
type sequence struct {
	have    bool
	lossy   bool   // a span was forgotten
	first   uint64 // of this count
	last    uint64
	lastAt  plant.Instant // its stamp
	modulus uint64        // where the numbers were seen to begin anew; 0: nowhere
	resetAt plant.Instant // stamp of the newest restart
	spans   []span        // oldest first

	missing              uint64
	resets, wraps, stuck uint64
}

// step is what one number shows.
type step struct {
	gaps   int64
	reset  bool
	repeat bool
	next   bool // it is newer than all before
}

// take takes number n of a sample stamped t. newest is the machine's newest
// stamp; timed: stamps are the device's own.
func (q *sequence) take(n uint64, t, newest plant.Instant, timed bool) step {
	if !q.have {
		*q = sequence{have: true, first: n, last: n, lastAt: t}
		return step{next: true}
	}
	old := timed && t <= newest // it may be older than what was seen
	if n == q.last {
		if t == q.lastAt {
			return step{repeat: true}
		}
		q.stuck++
		q.lastAt = t
		return step{next: !old}
	}
	if (old || !timed) && q.fill(n, t, timed) {
		return step{gaps: -1}
	}
	ahead := q.ahead(n)
	late := timed && t < newest
	switch {
	case ahead > maxJump && !late:
		return q.restart(n, t, timed)
	case late && (ahead > nearJump || ahead > 0 && t < q.resetAt):
		return step{} // of an earlier count
	case ahead > 0:
		return q.forward(n, ahead, t)
	case q.behind(n, old, timed):
		return step{repeat: q.modulus == 0 && n >= q.first && !q.lossy && t >= q.resetAt}
	}
	return q.restart(n, t, timed)
}

// resume looks at the first number since nobody listened. A device that began
// to count anew meanwhile may be past its old number by now: where there was
// time enough for that, nobody knows what is missing, and nothing is counted.
func (q *sequence) resume(n uint64, t plant.Instant, every time.Duration) {
	passed := t.Sub(q.lastAt)
	if q.have && passed > 0 && n > q.last+1 && float64(n)*float64(every) <= resumeSlack*float64(passed) {
		q.first, q.last, q.lastAt, q.lossy = n, n-1, t-1, true
	}
}

// ahead is how many numbers n lies ahead of the last one; 0: it does not.
func (q *sequence) ahead(n uint64) uint64 {
	if q.modulus == 0 && n <= 1 && n < q.last {
		if i := slices.Index(moduli[:], q.last+1); i >= 0 {
			q.modulus = moduli[i]
			return 1 // where counting begins at 1, no 0 is missing
		}
	}
	if n >= q.modulus || q.last >= q.modulus {
		q.modulus = 0 // it counts further than that
	}
	if q.modulus == 0 {
		if n > q.last {
			return n - q.last
		}
		return 0
	}
	d := (n + q.modulus - q.last) % q.modulus
	if d > q.modulus/2 || n == 0 && d > 1 { // at 0, a restart is likelier than such a hole
		return 0
	}
	return d
}

// behind tells an old number from a restart.
func (q *sequence) behind(n uint64, old, timed bool) bool {
	if timed {
		return old
	}
	return n > 1 && n < q.last && q.last-n <= nearBehind
}

// forward takes the next number, or one further ahead.
func (q *sequence) forward(n, ahead uint64, t plant.Instant) step {
	missing := ahead - 1
	hole := span{after: min(q.lastAt, t), before: max(q.lastAt, t)}
	if n > q.last {
		q.lose(hole, q.last+1, n)
	} else {
		q.wraps++
		if missing > 0 {
			q.lose(hole, q.last+1, q.modulus)
			q.lose(hole, 0, n)
		}
	}
	q.missing += missing
	q.last, q.lastAt = n, t
	return step{gaps: int64(missing), next: true}
}

// lose notes that [from, end) is missing.
func (q *sequence) lose(hole span, from, end uint64) {
	if from >= end {
		return
	}
	hole.from, hole.to = from, end-1
	if q.spans == nil {
		q.spans = make([]span, 0, maxSpans)
	}
	q.makeRoom()
	q.spans = append(q.spans, hole)
}

func (q *sequence) makeRoom() {
	if len(q.spans) == maxSpans {
		q.spans = slices.Delete(q.spans, 0, 1)
		q.lossy = true
	}
}

// fill reports whether n was missing, and notes that it came.
func (q *sequence) fill(n uint64, t plant.Instant, timed bool) bool {
	for i := len(q.spans) - 1; i >= 0; i-- {
		s := &q.spans[i]
		if n < s.from || n > s.to || timed && (t < s.after || t > s.before) {
			continue
		}
		q.missing--
		switch {
		case s.from == s.to:
			q.spans = slices.Delete(q.spans, i, i+1)
		case n == s.from:
			s.from++
		case n == s.to:
			s.to--
		default:
			upper := *s
			upper.from = n + 1
			s.to = n - 1
			q.makeRoom() // may forget the lower half: the oldest goes first
			q.spans = append(q.spans, upper)
		}
		return true
	}
	return false
}

// restart begins a new count.
func (q *sequence) restart(n uint64, t plant.Instant, timed bool) step {
	q.resets++
	q.first, q.last, q.lastAt, q.resetAt = n, n, t, t
	if !timed {
		q.spans = q.spans[:0] // their numbers will come again
	}
	q.lossy = false
	return step{reset: true, next: true}
}
