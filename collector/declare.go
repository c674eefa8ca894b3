package collector

import (
	"context"

	"github.com/seed-00829101/heartline/plant"
)

// Declare takes what a person said between two messages: it is on disk when
// Declare returns nil. Where ctx ends first, it may yet be taken; the rules
// take what has the same ID once, so it can be said again. Safe for concurrent
// use.
func (l *Loop) Declare(ctx context.Context, d plant.Declaration) error {
	return l.ask(ctx, func(done func()) error {
		if err := l.open.frame.AddControl(Control{Kind: ControlDeclared, Plant: d.Plant, Declaration: &d}); err != nil {
			return err
		}
		l.ackLater(done)
		return nil
	})
}
