package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// lookEvery is how often memory is looked at while a backlog drains.
const lookEvery = 5 * time.Second

// backlog is how a queue that is full of messages is drained.
type backlog struct {
	Messages   int     `json:"messages"`
	Stored     int64   `json:"stored"`
	PerSecond  float64 `json:"stored_per_second"`
	QueueBytes float64 `json:"queue_bytes"` // on disk, before
	// MemoryBytes is the memory in the middle of each fifth of the time: flat,
	// or not. PeakBytes is the most.
	MemoryBytes []int64 `json:"memory_bytes"`
	PeakBytes   int64   `json:"peak_bytes"`
}

// drain writes frames of messages straight into the queue of a Heartline that
// knows its plants and stands still, and measures how fast they are stored once
// it runs again.
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
	p.stop()
	if err := fill(ctx, filepath.Join(dir, "data"), b.o, time.Now()); err != nil {
		return nil, fmt.Errorf("filling the queue: %w", err)
	}
	began := time.Now()
	if p, err = startHeartline(ctx, b.o, dir, b.broker, b.influx.url, db); err != nil {
		return nil, err
	}
	defer p.stop()
	out := &backlog{Messages: b.o.backlog}
	if out.QueueBytes, err = metric(heartlineURL(dir), "heartline_queue_bytes"); err != nil {
		return nil, err
	}
	stop, done := make(chan struct{}), make(chan []int64)
	go func() { done <- watchMemory(p, stop) }()
	err = drained(ctx, heartlineURL(dir), b.o.backlog)
	took := time.Since(began)
	close(stop)
	all := <-done
	for i := range min(5, len(all)) {
		out.MemoryBytes = append(out.MemoryBytes, all[(2*i+1)*len(all)/10])
	}
	if err != nil {
		return nil, err
	}
	out.PerSecond = float64(b.o.backlog) / took.Seconds()
	if out.PeakBytes, _, err = p.memory(); err != nil {
		return nil, err
	}
	out.Stored, err = b.influx.number(db, "SELECT count(seq) FROM heartbeat")
	return out, err
}

// drained waits until n messages are stored, as long as it goes on.
func drained(ctx context.Context, url string, n int) error {
	for stored, last := 0.0, time.Now(); stored < float64(n); {
		now, err := metric(url, `heartline_points_stored_total{what="heartbeats"}`)
		if err != nil {
			return err
		}
		if now > stored {
			stored, last = now, time.Now()
		}
		if time.Since(last) > patience {
			return fmt.Errorf("%.0f of %d are stored, and no more come", stored, n)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// watchMemory returns p's memory, looked at again and again until stop closes.
func watchMemory(p *process, stop <-chan struct{}) (all []int64) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if _, now, err := p.memory(); err == nil {
			all = append(all, now)
		}
		select {
		case <-stop:
			return all
		case <-tick.C:
		}
	}
}
