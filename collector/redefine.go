package collector

import (
	"context"
)

// Redefine makes d the decoder and definition what holds, between two
// messages. It returns nil once the definition is on disk, and the end of ctx
// where that came first: it may still be written then.
func (l *Loop) Redefine(ctx context.Context, d Decoder, definition Control) error {
	return l.ask(ctx, func(done func()) error {
		if err := l.open.frame.AddControl(definition); err != nil {
			return err
		}
		l.cfg.Decoder = d
		l.sortOut()
		l.ackLater(done)
		return nil
	})
}

// Between has the loop call f between two messages, where nothing that Observe
// keeps changes, and waits for it. Safe for concurrent use.
func (l *Loop) Between(ctx context.Context, f func()) error {
	return l.ask(ctx, func(done func()) error { f(); done(); return nil })
}

// ask has the loop run what between two messages, and waits until what called
// done, or returned an error. A loop that has ended answers with the end of ctx.
func (l *Loop) ask(ctx context.Context, what func(done func()) error) error {
	answer := make(chan error, 1)
	run := func() {
		if err := what(func() { answer <- nil }); err != nil {
			answer <- err
		}
	}
	l.push(&item{do: run}) // one for each who waits here
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
