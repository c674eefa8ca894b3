package collector

import (
	"context"
	"errors"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// begin writes down that nobody listened since the last frame, what holds
// now, and that we listen again.
func (l *Loop) begin(ctx context.Context, definition Control) error {
	seq, data, err := l.cfg.Queue.Last(ctx)
	if err != nil {
		return err
	}
	if seq > 0 {
		last, err := ReadFrame(data)
		if err != nil {
			return plant.Errorf(plant.CodeDamaged, "the queue's last frame (%d): %w", seq, err)
		}
		l.lastAt, l.newest = last.At, seq
	}
	memory := l.cfg.Recall(ctx)
	l.recall(ctx, memory)
	if err := l.reread(ctx, memory.Seq); err != nil {
		return err
	}
	gone := []Control{{Kind: ControlListening}}
	for _, name := range l.cfg.Brokers {
		gone = append(gone, Control{Kind: ControlBroker, Broker: name})
	}
	away, err := controls(gone...)
	if err != nil {
		return err
	}
	back, err := controls(definition, Control{Kind: ControlListening, Up: true})
	if err != nil {
		return err
	}
	at := l.lastAt
	if seq == 0 {
		at = l.at()
	}
	if err := l.insist(ctx, func() error { return l.write(ctx, away, at) }); err != nil {
		return err
	}
	return l.insist(ctx, func() error { return l.write(ctx, back, l.at()) })
}

// controls is a frame of nothing but cs.
func controls(cs ...Control) (*FrameBuilder, error) {
	f := new(FrameBuilder)
	for _, c := range cs {
		if err := f.AddControl(c); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// insist tries write until it succeeds or ctx ends: without a definition the
// rules know nobody.
func (l *Loop) insist(ctx context.Context, write func() error) error {
	for {
		err := write()
		if !retryable(err) {
			l.health.clear(l.cfg.Log)
			return err
		}
		l.health.set(l.cfg.Log, err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(l.cfg.Retry):
		}
	}
}

// end waits for the commit under way, writes what is open, and notes that
// nobody listens. What it cannot write stays unacknowledged at the broker.
func (l *Loop) end(ctx context.Context, flying *batch, commits <-chan error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if flying != nil {
		if err := <-commits; err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	if !l.open.empty() && l.health.get() == nil {
		if err := l.open.close(&l.chart); err != nil {
			return err
		}
		if err := l.put(ctx, l.open, l.at()); err != nil {
			return l.worthSaying(err)
		}
		l.committed(l.open, 0)
	}
	last, err := controls(Control{Kind: ControlListening})
	if err != nil {
		return err
	}
	return l.worthSaying(l.control(ctx, last, l.at()))
}

// worthSaying drops errors that only say what health said already.
func (l *Loop) worthSaying(err error) error {
	if retryable(err) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

func (l *Loop) tick(ctx context.Context) error {
	var empty FrameBuilder
	return l.control(ctx, &empty, l.at())
}

// append writes a frame that may use the queue's reserve.
func (l *Loop) append(ctx context.Context, f *FrameBuilder, at plant.Instant) error {
	if err := l.leap(ctx, at); err != nil {
		return err
	}
	return l.write(ctx, f, at)
}

// write is append of a frame that needs no look at the time before it.
func (l *Loop) write(ctx context.Context, f *FrameBuilder, at plant.Instant) error {
	seq, err := l.cfg.Queue.AppendControl(ctx, f.Seal(at))
	if err == nil {
		l.stands(seq, at)
	}
	return err
}

// stands notes the newest frame on disk.
func (l *Loop) stands(seq uint64, at plant.Instant) {
	l.newest, l.written, l.stood = seq, l.cfg.Clock(), at
}

// control writes a frame that is not worth waiting for.
func (l *Loop) control(ctx context.Context, f *FrameBuilder, at plant.Instant) error {
	err := l.append(ctx, f, at)
	if retryable(err) || ctx.Err() != nil {
		return nil // a tick or a note of our own is not worth stopping for; health says why
	}
	return err
}

// commit makes b durable and acknowledges it. While the queue refuses, it
// tries again; what was not written is not acknowledged. An append under way
// is not broken off by the end of ctx, only the waiting is.
func (l *Loop) commit(ctx context.Context, b *batch) error {
	writing := context.WithoutCancel(ctx)
	for paused := false; ; paused = true {
		began := l.cfg.Clock()
		err := l.try(writing, b)
		if err == nil {
			l.health.clear(l.cfg.Log)
			l.committed(b, l.cfg.Clock().Sub(began))
			if paused {
				return l.insist(ctx, func() error { return l.listening(writing, true) })
			}
			return nil
		}
		l.health.set(l.cfg.Log, err)
		if !retryable(err) {
			return err
		}
		if !paused || l.cfg.Clock().Sub(l.written) >= l.cfg.Tick {
			if err := l.listening(writing, false); err != nil && !retryable(err) {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return context.Canceled
		case <-time.After(l.cfg.Retry):
		}
	}
}

// try writes b once.
func (l *Loop) try(ctx context.Context, b *batch) error {
	if err := l.cfg.Room(); err != nil {
		return err
	}
	at := l.at()
	if err := l.leap(ctx, at); err != nil {
		return err
	}
	return l.put(ctx, b, at)
}

// put makes b durable: first its dead letters, then its frame. Both may be
// tried again: dead letters that are kept are not kept twice.
func (l *Loop) put(ctx context.Context, b *batch, at plant.Instant) error {
	for len(b.dead) > 0 {
		if err := l.cfg.Dead.Put(ctx, b.dead[0]); err != nil {
			return err
		}
		b.dead = b.dead[1:]
	}
	if b.frame.Len() == 0 {
		return nil
	}
	seq, err := l.cfg.Queue.Append(ctx, b.frame.Seal(at))
	if err == nil {
		l.stands(seq, at)
	}
	return err
}

// listening notes that we ceased or began to take samples: while the queue is
// full the rules must not take our silence for the machines'.
func (l *Loop) listening(ctx context.Context, up bool) error {
	f, err := controls(Control{Kind: ControlListening, Up: up})
	if err != nil {
		return err
	}
	return l.append(ctx, f, l.at())
}

func (l *Loop) committed(b *batch, took time.Duration) {
	l.appended.add(b.posted)
	b.acknowledge()
	l.stats.Committed.Add(uint64(b.frame.Samples()))
	l.stats.Frames.Add(1)
	l.cfg.Committed(took, b.frame.Samples())
}

// retryable reports whether the queue may take the same frame later.
func retryable(err error) bool {
	code := plant.CodeOf(err)
	return code == plant.CodeFull || code == plant.CodeUnavailable
}
