package app

import (
	"context"
	"iter"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/mqtt"
)

const (
	// tailFrames is how many of the newest frames are looked at at the start:
	// more than hold what brokers may not have been told of.
	tailFrames = 4096
	// tailRecords bounds what they hold together: no broker has more messages
	// on their way than there are packet ids.
	tailRecords = 2 * mqtt.MaxInflight
)

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
	newest, err := lastFrames(ctx, &countingReader{r, a.queue}, stats.LastSeq)
	for _, data := range newest {
		if !yield(data) {
			break
		}
	}
	return err
}

// lastFrames reads frames up to and with through, and returns the last of them
// that hold tailRecords together.
func lastFrames(ctx context.Context, frames frameReader, through uint64) (newest [][]byte, err error) {
	records := 0
	var held []int
	for seq := uint64(0); seq < through; {
		var data []byte
		if seq, data, err = frames.Next(ctx); err != nil {
			break
		}
		f, damaged := collector.ReadFrame(data)
		if damaged != nil {
			continue // or gone: its readers say so
		}
		newest, held = append(newest, data), append(held, f.Len())
		for records += f.Len(); records-held[0] >= tailRecords; newest, held = newest[1:], held[1:] {
			records -= held[0]
		}
	}
	return newest, err
}
