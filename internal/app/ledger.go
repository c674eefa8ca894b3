package app

import (
	"context"
	"errors"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/queue"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

// ledgerEvery is how often the ledger is written to InfluxDB.
const ledgerEvery = time.Minute

// openBooks notes where the ledger stands before the store and the loop run.
func (a *App) openBooks(ctx context.Context, samples *queue.Cursor) error {
	stats, err := a.queue.Stats(ctx)
	if err != nil {
		return err
	}
	a.books.settled = samples.Settled
	a.books.appended = func() []collector.Posting { return a.loop.Appended() }
	a.books.open()
	from := samples.Acked()
	a.life.run("the ledger", func(ctx context.Context) error {
		err := a.books.count(ctx, from, stats.LastSeq, a.framesFrom)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("what was in the queue at the start cannot be counted; the ledger shows it as received once it is stored", "err", err)
		}
		return a.writeLedger(ctx)
	})
	return nil
}

// framesFrom reads the queue from a frame on; see countingReader. Frames may
// be given up at any time.
func (a *App) framesFrom(ctx context.Context, from uint64) (frameReader, error) {
	r, err := a.queue.Reader(ctx, from)
	for gap := (*queue.Gap)(nil); errors.As(err, &gap); {
		r, err = a.queue.Reader(ctx, gap.To+1)
	}
	return &countingReader{r, a.queue}, err
}

// countingReader goes on past frames that are gone: the store says which.
type countingReader struct {
	*queue.Reader
	queue *queue.Queue
}

// Next implements frameReader.
func (r *countingReader) Next(ctx context.Context) (uint64, []byte, error) {
	f, err := r.Reader.Next(ctx)
	if gap := (*queue.Gap)(nil); errors.As(err, &gap) {
		r.Reader, err = r.queue.Reader(ctx, gap.To+1)
		return gap.To, nil, err
	}
	return f.Seq, f.Data, err
}

// ledger is the ledger now, for the page and the API.
func (a *App) ledger() ([]collector.Posting, bool) {
	if !a.started.Load() {
		return nil, false
	}
	return a.books.postings()
}

// writeLedger writes the ledger's accounts that changed, and what is seen of
// gateways, to InfluxDB every minute until ctx ends. The ledger's
// figures are running sums: what one minute could not write the next one does.
func (a *App) writeLedger(ctx context.Context) error {
	tick := time.NewTicker(ledgerEvery)
	defer tick.Stop()
	written := map[collector.Account]collector.Tally{}
	said := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		all, complete := a.ledger()
		if !complete {
			continue
		}
		var changed []collector.Posting
		for _, p := range all {
			if p.InFlight() > 0 || written[p.Account] != p.Tally {
				changed = append(changed, p)
			}
		}
		now := plant.InstantOf(a.opt.Clock())
		gateways, err := a.watch.points(ctx)
		err = errors.Join(err, a.influx.WriteLedger(ctx, now, changed), a.influx.WriteGateways(ctx, now, gateways))
		if err != nil {
			if !said && ctx.Err() == nil {
				a.log.Warn("the ledger is not written to InfluxDB; the next minute tries again", "err", err)
			}
			said = true
			continue
		}
		said = false
		for _, p := range changed {
			written[p.Account] = p.Tally
		}
	}
}

// watched is what is seen of a plant's machines and gateways, for the API.
func (a *App) watched(ctx context.Context, plantID string) (console.Watched, error) {
	if !a.started.Load() {
		return console.Watched{}, plant.Errorf(plant.CodeUnavailable, "Heartline is starting; try again in a moment")
	}
	return a.watch.machines(ctx, plantID)
}

// letters gives the console access to dead letters.
type letters struct {
	*queue.Queue
	app *App
}

// ReplayLetter implements console.Letters.
func (l letters) ReplayLetter(ctx context.Context, id uint64) error {
	if !l.app.started.Load() {
		return plant.Errorf(plant.CodeUnavailable, "Heartline is starting; try again in a moment")
	}
	k, err := l.Letter(ctx, id)
	if err != nil {
		return err
	}
	return l.app.loop.Replay(ctx, k)
}
