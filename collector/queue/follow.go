package queue

import (
	"context"
	"log/slog"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// pollEvery is how soon messages that another process stored are seen;
	// our own are seen at once.
	pollEvery = 500 * time.Millisecond
	// retryEvery is the pause while the server does not answer.
	retryEvery = 200 * time.Millisecond
)

// Frame is one message of a stream. The reader owns Data.
type Frame struct {
	Seq  uint64
	Data []byte
	// Of, for a result, is the sequence number of the frame it came from.
	Of uint64
}

// follower reads a stream in order and waits at its end. It keeps nothing on
// the server, so a restart of the server is no more than a pause.
type follower struct {
	s    *stream
	log  *slog.Logger
	next uint64 // to read
	away bool   // the server did not answer; said once
	// pace is the least time between two reads while less than a batch
	// waits: a read costs the same for one message as for many.
	pace   time.Duration
	readAt time.Time // the last read that found something
}

// fetch returns between one and limit messages, waiting for the first until
// ctx ends. Errors are ctx's, or a CodeDamaged one.
func (f *follower) fetch(ctx context.Context, limit int) ([]Frame, error) {
	for first := true; ; first = false {
		grew := f.s.grew.wait()
		if newest := f.s.stored.Load(); first && newest != 0 && f.next > newest {
			f.wait(ctx, grew, pollEvery) // nothing was stored since the last read
		}
		if newest := f.s.stored.Load(); newest < f.next+uint64(limit) {
			f.wait(ctx, nil, f.pace-time.Since(f.readAt))
		}
		grew = f.s.grew.wait()
		batch, err := f.s.read(ctx, f.next, limit)
		pause := pollEvery
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err == nil && len(batch) > 0:
			f.next += uint64(len(batch))
			f.readAt = time.Now()
			f.answered()
			return frames(batch), nil
		case err == nil:
			f.answered()
		case plant.CodeOf(err) == plant.CodeUnavailable:
			f.silent(err)
			pause, grew = retryEvery, nil
		default:
			return nil, err
		}
		f.wait(ctx, grew, pause)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// wait waits for d, a signal, or the end of ctx.
func (f *follower) wait(ctx context.Context, grew <-chan struct{}, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-grew:
	case <-timer.C:
	}
}

func (f *follower) silent(err error) {
	if !f.away {
		f.log.Warn("reading the queue pauses: its server does not answer", "stream", f.s.name, "err", err)
	}
	f.away = true
}

func (f *follower) answered() {
	if f.away {
		f.log.Info("reading the queue goes on", "stream", f.s.name, "seq", f.next)
	}
	f.away = false
}

func frames(batch []message) []Frame {
	out := make([]Frame, len(batch))
	for i, m := range batch {
		out[i] = Frame{Seq: m.seq, Data: m.data, Of: frameOf(m.header)}
	}
	return out
}
