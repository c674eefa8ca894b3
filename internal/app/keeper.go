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

// keeper gives up frames that the store has passed, the memory of machines, and
// the snapshot of the rules before the newest: should the newest be damaged, that
// one must find the frames after it. Marks may be set by several goroutines.
type keeper struct {
	queue *queue.Queue
	log   *slog.Logger

	mu      sync.Mutex // guards what follows
	newest  uint64     // the newest snapshot holds all up to it
	before  uint64     // the one before, which serves where the newest is damaged
	memory  uint64     // the memory of machines holds all up to it
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

// memoryAt notes that the memory of machines holds all up to seq.
func (k *keeper) memoryAt(seq uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.memory = seq
}

// through is what may be given up. Where the queue refuses what comes, the memory
// of machines, which waits for it, must not keep it full.
func (k *keeper) through(stored uint64, refuses bool) uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	if refuses {
		return min(k.before, stored)
	}
	return min(k.before, k.memory, stored)
}

// run trims until ctx ends. A trim that fails is tried again with the next.
func (k *keeper) run(ctx context.Context, stored func() uint64, refuses func() bool) error {
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	said := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		through := k.through(stored(), refuses())
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
