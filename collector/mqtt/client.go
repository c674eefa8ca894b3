package mqtt

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/seed-00829101/heartline/collector"
)

// Client holds the connections to all servers. Its methods are safe for
// concurrent use.
type Client struct {
	cfg   Config
	board *board
	links []*link
	ran   atomic.Bool
}

// New returns a Client that delivers to inbox; Run starts it. What is wrong
// with cfg comes back as plant.Problems (CodeInvalid), all of it at once.
func New(cfg Config, inbox collector.Inbox) (*Client, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, board: newBoard(cfg.Log)}
	for i := range cfg.Servers {
		c.links = append(c.links, newLink(&c.cfg, i, inbox, c.board))
	}
	return c, nil
}

// Run connects to every server and keeps connected until ctx ends. It then
// publishes the last status values, disconnects cleanly, and returns nil
// within five seconds. What was not acknowledged until then stays at the
// brokers, so end the collector's loop first. It can be called once.
func (c *Client) Run(ctx context.Context) error {
	if c.ran.Swap(true) {
		return errors.New("mqtt: Run was called twice")
	}
	var all sync.WaitGroup
	for _, l := range c.links {
		all.Go(func() { l.run(ctx) })
	}
	all.Wait()
	return nil
}

// AwaitConnected returns nil once every server was connected, with our
// subscriptions in place, at least once; ctx's error where it ends before.
func (c *Client) AwaitConnected(ctx context.Context) error {
	for _, l := range c.links {
		select {
		case <-l.first:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Publish sets the retained value of a status topic on every broker, at
// QoS 1. Only the newest value of a topic is kept; all are published again
// after every reconnect. It never blocks and keeps a copy of payload.
func (c *Client) Publish(topic string, payload []byte) {
	c.board.put(topic, payload)
	for _, l := range c.links {
		l.poke()
	}
}

// Filters returns what is subscribed to on the servers together, sorted.
// Keep it, and give it as Config.Forget to the next start.
func (c *Client) Filters() []string {
	var all []string
	for _, l := range c.links {
		all = append(all, l.filters...)
	}
	return sortedUnique(all)
}

// States returns each server's state, in the order of Config.Servers.
func (c *Client) States() []State {
	states := make([]State, len(c.links))
	for i, l := range c.links {
		states[i] = l.state()
	}
	return states
}
