package sim

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// PublishConfig says where messages go.
type PublishConfig struct {
	URL      string // tcp://127.0.0.1:1883
	ClientID string // default heartline-sim and a random number
	User     string
	Password string
	TLS      *tls.Config // for ssl:// URLs; nil: the system's roots
	InFlight int         // messages sent and not acknowledged, at most; default 200
	Clock    collector.Clock
	Log      *slog.Logger
	// Progress, where set, is called about once a second and at the end, on
	// Publish's own goroutine.
	Progress func(PublishStats)
}

// PublishStats is what Publish did so far.
type PublishStats struct {
	Sent       uint64        // messages handed to the connection, each counted once
	Acked      uint64        // of these, acknowledged by the broker
	Resent     uint64        // sent again after a lost connection
	Reconnects uint64        // connections after the first
	Behind     time.Duration // how late the last message was sent
}

const (
	defaultInFlight = 200
	// drainTime is how long the last acknowledgements are awaited.
	drainTime = 30 * time.Second
	// stopTime is the same once the caller wants to stop.
	stopTime = 2 * time.Second
	// maxBackoff bounds the pause between two attempts to connect.
	maxBackoff = 5 * time.Second
	// maxFruitless is after how many connections without a single
	// acknowledgement a broker is taken to refuse us.
	maxFruitless = 10
)

// Publish sends source's messages to a broker, each when it is due (at once,
// where that has passed), with QoS 1, in order, until the source ends or ctx
// is done. What a lost connection left unacknowledged is sent again.
//
// It returns when every message is acknowledged. An error of the source, or
// ctx's, is returned as it is. A broker that cannot be reached at the start
// is CodeUnavailable, one that refuses us CodeRefused.
func Publish(ctx context.Context, cfg PublishConfig, source Source) (PublishStats, error) {
	if cfg.InFlight <= 0 {
		cfg.InFlight = defaultInFlight
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	p := &publisher{cfg: cfg, source: source, tick: time.NewTicker(time.Second)}
	defer p.tick.Stop()
	err := p.run(ctx)
	p.progress()
	return p.stats, err
}

// publisher is one call of Publish; it lives on that call's goroutine.
type publisher struct {
	cfg    PublishConfig
	source Source
	tick   *time.Ticker
	stats  PublishStats

	window  []flight // sent and not acknowledged, oldest first
	next    *Message // taken from the source, not yet sent
	ended   error    // what the source ended with
	stopped bool     // ctx is done: only what is in flight is awaited
	until   time.Time
}

// errLost ends a session whose connection is gone.
var errLost = errors.New("the connection was lost")

func (p *publisher) run(ctx context.Context) error {
	fruitless := 0
	for attempt := 0; ; {
		s, err := p.connect(ctx)
		switch {
		case err == nil:
			before := p.stats.Acked
			err = p.session(ctx, s)
			s.close()
			if !errors.Is(err, errLost) {
				return err
			}
			attempt = 0
			if p.stats.Acked > before {
				fruitless = 0
			} else if len(p.window) > 0 {
				fruitless++
			}
			if fruitless >= maxFruitless {
				return plant.Errorf(plant.CodeRefused, "the broker at %s ends the connection each time something is published (last topic %s): may this login publish there?", p.cfg.URL, p.topic())
			}
			p.cfg.Log.Warn("connection to the broker lost; connecting again", "url", p.cfg.URL, "unacknowledged", len(p.window))
		case plant.CodeOf(err) == plant.CodeRefused || !p.began():
			return err
		}
		attempt++
		if err := p.pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// began reports whether a connection ever stood: before that, failing to
// connect is the caller's to know.
func (p *publisher) began() bool { return p.stats.Sent > 0 }

func (p *publisher) topic() string {
	if len(p.window) > 0 {
		return p.window[0].msg.Topic
	}
	return "none"
}

// pause waits before the next attempt, with jitter: a fleet of publishers
// must not come back at once.
func (p *publisher) pause(ctx context.Context, attempt int) error {
	wait := min(100*time.Millisecond<<min(attempt, 10), maxBackoff)
	timer := time.NewTimer(wait/2 + rand.N(wait/2+1))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (p *publisher) progress() {
	if p.cfg.Progress != nil {
		p.cfg.Progress(p.stats)
	}
}

// take makes sure that a message is at hand; false where the source ended.
func (p *publisher) take() bool {
	if p.next != nil {
		return true
	}
	if p.ended != nil {
		return false
	}
	msg, err := p.source.Next()
	if err != nil {
		p.ended = err
		return false
	}
	p.next = &msg
	return true
}

// outcome is what Publish returns once all is acknowledged.
func (p *publisher) outcome(ctx context.Context) error {
	if p.ended != nil && !errors.Is(p.ended, io.EOF) {
		return p.ended
	}
	if p.stopped {
		return ctx.Err()
	}
	return nil
}
