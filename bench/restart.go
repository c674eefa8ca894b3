package main

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// restart is how long Heartline takes to end, and from its start until it is
// ready and the rules have read their state and all frames since: with many
// plants, all machines heard.
type restart struct {
	Plants    int     `json:"plants"`
	StopS     float64 `json:"stop_s"`   // from SIGTERM to its end
	BackS     float64 `json:"back_s"`   // after that
	KilledS   float64 `json:"killed_s"` // after kill -9 at full rate
	BehindS   float64 `json:"behind_s"` // after kill -9 once a sample of each machine was read
	PeakBytes int64   `json:"peak_bytes"`
	// Rules is how soon the rules were through with frames, at full rate, while
	// snapshots were made.
	Rules         latency `json:"rules"`
	Snapshots     float64 `json:"snapshots"`
	SnapshotBytes float64 `json:"snapshot_bytes"`
}

// house is a Heartline that is started again and again in one directory.
type house struct {
	*bench
	o    options
	dir  string
	peak int64
	p    *process
}

func (b *bench) restart(ctx context.Context) (*restart, error) {
	h := &house{bench: b, o: b.o, dir: filepath.Join(b.o.dir, "restart")}
	if err := os.Mkdir(h.dir, 0o700); err != nil {
		return nil, err
	}
	for _, q := range []string{"CREATE DATABASE bench_restart", "CREATE DATABASE bench_restart_verdicts"} {
		if _, err := b.influx.number("", q); err != nil {
			return nil, err
		}
	}
	h.o.machines = h.o.restart * perPlant
	h.o.backlog = h.o.machines
	defer b.forget("heartline")
	defer func() { h.p.stop() }()
	out := &restart{Plants: h.o.restart}
	if _, err := h.start(ctx); err != nil { // the plants are enrolled
		return nil, err
	}
	var err error
	if _, err = h.hear(ctx); err != nil {
		return nil, err
	}
	out.StopS = h.stop()
	if out.BackS, err = h.start(ctx); err != nil {
		return nil, err
	}
	if err = h.busy(ctx, out); err != nil {
		return nil, err
	}
	h.kill()
	if out.KilledS, err = h.start(ctx); err != nil {
		return nil, err
	}
	if _, err = h.hear(ctx); err != nil {
		return nil, err
	}
	h.kill()
	out.BehindS, err = h.start(ctx)
	h.look()
	out.PeakBytes = h.peak
	return out, err
}

// busy publishes at full rate, as much as in a run at full rate and until two
// snapshots were made meanwhile.
func (h *house) busy(ctx context.Context, out *restart) error {
	const snapshots = "heartline_rules_snapshots_total"
	before, err := scrape(heartlineURL(h.dir))
	if err != nil {
		return err
	}
	for sent := 0; ; sent += h.o.messages {
		if _, err := publish(ctx, h.broker, h.o, h.o.messages, 0); err != nil {
			return err
		}
		after, err := scrape(heartlineURL(h.dir))
		if err != nil {
			return err
		}
		out.Rules, out.SnapshotBytes = latencyOf(before, after), after["heartline_rules_snapshot_bytes"]
		if out.Snapshots = after[snapshots] - before[snapshots]; out.Snapshots >= 2 || sent > 10*h.o.messages {
			return nil
		}
	}
}

// hear lets a sample of each machine be in the queue of a Heartline that stands
// still, and returns how long it takes to have read and stored them.
func (h *house) hear(ctx context.Context) (float64, error) {
	h.stop()
	if err := fill(ctx, filepath.Join(h.dir, "data"), h.o, time.Now()); err != nil {
		return 0, err
	}
	began := time.Now()
	if _, err := h.start(ctx); err != nil {
		return 0, err
	}
	return time.Since(began).Seconds(), drained(ctx, heartlineURL(h.dir), h.o.machines)
}

// start returns how long it took until everything answers and the rules have
// read all frames.
func (h *house) start(ctx context.Context) (took float64, err error) {
	began := time.Now()
	if h.p, err = startHeartline(ctx, h.o, h.dir, h.broker, h.influx.url, "bench_restart"); err != nil {
		return 0, err
	}
	answers := time.Since(began)
	err = await(ctx, "the rules are there", func() bool {
		v, err := metric(heartlineURL(h.dir), "heartline_rules_waiting_frames")
		return err == nil && v == 0
	})
	took = time.Since(began).Seconds()
	progress("heartline answers after %.2f s, its rules after %.2f s", answers.Seconds(), took)
	return took, err
}

// stop returns how long it took.
func (h *house) stop() float64 {
	h.look()
	began := time.Now()
	h.p.stop()
	took := time.Since(began).Seconds()
	progress("heartline stops in %.2f s", took)
	return took
}

// kill ends it without a warning.
func (h *house) kill() {
	h.look()
	h.p.kill()
	_ = os.Remove(filepath.Join(h.dir, "data", "addresses.json"))
}

// look notes the most memory that it had.
func (h *house) look() {
	if peak, _, err := h.p.memory(); err == nil {
		h.peak = max(h.peak, peak)
	}
}
