package collector

import (
	"context"
)

// Redefine makes d the decoder and definition what holds, between two
// messages. It returns nil once the definition is on disk, and the end of ctx
// where that came first: it may still be written then.
func (l *Loop) Redefine(ctx context.Context, d Decoder, definition Control) error {
	return l.ask(ctx, func(done func()) {
		l.cfg.Decoder = d
		l.sortOut()
		l.open.frame.AddControl(definition)
		l.ackLater(done)
	})
}

// Between has the loop call f between two messages, where nothing that Observe
// keeps changes, and waits for it. Safe for concurrent use.
func (l *Loop) Between(ctx context.Context, f func()) error {
	return l.ask(ctx, func(done func()) { f(); done() })
}

// ask has the loop run what between two messages, and waits until what called
// done. A loop that has ended answers with the end of ctx.
func (l *Loop) ask(ctx context.Context, what func(done func())) error {
	done := make(chan struct{})
	select {
	case l.items <- item{do: func() { what(func() { close(done) }) }}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
