package app

import (
	"context"
	"sync"
	"time"
)

// probe asks at the start, until it is answered, whether InfluxDB is there
// and takes writes: with nothing to write, nobody would know.
type probe struct {
	mu  sync.Mutex // guards err
	err error
}

const (
	probeEvery   = 500 * time.Millisecond
	probeTimeout = 5 * time.Second
)

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
	<-ctx.Done()
	return ctx.Err()
}

func (p *probe) ask(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	err := check(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
	return err
}
