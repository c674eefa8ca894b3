package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// probe asks at the start, until it is answered, whether InfluxDB is there,
// takes writes and keeps them for long enough: with nothing to write, nobody
// would know, and nothing is written before that.
type probe struct {
	log    *slog.Logger
	passed chan struct{} // closed once nothing is wrong

	mu  sync.Mutex // guards err
	err error
}

const (
	probeEvery   = 500 * time.Millisecond
	probeTimeout = 5 * time.Second
)

// begin says what is wrong until the first answer.
func (p *probe) begin(err error, log *slog.Logger) {
	p.err, p.log, p.passed = err, log, make(chan struct{})
}

func (p *probe) get() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// run asks check until it finds nothing wrong, and then waits for the end.
func (p *probe) run(ctx context.Context, check func(context.Context) error) error {
	for p.ask(ctx, check) != nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(probeEvery):
		}
	}
	close(p.passed)
	<-ctx.Done()
	return ctx.Err()
}

func (p *probe) ask(ctx context.Context, check func(context.Context) error) error {
	asking, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	err := check(asking)
	p.mu.Lock()
	old := p.err
	p.err = err
	p.mu.Unlock()
	switch {
	case err == nil || ctx.Err() != nil || err.Error() == old.Error():
	case plant.CodeOf(err) == plant.CodeUnavailable:
		p.log.Warn("InfluxDB cannot be used yet; everything is kept in the queue", "err", err)
	default:
		p.log.Error("nothing is written to InfluxDB until someone helps; everything is kept in the queue", "err", err)
	}
	return err
}

// before runs next once nothing is wrong.
func (p *probe) before(next func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-p.passed:
			return next(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
