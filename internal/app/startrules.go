package app

import (
	"context"
	"errors"
	"time"

	"github.com/seed-00829101/heartline/collector/queue"
	"github.com/seed-00829101/heartline/plant"
)

// queueReader lets the worker read the queue frame by frame.
type queueReader struct {
	*queue.Reader
	app *App
}

// Next implements frameReader. A gap is an error, unless the user accepted
// the loss: then it is said, and the rules go on after it.
func (r *queueReader) Next(ctx context.Context) (uint64, []byte, error) {
	f, err := r.Reader.Next(ctx)
	for gap := (*queue.Gap)(nil); errors.As(err, &gap); f, err = r.Reader.Next(ctx) {
		if !r.app.cfg.Queue.AcceptLoss {
			return 0, nil, plant.Errorf(plant.CodeDamaged, "%w; to go on without them, start once with --queue.accept_loss=true", err)
		}
		r.app.log.Error("the rules go on without frames that are gone", "from", gap.From, "to", gap.To)
		r.app.worker.damaged.Add(gap.To - gap.From + 1)
		after, failed := r.app.queue.Reader(ctx, gap.To+1)
		if failed != nil {
			return 0, nil, failed
		}
		r.Reader = after
	}
	return f.Seq, f.Data, err
}

// startRules starts the rules where their last snapshot ended.
func (a *App) startRules(context.Context) error {
	w := &worker{
		queue: a.queue, known: a.baseline.definition(a.opt.Loaded), clock: a.opt.Clock, log: a.log.With("component", "rules"), stats: &a.worker,
		observe: func(d time.Duration, something bool) {
			led := "nothing"
			if something {
				led = "something"
			}
			a.timings.decide.WithLabelValues(led).Observe(d.Seconds())
		},
		past: &a.past, snapshot: a.keeper.snapshotAt, pressed: func() bool { return a.loop.Health() != nil },
		alerts: &a.alerts, audience: &floor{board: a.console, publish: a.mqtt.Publish, decided: a.opt.Decided, flags: &a.flags, alerts: &a.alerts},
		open: func(ctx context.Context, from uint64) (frameReader, error) {
			r, err := a.queue.Reader(ctx, from)
			return &queueReader{Reader: r, app: a}, err
		},
	}
	a.life.run("the rules", w.Run)
	return nil
}
