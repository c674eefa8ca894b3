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
)

// tailAfter yields the queue's newest frames, oldest first, with at least those
// after seq, where that is not 0. What cannot be read is left out: redeliveries
// of it are stored again, as the same points.
func (a *App) tailAfter(seq uint64) func(context.Context) iter.Seq2[uint64, []byte] {
	return func(ctx context.Context) iter.Seq2[uint64, []byte] {
		return func(yield func(uint64, []byte) bool) {
			err := a.readTail(ctx, seq, yield)
			if err != nil && ctx.Err() == nil {
				a.log.Warn("the newest frames cannot be read; what brokers deliver again is stored again, as the same points", "err", err)
			}
		}
	}
}

func (a *App) readTail(ctx context.Context, after uint64, yield func(uint64, []byte) bool) error {
	stats, err := a.queue.Stats(ctx)
	if err != nil || stats.Frames == 0 {
		return err
	}
	from := stats.FirstSeq
	if stats.LastSeq-from >= tailFrames {
		from = stats.LastSeq - tailFrames + 1
	}
	frames, err := a.framesFrom(ctx, from)
	if err != nil {
		return err
	}
	// Twice, so that no more than one frame is held at a time.
	if from, err = tailFrom(ctx, frames, stats.LastSeq, tailRecords*max(1, len(a.cfg.MQTT.Servers))); err != nil {
		return err
	}
	if after > 0 {
		from = min(from, after+1)
	}
	if frames, err = a.framesFrom(ctx, from); err != nil {
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

// tailFrom reads frames up to and with through, and returns the last from which
// on they hold as many records; where there are fewer, the first. Those of an
// import do not count: no broker delivers them.
func tailFrom(ctx context.Context, frames frameReader, through uint64, records int) (from uint64, err error) {
	type held struct {
		seq  uint64
		live int
	}
	var reader collector.FrameReader
	var newest []held
	total := 0
	for seq := uint64(0); seq < through; {
		var data []byte
		if seq, data, err = frames.Next(ctx); err != nil {
			return 0, err
		}
		h := held{seq: seq}
		if f, err := reader.Read(data); err == nil { // else its readers say so
			h.live = f.Live()
		}
		newest = append(newest, h)
		for total += h.live; total-newest[0].live >= records; newest = newest[1:] {
			total -= newest[0].live
		}
	}
	return newest[0].seq, nil
}
