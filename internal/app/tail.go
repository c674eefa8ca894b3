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
	// tailRecords is how many records of them are looked at, of each broker's: no
	// broker has more messages on their way than there are packet ids.
	tailRecords = 2 * mqtt.MaxInflight
	// tailStep is how many frames more are looked at, from the newest back, while
	// they hold fewer records.
	tailStep = 64
)

// tail yields the queue's newest frames, oldest first, with at least those after
// seq, where that is not 0. What cannot be read is left out: redeliveries of it
// are stored again, as the same points.
func (a *App) tail(ctx context.Context, seq uint64) iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		err := a.readTail(ctx, seq, yield)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("the newest frames cannot be read; what brokers deliver again is stored again, as the same points", "err", err)
		}
	}
}

func (a *App) readTail(ctx context.Context, after uint64, yield func(uint64, []byte) bool) error {
	stats, err := a.queue.Stats(ctx)
	if err != nil || stats.Frames == 0 {
		return err
	}
	first := stats.FirstSeq
	if stats.LastSeq-first >= tailFrames {
		first = stats.LastSeq - tailFrames + 1
	}
	open := func(from uint64) (frameReader, error) { return a.framesFrom(ctx, from) }
	// Read twice, so that no more than a few frames are held at a time.
	from, err := tailFrom(ctx, open, first, stats.LastSeq, tailRecords*max(1, len(a.cfg.MQTT.Servers)))
	if err != nil {
		return err
	}
	if after > 0 {
		from = min(from, after+1)
	}
	frames, err := open(from)
	if err != nil {
		return err
	}
	for seq := uint64(0); seq < stats.LastSeq; {
		var data []byte
		if seq, data, err = frames.Next(ctx); err != nil || !yield(seq, data) {
			return err
		}
	}
	return nil
}

// tailFrom returns the last frame from which on those up to and with last hold as
// many records; where there are fewer, first. Records of an import do not count: no
// broker delivers them.
func tailFrom(ctx context.Context, open func(from uint64) (frameReader, error), first, last uint64, records int) (uint64, error) {
	var reader collector.FrameReader
	for end := last; end >= first; {
		from := first
		if end-first >= tailStep {
			from = end - tailStep + 1
		}
		frames, err := open(from)
		if err != nil {
			return 0, err
		}
		var live [tailStep]int
		for seq := uint64(0); seq < end; {
			var data []byte
			if seq, data, err = frames.Next(ctx); err != nil {
				return 0, err
			}
			if f, err := reader.Read(data); err == nil && seq <= end { // else its readers say so
				live[seq-from] = f.Live()
			}
		}
		for ; end >= from; end-- {
			if records -= live[end-from]; records <= 0 {
				return end, nil
			}
		}
	}
	return first, nil
}
