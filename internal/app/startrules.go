package app

import (
	"context"

	"github.com/seed-00829101/heartline/collector/queue"
)

// queueReader lets the worker read the queue frame by frame.
type queueReader struct{ *queue.Reader }

// Next implements frameReader.
func (r queueReader) Next(ctx context.Context) (uint64, []byte, error) {
	f, err := r.Reader.Next(ctx)
	return f.Seq, f.Data, err
}

// startRules starts the rules where their last snapshot ended.
func (a *App) startRules(context.Context) error {
	w := &worker{
		queue: a.queue, clock: a.opt.Clock, log: a.log.With("component", "rules"), stats: &a.worker,
		snapshot: a.keeper.snapshotAt,
		audience: &floor{board: a.console, publish: a.mqtt.Publish, decided: a.opt.Decided},
		open: func(ctx context.Context, from uint64) (frameReader, error) {
			r, err := a.queue.Reader(ctx, from)
			return queueReader{r}, err
		},
	}
	a.life.run("the rules", w.Run)
	return nil
}
