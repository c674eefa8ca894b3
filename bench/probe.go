package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// way times the way of probes, from their publication until a query finds
// them.
type way struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu   sync.Mutex // guards what follows
	sent []time.Time
	took []float64 // ms, of those found
}

// follow publishes probes and looks for them until end is called. It returns
// once the first was found: the subject is at work then.
func (b *bench) follow(ctx context.Context, db string) (*way, error) {
	client, err := connect(b.broker, "bench-probe")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &way{cancel: cancel}
	w.wg.Go(func() {
		defer client.Disconnect(100)
		tick := time.NewTicker(probeEvery)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now := time.Now()
			w.mu.Lock()
			w.sent = append(w.sent, now)
			w.mu.Unlock()
			client.Publish(probeTopic, 1, false, payload(nil, now, n))
		}
	})
	w.wg.Go(func() {
		for ctx.Err() == nil {
			newest, err := b.influx.number(db, fmt.Sprintf("SELECT max(seq) FROM heartbeat WHERE machine = '%s'", probe))
			if err == nil {
				w.found(int(newest))
			}
			select {
			case <-time.After(5 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	})
	err = await(ctx, "the first probe is stored", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.took) > 0
	})
	if err != nil {
		w.end()
		return nil, err
	}
	w.mu.Lock()
	w.took = w.took[:0:0] // from here on it counts
	w.mu.Unlock()
	return w, nil
}

// found notes that every probe up to the newest can be queried.
func (w *way) found(newest int) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.sent[:min(newest, len(w.sent))] {
		if !w.sent[i].IsZero() {
			w.took = append(w.took, float64(now.Sub(w.sent[i]))/float64(time.Millisecond))
			w.sent[i] = time.Time{}
		}
	}
}

func (w *way) end() {
	w.cancel()
	w.wg.Wait()
}

// quantile is that of the times so far, in ms.
func (w *way) quantile(q float64) float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(w.took))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
