package app

import (
	"context"
	"time"
)

const (
	// snapshotEvery is the shortest time between snapshots; a snapshot that
	// takes long is made seldom enough to cost a twentieth of the time.
	snapshotEvery = 5 * time.Second
	snapshotShare = 20
	lastSnapshot  = 5 * time.Second
)

// saves is when the worker makes snapshots, and the one that it makes now.
type saves struct {
	now    *saving       // nil: none
	ended  time.Time     // the last one
	cost   time.Duration // of the last one: to make and to write it
	warned bool          // the queue does not take them
}

// save begins a snapshot when it is time, or makes some more of the one that was
// begun.
func (w *worker) save(ctx context.Context, now time.Time) (err error) {
	if w.now == nil {
		if now.Sub(w.ended) < w.pause() {
			return nil
		}
		if w.now, err = beginSaving(ctx, w.queue, w.state, w.fleet); err != nil {
			return err
		}
	}
	end, ended, err := w.now.advance()
	if !ended || err != nil {
		return err
	}
	return w.savingEnded(end)
}

// pause is the time between two snapshots. While the queue takes nothing more,
// frames can only be given up after new ones.
func (w *worker) pause() time.Duration {
	if w.pressed() {
		return max(time.Second, snapshotShare*w.cost)
	}
	return max(snapshotEvery, snapshotShare*w.cost)
}

// savingEnded takes what a snapshot came to. One that the queue did not take is
// made again later; until then more of the queue is read after a restart.
func (w *worker) savingEnded(end written) error {
	s := w.now
	w.now, w.ended = nil, w.clock()
	s.cancel()
	if end.err != nil {
		s.state.Drop()
		if !passing(end.err) {
			return end.err
		}
		if !w.warned {
			w.log.Warn("the queue does not take a snapshot of the rules; it is tried again", "err", end.err)
		}
		w.warned = true
		return nil
	}
	w.cost, w.warned = s.making+end.took, false
	w.stats.snapshotBytes.Store(end.bytes)
	w.stats.snapshots.Add(1)
	w.snapshot(s.seq)
	return nil
}

// stopSaving gives up the snapshot that is made now.
func (w *worker) stopSaving() {
	if w.now != nil {
		w.now.giveUp()
		w.now = nil
	}
}

// last saves a snapshot on the way out. Without it the next start has more
// frames to read, nothing else.
func (w *worker) last(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSnapshot)
	defer cancel()
	w.stopSaving()
	var err error
	if w.now, err = beginSaving(ctx, w.queue, w.state, w.fleet); err == nil {
		var end written
		if end, err = w.now.finish(ctx); err == nil {
			err = end.err
			_ = w.savingEnded(end)
		} else {
			w.now = nil
		}
	}
	if err != nil {
		w.log.Warn("no last snapshot of the rules; the next start reads more of the queue", "err", err)
	}
	return nil
}
