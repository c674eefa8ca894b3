package app

import (
	"context"
	"sync"

	"github.com/seed-00829101/heartline/collector"
)

// books is the ledger as it stands: what the store's cursor settled, and what
// is on its way to it. Safe for concurrent use.
type books struct {
	settled  func() []collector.Posting // by the store's cursor, durably
	appended func() []collector.Posting // by the loop since its start

	mu      sync.Mutex       // guards what follows
	before  collector.Ledger // settled when we started
	backlog collector.Ledger // in frames that were in the queue then
	counted bool             // backlog holds them all
}

// open notes where the ledger stood when we started. Call it before anything
// is settled or appended.
func (b *books) open() { b.before.Add(b.settled()) }

// count reads the frames that were in the queue when we started: those after
// from, up to and with through.
func (b *books) count(ctx context.Context, from, through uint64, open func(context.Context, uint64) (frameReader, error)) error {
	if from >= through {
		b.close()
		return nil
	}
	frames, err := open(ctx, from+1)
	if err != nil {
		return err
	}
	for {
		seq, data, err := frames.Next(ctx)
		if err != nil {
			return err
		}
		if seq <= through {
			b.mu.Lock()
			_ = b.backlog.Count(data) // the store says what is damaged
			b.mu.Unlock()
		}
		if seq >= through {
			b.close()
			return nil
		}
	}
}

// close notes that the backlog is counted.
func (b *books) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counted = true
}

// postings is the ledger now: Received of each account is what was settled
// and what is in flight. complete is false until the backlog of the last
// start is counted.
func (b *books) postings() (ps []collector.Posting, complete bool) {
	settled := b.settled() // before appended: nothing is settled that was not
	var l, flight collector.Ledger
	l.Add(settled)
	flight.Add(b.appended())
	b.mu.Lock()
	defer b.mu.Unlock()
	flight.Add(b.backlog.Postings())
	for _, p := range flight.Postings() {
		now, was := l.Tally(p.Account), *b.before.Tally(p.Account)
		if way := p.Received - (now.Received - was.Received); int64(way) > 0 {
			now.Received += way
		}
	}
	return l.Postings(), b.counted
}
