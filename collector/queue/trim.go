package queue

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"
)

// Trim removes the frames up to and including through, but never the newest
// one, and none that the store's cursor, where it was opened, has not passed.
func (q *Queue) Trim(ctx context.Context, through uint64) error {
	q.mu.Lock()
	store := q.cursors["store"]
	q.mu.Unlock()
	if store != nil {
		// First the position, then the frames: the other way round a crash
		// between the two would look like a loss.
		acked, err := store.flush(ctx)
		if err != nil {
			return err
		}
		through = min(through, acked)
	}
	st, err := q.frames.state(ctx)
	if err != nil {
		return err
	}
	if st.Msgs == 0 {
		return nil
	}
	through = min(through, st.LastSeq-1)
	if through < st.FirstSeq {
		return nil
	}
	// The server keeps the sequence number it is given.
	if err := q.frames.purge(ctx, jetstream.WithPurgeSequence(through+1)); err != nil {
		return err
	}
	if st, err = q.frames.state(ctx); err != nil {
		return err
	}
	q.writer.bytes.Store(int64(st.Bytes))
	return nil
}
