package influx

import (
	"context"

	"github.com/cespare/xxhash/v2"

	"github.com/seed-00829101/heartline/collector"
)

// Cursor reads a queue in order and remembers how far it got.
type Cursor interface {
	// Fetch returns the next entries, at most max, in order of Seq; where
	// there is none it waits for one, or for the end of ctx. Entries that
	// were not acknowledged may come again. An error means that nothing was
	// taken; Fetch is called again later.
	Fetch(ctx context.Context, max int) ([]collector.Queued, error)
	// Ack says that every entry up to and with upTo is done with: they need
	// not come again, not after a restart either. Called from one goroutine,
	// also while Fetch waits, with rising numbers; after an error the same
	// or a later number is tried again. settled is what became of the samples
	// of the entries since the call before; it is taken in any case, and is
	// as durable as upTo.
	Ack(ctx context.Context, upTo uint64, settled []collector.Posting) error
}

// sorted is one entry of the queue taken apart: its lines by lane, in their
// order.
type sorted struct {
	lanes   [][]line
	letters []collector.DeadLetter // what cannot be written at all
	damage  error                  // part or all of the entry cannot be read
	books   books
}

// line is one line of line protocol, and whose sample it is: a number of the
// books, or noAccount.
type line struct {
	text    []byte // without a newline
	account int32
}

func (s *sorted) reset() {
	clear(s.lanes) // pieces keep the old slices
	s.letters, s.damage = nil, nil
}

// add puts text into the lane of its plant: always the same one.
func (s *sorted) add(plant, text []byte, account int32) {
	i := xxhash.Sum64(plant) % uint64(len(s.lanes))
	s.lanes[i] = append(s.lanes[i], line{text, account})
}
