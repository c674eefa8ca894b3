package influx

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/seed-00829101/heartline/collector"
)

const (
	// fetchMax is how many entries are asked for at once.
	fetchMax = 128
	// stopGrace is how long a write under way may take once we are to stop.
	stopGrace = 2 * time.Second
	// maxRetryAfter bounds what a server may ask us to wait.
	maxRetryAfter = 5 * time.Minute
	// minBatch is as small as a 413 makes requests.
	minBatch = 1 << 10
)

// pump moves one queue into one bucket. Store and Verdicts are pumps that
// read different entries.
type pump struct {
	client *Client
	bucket string
	cursor Cursor
	dead   collector.DeadLetters
	// take takes an entry apart into s and returns the entry's stamp.
	take func(q collector.Queued, s *sorted) *entry

	lanes  []*lane
	window *window
	state  *state
	batch  atomic.Int64 // bytes of a request; less than configured after a 413
}

func newPump(c *Client, name, bucket string, cur Cursor, dead collector.DeadLetters) *pump {
	p := &pump{client: c, bucket: bucket, cursor: cur, dead: dead}
	p.state = newState(c.cfg, name, bucket)
	p.batch.Store(int64(c.cfg.MaxBatch))
	p.start()
	return p
}

// start makes the lanes and the window, empty.
func (p *pump) start() {
	p.window = newWindow(2 * p.client.cfg.Lanes * p.client.cfg.MaxBatch)
	p.lanes = make([]*lane, p.client.cfg.Lanes)
	for i := range p.lanes {
		p.lanes[i] = &lane{pump: p, id: i, wake: make(chan struct{}, 1)}
	}
}

// run moves entries until ctx ends. What it has not acknowledged then comes
// again from the queue.
func (p *pump) run(ctx context.Context) error {
	var writers, acker sync.WaitGroup
	for _, l := range p.lanes {
		writers.Go(func() { l.run(ctx) })
	}
	ending, end := context.WithCancel(context.WithoutCancel(ctx))
	acker.Go(func() { p.acknowledge(ending) })
	p.read(ctx)
	writers.Wait()
	end()
	acker.Wait()
	if upTo, ok := p.window.ready(); ok {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		p.ack(last, upTo)
	}
	return nil
}

// read fetches entries and hands their pieces to the lanes.
func (p *pump) read(ctx context.Context) {
	var s sorted
	s.lanes = make([][]line, len(p.lanes))
	var newest uint64
	wait := p.client.backoff()
	for p.window.room(ctx) {
		entries, err := p.cursor.Fetch(ctx, fetchMax)
		if err != nil && ctx.Err() == nil {
			p.state.say(sayFetch, "the queue cannot be read; trying again", "err", err)
			sleep(ctx, wait.NextBackOff())
			continue
		}
		wait.Reset()
		for _, q := range entries {
			if !p.window.room(ctx) {
				return
			}
			if q.Seq <= newest {
				p.window.repeated(q.Seq)
				continue
			}
			newest = q.Seq
			s.reset()
			if !p.enter(ctx, q, &s) {
				return
			}
		}
	}
}

// enter takes q apart and puts it on its way; false where ctx ended first.
func (p *pump) enter(ctx context.Context, q collector.Queued, s *sorted) bool {
	e := p.take(q, s)
	e.seq, e.bytes = q.Seq, len(q.Data)
	if s.damage != nil {
		p.state.damaged(q.Seq, s.damage)
	}
	for _, d := range s.letters {
		if !p.keep(ctx, d) {
			return false
		}
	}
	for _, lines := range s.lanes {
		if len(lines) > 0 {
			e.left++
		}
	}
	p.window.open(e)
	for i, lines := range s.lanes {
		if len(lines) == 0 {
			continue
		}
		piece := piece{from: e, lines: lines}
		for _, line := range lines {
			piece.bytes += len(line.text) + 1
		}
		p.lanes[i].put(piece)
	}
	return true
}

// acknowledge tells the queue what is done, in order.
func (p *pump) acknowledge(ctx context.Context) {
	wait := p.client.backoff()
	for {
		select {
		case <-p.window.finish:
		case <-ctx.Done():
			return
		}
		upTo, ok := p.window.ready()
		for ok && !p.ack(ctx, upTo) {
			if !sleep(ctx, wait.NextBackOff()) {
				p.window.repeated(upTo) // for the last try of run
				return
			}
			if newer, more := p.window.ready(); more {
				upTo = newer
			}
		}
		wait.Reset()
	}
}

func (p *pump) ack(ctx context.Context, upTo uint64) bool {
	if err := p.cursor.Ack(ctx, upTo, p.window.settled()); err != nil {
		if ctx.Err() != nil {
			return false // run tries once more
		}
		p.state.say(sayAck, "the queue does not take an acknowledgement; trying again", "seq", upTo, "err", err)
		return false
	}
	p.state.acked(upTo)
	return true
}

// write is Client.write that has stopGrace left when ctx ends.
func (p *pump) write(ctx context.Context, points []point) answer {
	ctx, cancel := graceful(ctx)
	defer cancel()
	return p.client.write(ctx, p.bucket, points)
}

// graceful returns a context that ends stopGrace after ctx.
func graceful(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(stopGrace, cancel) })
	return longer, func() { stop(); cancel() }
}

// pause waits as long as a says, or wait; false where ctx ended first.
func (p *pump) pause(ctx context.Context, a answer, wait backoff.BackOff) bool {
	d := wait.NextBackOff()
	if a.outcome == blocked {
		d = p.client.cfg.BlockedRetry
	}
	return sleep(ctx, max(d, min(a.wait, maxRetryAfter)))
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// limit is the most bytes of line protocol in one request.
func (p *pump) limit() int { return int(p.batch.Load()) }

// unshrink forgets what shrink learned: one point was too large, not requests.
func (p *pump) unshrink() { p.batch.Store(int64(p.client.cfg.MaxBatch)) }

// shrink lowers the limit after a server found a request too large.
func (p *pump) shrink(to int) {
	for {
		now := p.batch.Load()
		if int64(to) >= now || now <= minBatch || p.batch.CompareAndSwap(now, max(int64(to), minBatch)) {
			return
		}
	}
}
