package app

import (
	"context"
	"iter"
)

// tailFrames is how many of the newest frames are read again at the start:
// more than hold what brokers may not have been told of.
const tailFrames = 4096

// tail yields the queue's newest frames, oldest first. What cannot be read is
// left out: redeliveries of it are stored again, as the same points.
func (a *App) tail(ctx context.Context) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		err := a.readTail(ctx, yield)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("the newest frames cannot be read; what brokers deliver again is stored again, as the same points", "err", err)
		}
	}
}

func (a *App) readTail(ctx context.Context, yield func([]byte) bool) error {
	stats, err := a.queue.Stats(ctx)
	if err != nil || stats.Frames == 0 {
		return err
	}
	from := stats.FirstSeq
	if stats.LastSeq-from >= tailFrames {
		from = stats.LastSeq - tailFrames + 1
	}
	r, err := a.queue.Reader(ctx, from)
	if err != nil {
		return err
	}
	frames := countingReader{r, a.queue}
	for {
		seq, data, err := frames.Next(ctx)
		if err != nil || data != nil && !yield(data) || seq >= stats.LastSeq {
			return err
		}
	}
}
