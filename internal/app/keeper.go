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

// keeper gives up frames that the store has passed, and the snapshot of the
// rules before the newest: should the newest be damaged, that one must find
// the frames after it. Marks may be set by several goroutines.
type keeper struct {
	queue *queue.Queue
	log   *slog.Logger

	mu      sync.Mutex // guards what follows
	newest  uint64     // the newest snapshot holds all up to it
	before  uint64     // the one before, which serves where the newest is damaged
	trimmed uint64
}

// snapshotAt notes that a snapshot holds all up to seq.
func (k *keeper) snapshotAt(seq uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if seq > k.newest {
		k.before, k.newest = k.newest, seq
	}
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
		through := min(k.before, stored())
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
