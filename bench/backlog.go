package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// backlog is how a queue that filled up while InfluxDB stood still is drained.
type backlog struct {
	Messages    int     `json:"messages"`
	Stored      int64   `json:"stored"`
	PerSecond   float64 `json:"stored_per_second"`
	BeforeBytes int64   `json:"before_bytes"`
	PeakBytes   int64   `json:"peak_bytes"`
}

// drain has influxd stand still while messages come, and measures how fast they
// are stored once it goes on.
func (b *bench) drain(ctx context.Context) (*backlog, error) {
	dir := filepath.Join(b.o.dir, "backlog")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	const db = "bench_backlog"
	for _, q := range []string{"CREATE DATABASE " + db, "CREATE DATABASE " + db + "_verdicts"} {
		if _, err := b.influx.number("", q); err != nil {
			return nil, err
		}
	}
	p, err := startHeartline(ctx, b.o, dir, b.broker, b.influx.url, db)
	if err != nil {
		return nil, err
	}
	defer b.forget("heartline")
	defer p.stop()
	influxd := b.influx.cmd.Process
	if err := influxd.Signal(syscall.SIGSTOP); err != nil {
		return nil, err
	}
	out := &backlog{Messages: b.o.backlog}
	_, err = publish(ctx, b.broker, b.o, b.o.backlog, 0)
	if err == nil {
		err = b.taken(ctx, dir, b.o.backlog)
	}
	if err == nil {
		_, out.BeforeBytes, err = p.memory()
	}
	began := time.Now()
	if err = errors.Join(err, influxd.Signal(syscall.SIGCONT)); err != nil {
		return nil, err
	}
	stored, last, err := b.settle(ctx, db, b.o.backlog)
	if err != nil {
		return nil, err
	}
	out.Stored, out.PerSecond = stored, float64(stored)/last.Sub(began).Seconds()
	out.PeakBytes, _, err = p.memory()
	return out, err
}

// taken waits until Heartline has n messages on disk.
func (b *bench) taken(ctx context.Context, dir string, n int) error {
	return await(ctx, "everything is in the queue", func() bool {
		v, err := metric(heartlineURL(dir), "heartline_samples_committed_total")
		return err == nil && int(v) >= n
	})
}
