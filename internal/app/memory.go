package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/pulse"
	"github.com/seed-00829101/heartline/plant"
)

const (
	memoryFile = "memory"
	// memoryEvery is the shortest time between two memories; one that takes
	// long is made seldom enough to cost a fiftieth of the time.
	memoryEvery = 15 * time.Second
	memoryShare = 50
	memoryLast  = 2 * time.Second
)

// recall is the loop's, before anything else: with many machines it takes a while,
// and the rules need not wait.
func (a *App) recall(ctx context.Context) (mem collector.Memory) {
	mem, a.watch.tracker = a.loadMemory(ctx)
	return mem
}

// loadMemory reads what the last loop knew, and what was seen of machines up to
// the same frame. A file that cannot be read costs that memory, no more.
func (a *App) loadMemory(ctx context.Context) (collector.Memory, *pulse.Tracker) {
	name := filepath.Join(a.cfg.DataDir, memoryFile)
	cfg := watchConfig(a.opt.Loaded.Profiles, plant.InstantOf(a.opt.Clock()))
	mem, tracker, err := readMemory(name, cfg)
	if errors.Is(err, fs.ErrNotExist) {
		return collector.Memory{}, pulse.New(cfg)
	}
	if err != nil {
		a.log.Warn("what was known of machines at the last stop is not: what they are seen to do begins anew, sequence numbers that are missing "+
			"since then are not counted, and retained messages without a time may be stored again", "file", memoryFile, "err", err)
	}
	ahead, follows := a.follows(ctx, mem.Seq)
	if ahead { // of another queue, whose numbers of frames and letters are given out again
		mem.Letters, follows = nil, errors.Join(follows, os.Remove(name))
	}
	if err == nil && follows == nil {
		a.keeper.memoryAt(mem.Seq)
		return mem, tracker
	}
	if err == nil {
		a.log.Warn("what machines are seen to do begins anew, and sequence numbers that are missing since the last stop are not counted", "err", follows)
	}
	mem.Seq = 0
	return mem, pulse.New(cfg)
}

// follows reports whether every frame after seq can still be read, and whether
// the queue never came as far.
func (a *App) follows(ctx context.Context, seq uint64) (ahead bool, err error) {
	stats, err := a.queue.Stats(ctx)
	if err != nil {
		return false, err
	}
	if seq > stats.LastSeq || seq+1 < stats.FirstSeq {
		err = fmt.Errorf("the memory of machines is of frame %d, and the queue has %d to %d", seq, stats.FirstSeq, stats.LastSeq)
	}
	return seq > stats.LastSeq, err
}

// keepMemory writes the memory again and again, and when ctx ends. Run it while
// the loop runs.
func (a *App) keepMemory(ctx context.Context) error {
	next := time.NewTimer(memoryEvery)
	defer next.Stop()
	for {
		select {
		case <-next.C:
			took := a.saveMemory(ctx)
			next.Reset(max(memoryEvery, memoryShare*took))
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), memoryLast)
			defer cancel()
			a.saveMemory(last)
			return ctx.Err()
		}
	}
}

// saveMemory writes the memory and returns how long that took. Until then the
// queue keeps the frames after the last one; where it cannot be written, it does
// not: a queue that fills up is worse.
func (a *App) saveMemory(ctx context.Context) time.Duration {
	var saving *pulse.Saving
	mem, err := a.loop.Memory(ctx, func() { saving = a.watch.tracker.Save(plant.InstantOf(a.opt.Clock())) })
	began := time.Now()
	if err == nil {
		err = writeMemory(filepath.Join(a.cfg.DataDir, memoryFile), mem, func() (piece []byte, err error) {
			return piece, a.loop.Between(ctx, func() { piece = saving.Next() })
		})
	}
	if ctx.Err() != nil {
		return time.Since(began) // asked to stop: another follows, or the frames after the last one tell the rest
	}
	if err != nil {
		a.keeper.memoryAt(math.MaxUint64)
		a.log.Warn("the memory of machines cannot be saved: after a kill, what they are seen to do may begin anew", "err", err)
		return time.Since(began)
	}
	a.keeper.memoryAt(mem.Seq)
	return time.Since(began)
}
