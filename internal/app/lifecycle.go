package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// lifecycle starts parts one after the other and stops them in the reverse
// order. A part that ends by itself with an error ends everything.
//
// Everything but fail is called by one goroutine.
type lifecycle struct {
	log   *slog.Logger
	parts []part
	wg    sync.WaitGroup

	once   sync.Once
	failed chan struct{}
	err    error // why failed was closed; written once, before that
}

// part is something that was started and must be stopped.
type part struct {
	name string
	stop func(context.Context) error
}

func newLifecycle(log *slog.Logger) *lifecycle {
	return &lifecycle{log: log, failed: make(chan struct{})}
}

// onStop registers how to stop what was just started.
func (l *lifecycle) onStop(name string, stop func(context.Context) error) {
	l.parts = append(l.parts, part{name, stop})
}

// run starts a part that runs until its context ends.
func (l *lifecycle) run(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		err := run(ctx)
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil
		}
		if err != nil && ctx.Err() == nil {
			l.fail(fmt.Errorf("%s: %w", name, err))
			err = nil // said once
		}
		done <- err
	}()
	l.onStop(name, func(ctx context.Context) error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return fmt.Errorf("did not end in time")
		}
	})
}

// fail ends everything, for the first error only. Safe for concurrent use.
func (l *lifecycle) fail(err error) {
	l.once.Do(func() {
		l.err = err
		close(l.failed)
	})
}

// wait returns when ctx ends (nil) or a part failed (its error).
func (l *lifecycle) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-l.failed:
		return l.err
	}
}

// stop stops every part, newest first, within d all together, and returns
// what went wrong. It may be called again and then does nothing.
func (l *lifecycle) stop(d time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	var errs []error
	for i := len(l.parts) - 1; i >= 0; i-- {
		p := l.parts[i]
		began := time.Now()
		if err := p.stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stopping %s: %w", p.name, err))
		}
		l.log.Debug("stopped", "part", p.name, "took", time.Since(began).Round(time.Millisecond))
	}
	l.parts = nil
	return errors.Join(errs...)
}
