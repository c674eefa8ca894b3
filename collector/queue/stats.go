package queue

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Stats is how the queue stands.
type Stats struct {
	Frames   uint64 // on disk, ticks included
	Bytes    int64  // of them
	MaxBytes int64
	Reserve  int64 // the part of MaxBytes kept for ticks and control frames
	FirstSeq uint64
	LastSeq  uint64
	OldestAt time.Time // when the oldest frame was written; zero: none there
	// StoreAcked is how far the store's cursor is. WaitingSince is when the
	// oldest frame after it was written; zero where none waits or no cursor
	// was opened.
	StoreAcked   uint64
	WaitingSince time.Time
	// Results, and how many fell out by size or age since the beginning.
	Results        uint64
	ResultsDropped uint64
	ResultsAcked   uint64
	// DeadLetters, and how many fell out by size or age since the beginning.
	DeadLetters uint64
	DeadBytes   int64
	DeadDropped uint64
}

// Stats asks the server how the queue stands: three or four small requests.
// On an error it returns what was known last. Safe for concurrent use.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	s, err := q.readStats(ctx)
	q.mu.Lock()
	defer q.mu.Unlock()
	if err == nil {
		q.last = s
	}
	return q.last, err
}

func (q *Queue) readStats(ctx context.Context) (Stats, error) {
	frames, err := q.frames.state(ctx)
	if err != nil {
		return Stats{}, err
	}
	results, err := q.results.state(ctx)
	if err != nil {
		return Stats{}, err
	}
	dead, err := q.dead.state(ctx)
	if err != nil {
		return Stats{}, err
	}
	s := Stats{
		Frames: frames.Msgs, Bytes: int64(frames.Bytes), MaxBytes: q.cfg.MaxBytes, Reserve: q.cfg.Reserve,
		FirstSeq: frames.FirstSeq, LastSeq: frames.LastSeq,
		Results: results.Msgs, ResultsDropped: dropped(results),
		DeadLetters: dead.Msgs, DeadBytes: int64(dead.Bytes), DeadDropped: droppedBesides(dead, q.removed.Load()),
	}
	if frames.Msgs > 0 {
		s.OldestAt = frames.FirstTime
	}
	q.mu.Lock()
	store, verdicts := q.cursors["store"], q.cursors["results"]
	q.mu.Unlock()
	if verdicts != nil {
		s.ResultsAcked = verdicts.Acked()
	}
	if store == nil {
		return s, nil
	}
	s.StoreAcked = store.Acked()
	if s.StoreAcked < s.LastSeq {
		waiting, err := q.frames.batch(ctx, s.StoreAcked+1, 1)
		if err != nil {
			return Stats{}, err
		}
		if len(waiting) > 0 {
			s.WaitingSince = waiting[0].at
		}
	}
	return s, nil
}

// droppedBesides is dropped, without those that were removed one by one.
func droppedBesides(st jetstream.StreamState, removed uint64) uint64 {
	return max(dropped(st), removed) - removed
}

// dropped is how many messages are no longer in a stream.
func dropped(st jetstream.StreamState) uint64 {
	return st.LastSeq - st.Msgs
}
