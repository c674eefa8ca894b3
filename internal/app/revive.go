package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/seed-00829101/heartline/collector/queue"
	"github.com/seed-00829101/heartline/plant"
)

// reviveAfter is how long a stream of the embedded queue may take nothing before
// its server is started anew: after a full disk it stays broken until then.
const reviveAfter = 3 * time.Second

// revivingQueue is the queue, whose server is started anew where one of its
// streams has taken nothing for a while. It is used by the loop alone, which
// writes at least a tick each second.
type revivingQueue struct {
	*queue.Queue
	restart func(context.Context) error
	room    func() error // why the disk is full: a start would mend nothing
	log     *slog.Logger
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

// saw starts the server anew where that is due. A frame that was stored stays so.
func (q *revivingQueue) saw(ctx context.Context, err error) error {
	silent := q.Silent()
	if silent < reviveAfter || err == nil && q.room() != nil {
		return err
	}
	q.log.Warn("the queue's server does not answer and is started anew", "for", silent.Round(time.Millisecond), "err", err)
	failed := q.restart(ctx)
	q.Forgive()
	if failed != nil && err != nil {
		return plant.Errorf(plant.CodeUnavailable, "the queue's server could not be started anew: %w", failed)
	}
	return err
}
