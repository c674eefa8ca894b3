package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/collector/queue"
)

// trimEvery is how often frames that everybody has passed are given up.
const trimEvery = 2 * time.Second

// keeper gives up frames that both the store and a snapshot of the rules have
// passed. Marks may be set by several goroutines.
type keeper struct {
	queue *queue.Queue
	log   *slog.Logger

	mu       sync.Mutex // guards what follows
	snapshot uint64     // a snapshot holds all up to it
	trimmed  uint64
}

// snapshotAt notes that a snapshot holds all up to seq.
func (k *keeper) snapshotAt(seq uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.snapshot = max(k.snapshot, seq)
}

// Run trims until ctx ends. A trim that fails is tried again with the next.
func (k *keeper) run(ctx context.Context, stored func() uint64) error {
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	said := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		k.mu.Lock()
		through := min(k.snapshot, stored())
		k.mu.Unlock()
		if through <= k.trimmed {
			continue
		}
		if err := k.queue.Trim(ctx, through); err != nil {
			if !said && ctx.Err() == nil {
				k.log.Warn("frames that everybody has passed cannot be given up; the queue keeps growing", "err", err)
			}
			said = true
			continue
		}
		k.trimmed, said = through, false
	}
}
