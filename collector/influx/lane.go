package influx

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/seed-00829101/heartline/collector"
)

// piece is what one entry has for one lane.
type piece struct {
	from  *entry
	lines []line
	bytes int
}

// lane writes its plants' points, one request after another. The next request
// takes whatever came while the last one was under way.
type lane struct {
	pump *pump
	id   int

	mu     sync.Mutex // guards pieces: put by the reader, taken by the lane
	pieces []piece
	wake   chan struct{} // capacity 1
	points []point       // the lane's own
}

func (l *lane) put(p piece) {
	l.mu.Lock()
	l.pieces = append(l.pieces, p)
	l.mu.Unlock()
	signal(l.wake)
}

// take returns the next pieces, up to max bytes but at least one if any.
func (l *lane) take(max int) []piece {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, size := 0, 0
	for n < len(l.pieces) && (n == 0 || size+l.pieces[n].bytes <= max) {
		size += l.pieces[n].bytes
		n++
	}
	taken := l.pieces[:n:n]
	if l.pieces = l.pieces[n:]; len(l.pieces) == 0 {
		l.pieces = nil
	}
	return taken
}

// run writes until ctx ends. What is not settled then stays in the queue.
func (l *lane) run(ctx context.Context) {
	for {
		pieces := l.take(l.pump.limit())
		if len(pieces) == 0 {
			select {
			case <-l.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		l.points = l.points[:0]
		for _, p := range pieces {
			for _, line := range p.lines {
				l.points = append(l.points, point{line.text, p.from, line.account})
			}
		}
		if !l.settle(ctx, l.points) {
			return
		}
		clear(l.points)
		l.pump.window.settle(pieces)
		clear(pieces)
	}
}

// settle stores or buries every one of points, in requests of at most the
// limit; false where ctx ended first.
func (l *lane) settle(ctx context.Context, points []point) bool {
	for len(points) > 0 {
		n, size, limit := 1, len(points[0].line)+1, l.pump.limit()
		for n < len(points) && size+len(points[n].line)+1 <= limit {
			size += len(points[n].line) + 1
			n++
		}
		if !l.send(ctx, points[:n], size) {
			return false
		}
		points = points[n:]
	}
	return true
}

// send settles points, which fit one request. Where InfluxDB refuses them, it
// halves them until the bad ones are alone. A refused request may have been
// stored in part: equal points are one point, so they are sent again.
func (l *lane) send(ctx context.Context, points []point, size int) bool {
	var wait backoff.BackOff
	for ctx.Err() == nil {
		a := l.pump.write(ctx, points)
		if ctx.Err() != nil && a.outcome == later {
			return false // cut off by our own end: no trouble of InfluxDB's
		}
		l.pump.state.heard(l.id, a)
		switch a.outcome {
		case stored:
			l.pump.state.count(len(points), 0)
			return true
		case expired:
			n := l.expired(a, len(points))
			l.pump.state.count(len(points)-n, n)
			for _, pt := range oldest(points, n) {
				l.pump.window.note(pt, collector.Tally{Expired: 1})
			}
			return true
		case refused, tooLarge:
			if len(points) == 1 {
				return l.pump.bury(ctx, points[0], a)
			}
			if a.outcome == tooLarge {
				l.pump.shrink(size / 2)
			}
			half := len(points) / 2
			return l.settle(ctx, points[:half]) && l.settle(ctx, points[half:])
		}
		if wait == nil {
			wait = l.pump.client.backoff()
		}
		if !l.pump.pause(ctx, a, wait) {
			return false
		}
	}
	return false
}

// expired is how many of n points an answer says were too old: all, where it
// gives no number.
func (l *lane) expired(a answer, n int) int {
	if a.dropped <= 0 || a.dropped > n {
		return n
	}
	return a.dropped
}

// backoff returns waits with jitter that grow from RetryMin to RetryMax.
func (c *Client) backoff() backoff.BackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier = c.cfg.RetryMin, c.cfg.RetryMax, 2
	b.Reset()
	return capped{b, c.cfg.RetryMax}
}

// capped holds a BackOff to max: its jitter goes beyond its own.
type capped struct {
	backoff.BackOff
	max time.Duration
}

func (c capped) NextBackOff() time.Duration { return min(c.BackOff.NextBackOff(), c.max) }
