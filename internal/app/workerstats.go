package app

import (
	"sync/atomic"
	"time"

	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/plant"
)

// workerStats is what the rules' worker counted. Safe for concurrent use.
type workerStats struct {
	seq           atomic.Uint64 // newest frame the rules have seen
	at            atomic.Int64  // its stamp
	frames        atomic.Uint64
	damaged       atomic.Uint64 // records and frames that could not be read
	busy          atomic.Int64  // ns spent in steps
	snapshotBytes atomic.Int64
	snapshots     atomic.Uint64
	fleet         atomic.Pointer[fleet.Live] // nil before the rules began
}

// begun notes the snapshot that the rules begin with: until its next frame they
// are as far behind as it is old.
func (s *workerStats) begun(seq uint64, at plant.Instant) {
	s.seq.Store(seq)
	s.at.Store(int64(at))
}

func (s *workerStats) seen(seq uint64, at plant.Instant, took time.Duration) {
	s.seq.Store(seq)
	s.at.Store(int64(at))
	s.frames.Add(1)
	s.busy.Add(int64(took))
}
