package influx

import (
	"context"
	"sync"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// entry is one entry of the queue on its way to InfluxDB.
type entry struct {
	seq   uint64
	at    plant.Instant
	bytes int
	left  int // pieces not settled yet; guarded by window.mu
	tally tally
}

// window holds the entries on their way, in order, and bounds their bytes. It
// turns entries done in any order into acknowledgements in order.
type window struct {
	max int

	mu      sync.Mutex // guards what follows
	entries []*entry
	bytes   int
	done    uint64           // every entry up to here is done
	again   bool             // done was acknowledged, but the entry came again
	ledger  collector.Ledger // of the entries up to done, since it was taken

	freed  chan struct{} // capacity 1: there may be room
	finish chan struct{} // capacity 1: there may be something to acknowledge
}

func newWindow(max int) *window {
	return &window{max: max, freed: make(chan struct{}, 1), finish: make(chan struct{}, 1)}
}

// room waits until another entry may be opened; false at the end of ctx. Only
// one goroutine may wait. An entry larger than max goes alone.
func (w *window) room(ctx context.Context) bool {
	for {
		w.mu.Lock()
		ok := w.bytes < w.max
		w.mu.Unlock()
		if ok {
			return ctx.Err() == nil
		}
		select {
		case <-w.freed:
		case <-ctx.Done():
			return false
		}
	}
}

// open adds e, which has e.left pieces to settle.
func (w *window) open(e *entry) {
	w.mu.Lock()
	w.entries = append(w.entries, e)
	w.bytes += e.bytes
	w.mu.Unlock()
	if e.left == 0 {
		signal(w.finish)
	}
}

// settle notes that one piece of each of entries is stored or buried.
func (w *window) settle(pieces []piece) {
	w.mu.Lock()
	for _, p := range pieces {
		p.from.left--
	}
	w.mu.Unlock()
	signal(w.finish)
}

// repeated asks to acknowledge seq again where it is done already.
func (w *window) repeated(seq uint64) {
	w.mu.Lock()
	w.again = w.again || seq <= w.done
	w.mu.Unlock()
	signal(w.finish)
}

// ready drops the entries at the front that are done and returns the number
// to acknowledge, if there is a new one.
func (w *window) ready() (upTo uint64, ok bool) {
	w.mu.Lock()
	n := 0
	for n < len(w.entries) && w.entries[n].left == 0 {
		w.bytes -= w.entries[n].bytes
		w.entries[n].tally.settle(&w.ledger)
		w.done = w.entries[n].seq
		n++
	}
	clear(w.entries[:n])
	w.entries = w.entries[n:]
	ok = n > 0 || w.again
	w.again = false
	upTo = w.done
	w.mu.Unlock()
	if n > 0 {
		signal(w.freed)
	}
	return upTo, ok
}

// settled takes what became of the samples of the entries up to the number
// that ready said last.
func (w *window) settled() []collector.Posting {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.ledger.Postings()
	w.ledger = collector.Ledger{}
	return out
}

// load is how many entries are on their way.
func (w *window) load() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.entries)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
