package collector

// batch is what is committed at once: a frame, the dead letters of the same
// messages, and their acknowledgements in order of receipt.
type batch struct {
	frame FrameBuilder
	dead  []DeadLetter
	acks  []func()
	// closing is called by the loop once the batch takes no more.
	closing []func()

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
	clear(b.closing)
	b.dead, b.acks, b.closing = b.dead[:0], b.acks[:0], b.closing[:0]
}

// close adds what follows from all that was taken: nothing more is, then.
func (b *batch) close(c *chart) error {
	if b.closed {
		return nil
	}
	b.closed = true
	for _, f := range b.closing {
		f()
	}
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

func (b *batch) acknowledge() {
	for _, ack := range b.acks {
		ack()
	}
}
