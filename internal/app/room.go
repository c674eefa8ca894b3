package app

import (
	"sync"
	"syscall"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// roomEvery is how often the file system is asked: often enough that what can
// be written in between is small against the reserve.
const roomEvery = 200 * time.Millisecond

// room watches the free space under the data directory: a full disk breaks
// more than it stops, so nothing is taken shortly before. Safe for concurrent
// use.
type room struct {
	dir   string
	least int64 // bytes that stay free
	clock collector.Clock

	mu    sync.Mutex // guards what follows
	asked time.Time
	err   error
}

// check returns a CodeFull error while too little is free.
func (r *room) check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	if d := now.Sub(r.asked); d >= 0 && d < roomEvery {
		return r.err
	}
	r.asked = now
	var fs syscall.Statfs_t
	if err := syscall.Statfs(r.dir, &fs); err != nil {
		r.err = plant.Errorf(plant.CodeUnavailable, "cannot see how much disk is free under %s: %w", r.dir, err)
		return r.err
	}
	r.err = nil
	if free := int64(fs.Bavail) * int64(fs.Bsize); free < r.least {
		r.err = plant.Errorf(plant.CodeFull, "the disk of %s is nearly full: less than %s is free (min_free_disk); make room and it goes on by itself",
			r.dir, text(plant.Size(r.least)))
	}
	return r.err
}

// text is v as users write it.
func text(v interface{ MarshalText() ([]byte, error) }) string {
	b, err := v.MarshalText()
	if err != nil {
		return "?"
	}
	return string(b)
}
