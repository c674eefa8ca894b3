package queue

import (
	"context"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// readAhead is how many frames a Reader asks for at once.
const readAhead = 64

// readerPace is how long a frame may wait for more to be read with it.
const readerPace = 50 * time.Millisecond

// Reader reads frames in order. Not safe for concurrent use; several Readers
// may read at once. It holds nothing on the server and needs no closing.
type Reader struct {
	follower
	ahead []Frame
}

// Reader returns a Reader that begins with frame from (1 is the first ever
// written). A from of 0 means 1. Where frames from from on were removed, or
// from lies more than one past the newest, it returns a CodeDamaged error.
func (q *Queue) Reader(ctx context.Context, from uint64) (*Reader, error) {
	from = max(from, 1)
	st, err := q.frames.state(ctx)
	if err != nil {
		return nil, err
	}
	if from > st.LastSeq+1 {
		return nil, plant.Errorf(plant.CodeDamaged, "frame %d is asked for, but the queue ends with %d: frames at its end were lost", from, st.LastSeq)
	}
	if from < st.FirstSeq {
		return nil, gapError(&Gap{q.frames.name, from, st.FirstSeq - 1})
	}
	return &Reader{follower: follower{s: q.frames, log: q.log, next: from, pace: readerPace}}, nil
}

// Next returns the next frame, waiting for it until ctx ends. It rides out
// restarts of the server. A frame that is gone is a CodeDamaged error with a
// *Gap in it, and stays one: to go on without it, open a Reader past the gap.
func (r *Reader) Next(ctx context.Context) (Frame, error) {
	if len(r.ahead) == 0 {
		var err error
		if r.ahead, err = r.fetch(ctx, readAhead); err != nil {
			return Frame{}, err
		}
	}
	f := r.ahead[0]
	r.ahead[0] = Frame{}
	r.ahead = r.ahead[1:]
	return f, nil
}
