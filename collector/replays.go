package collector

import "sync"

// replays is which dead letters were taken again: since the start, and before it
// those that could not be given up yet. Their numbers are never given out twice.
type replays struct {
	mu    sync.Mutex      // guards taken: the loop takes, who asked for it gives up
	taken map[uint64]bool // whether it was given up
}

// known reports whether the letter was taken.
func (r *replays) known(id uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.taken[id]
	return ok
}

// note notes that the letter was taken, and whether it is gone.
func (r *replays) note(id uint64, gone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken == nil {
		r.taken = map[uint64]bool{}
	}
	r.taken[id] = gone
}

// left are the letters that were taken and are still there.
func (r *replays) left() (ids []uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, gone := range r.taken {
		if !gone {
			ids = append(ids, id)
		}
	}
	return ids
}
