package collector

import (
	"context"

	"github.com/seed-00829101/heartline/plant"
)

// batch is what is committed at once: a frame, the dead letters of the same
// messages, and their acknowledgements in order of receipt.
type batch struct {
	frame FrameBuilder
	dead  []DeadLetter
	acks  []func()

	books    bookings
	posted   []Posting // books, once closed
	replayed []uint64  // dead letters whose samples are in the frame
	closed   bool      // the records that follow from the others are in
}

func (b *batch) empty() bool { return b.frame.Len() == 0 && len(b.dead) == 0 && len(b.acks) == 0 }

func (b *batch) reset() {
	b.frame.Reset()
	b.books.reset()
	b.replayed, b.closed = b.replayed[:0], false
	clear(b.dead)
	clear(b.acks)
	b.dead, b.acks = b.dead[:0], b.acks[:0]
}

// close adds what follows from all that was taken: nothing more is, then.
func (b *batch) close(c *chart) error {
	if b.closed {
		return nil
	}
	b.closed = true
	if others := b.books.appendOthers(b.posted[:0], c); len(others) > 0 {
		if err := b.frame.AddControl(Control{Kind: ControlLedger, Postings: others}); err != nil {
			return err
		}
	}
	b.posted = b.books.appendAll(b.posted[:0], c)
	if len(b.replayed) > 0 {
		return b.frame.AddControl(Control{Kind: ControlReplayed, Letters: b.replayed})
	}
	return nil
}

// commit makes the batch durable: first its dead letters, then its frame.
// Both may be tried again: dead letters that are kept are not kept twice.
func (b *batch) commit(ctx context.Context, at plant.Instant, q Queue, dead DeadLetters) error {
	for len(b.dead) > 0 {
		if err := dead.Put(ctx, b.dead[0]); err != nil {
			return err
		}
		b.dead = b.dead[1:]
	}
	if b.frame.Len() == 0 {
		return nil
	}
	_, err := q.Append(ctx, b.frame.Seal(at))
	return err
}

func (b *batch) acknowledge() {
	for _, ack := range b.acks {
		ack()
	}
}
