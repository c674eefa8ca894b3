package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// reviveAfter is how long the embedded queue may not answer before its server
// is started anew: after a full disk its streams stay broken until then.
const reviveAfter = 3 * time.Second

// revivingQueue is a collector.Queue that starts its server anew where it has
// not answered for a while. It is used by the loop alone.
type revivingQueue struct {
	collector.Queue
	restart func(context.Context) error
	clock   collector.Clock
	log     *slog.Logger

	since time.Time // of the first failure in a row; zero: none
}

// Append implements collector.Queue.
func (q *revivingQueue) Append(ctx context.Context, frame []byte) (uint64, error) {
	seq, err := q.Queue.Append(ctx, frame)
	return seq, q.saw(ctx, err)
}

// AppendControl implements collector.Queue.
func (q *revivingQueue) AppendControl(ctx context.Context, frame []byte) (uint64, error) {
	seq, err := q.Queue.AppendControl(ctx, frame)
	return seq, q.saw(ctx, err)
}

func (q *revivingQueue) saw(ctx context.Context, err error) error {
	if plant.CodeOf(err) != plant.CodeUnavailable {
		q.since = time.Time{}
		return err
	}
	now := q.clock()
	if q.since.IsZero() {
		q.since = now
	}
	if now.Sub(q.since) < reviveAfter {
		return err
	}
	q.since = time.Time{}
	q.log.Warn("the queue's server does not answer and is started anew", "err", err)
	if failed := q.restart(ctx); failed != nil {
		return plant.Errorf(plant.CodeUnavailable, "the queue's server could not be started anew: %w", failed)
	}
	return err
}
