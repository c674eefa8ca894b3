package app

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/collector/queue"
	"github.com/seed-00829101/heartline/plant"
)

// queueCursor lets the store read the queue: the two do not know each other.
type queueCursor struct {
	*queue.Cursor
	what string
	lost *atomic.Uint64 // entries
	log  *slog.Logger
}

// Fetch implements influx.Cursor. What is gone from the queue cannot be
// stored: it is counted and said, and the rest goes on.
func (c queueCursor) Fetch(ctx context.Context, limit int) ([]collector.Queued, error) {
	frames, err := c.Cursor.Fetch(ctx, limit)
	for gap := (*queue.Gap)(nil); errors.As(err, &gap); frames, err = c.Cursor.Fetch(ctx, limit) {
		c.lost.Add(gap.To - gap.From + 1)
		c.log.Error("a part of the queue is gone and will not be in InfluxDB", "what", c.what, "from", gap.From, "to", gap.To, "err", err)
		c.Cursor.Skip(gap.To)
	}
	if err != nil {
		return nil, err
	}
	out := make([]collector.Queued, len(frames))
	for i, f := range frames {
		out[i] = collector.Queued{Seq: f.Seq, Data: f.Data}
	}
	return out, nil
}

// startStore starts what writes to InfluxDB: heartbeats and verdicts.
func (a *App) startStore(ctx context.Context) error {
	a.registry = prometheus.NewRegistry()
	a.timings = newTimings(a.registry)
	var err error
	if a.token, err = a.influxToken(); err != nil {
		return err
	}
	if a.influx, err = influx.New(a.influxConfig()); err != nil {
		return err
	}
	samples, err := a.queue.StoreCursor(ctx)
	if err != nil {
		return err
	}
	results, err := a.queue.ResultsCursor(ctx)
	if err != nil {
		return err
	}
	a.store = a.influx.NewStore(queueCursor{samples, "heartbeats", &a.lost, a.log}, a.queue)
	a.verdicts = a.influx.NewVerdicts(queueCursor{results, "verdicts", &a.lost, a.log}, a.queue)
	if err := a.openBooks(ctx, samples); err != nil {
		return err
	}
	a.keeper.log = a.log
	a.probe.begin(plant.Errorf(plant.CodeUnavailable, "has not answered yet"), a.log)
	a.life.run("the probe of InfluxDB", func(ctx context.Context) error { return a.probe.run(ctx, a.influx.Check) })
	a.life.run("the keeper", func(ctx context.Context) error {
		return a.keeper.run(ctx, samples.Acked, func() bool { return a.started.Load() && a.loop.Health() != nil })
	})
	// Nothing is written to what was not found well: a bucket that keeps its
	// data too short would take it and lose it.
	a.life.run("the verdicts' writer", a.probe.before(a.verdicts.Run))
	a.life.run("the store", a.probe.before(a.store.Run))
	return nil
}

func (a *App) influxConfig() influx.Config {
	c := a.cfg.InfluxDB
	return influx.Config{
		URL: a.addr.InfluxDB, Org: c.Org, Bucket: c.Bucket, VerdictBucket: c.VerdictBucket,
		Retention: time.Duration(c.Retention), Token: a.token(), Renew: a.token,
		Clock: a.opt.Clock, Log: a.log.With("component", "influxdb"),
		Observe: func(d time.Duration, _ int) { a.timings.write.Observe(d.Seconds()) },
	}
}

// influxToken returns what says the token of InfluxDB.
func (a *App) influxToken() (func() string, error) {
	switch {
	case a.influxd != nil:
		return a.influxd.Token, nil
	case a.cfg.InfluxDB.TokenFile == "":
		return func() string { return "" }, nil
	}
	token, err := openSecret(a.cfg.InfluxDB.TokenFile, a.log)
	return token.Now, err
}
