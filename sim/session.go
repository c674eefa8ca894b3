package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/seed-00829101/heartline/plant"
)

// flight is a message on its way. Its token belongs to the session it was
// last sent in.
type flight struct {
	msg   Message
	token mqtt.Token
}

// session is one connection. paho's own reconnecting is not used: a token it
// carries over completes without an error and without an acknowledgement.
type session struct {
	client mqtt.Client
	lost   chan struct{} // closed by paho when the connection is gone
}

const (
	connectTimeout = 10 * time.Second
	// writeTimeout is also how long paho holds a message that is published
	// in the moment the connection is lost.
	writeTimeout = 3 * time.Second
)

func (p *publisher) connect(ctx context.Context) (*session, error) {
	s := &session{lost: make(chan struct{})}
	id := p.cfg.ClientID
	if id == "" {
		id = fmt.Sprintf("heartline-sim-%08x", rand.Uint32())
	}
	opts := mqtt.NewClientOptions().AddBroker(p.cfg.URL).SetClientID(id).
		SetUsername(p.cfg.User).SetPassword(p.cfg.Password).
		SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).
		SetConnectTimeout(connectTimeout).SetWriteTimeout(writeTimeout).SetKeepAlive(30 * time.Second).
		SetConnectionLostHandler(func(mqtt.Client, error) { close(s.lost) })
	if p.cfg.TLS != nil {
		opts.SetTLSConfig(p.cfg.TLS)
	}
	s.client = mqtt.NewClient(opts)
	token := s.client.Connect()
	select {
	case <-token.Done():
	case <-ctx.Done():
		s.close()
		return nil, ctx.Err()
	}
	switch err := token.Error(); {
	case err == nil:
		return s, nil
	case errors.Is(err, packets.ErrorRefusedBadUsernameOrPassword), errors.Is(err, packets.ErrorRefusedNotAuthorised):
		return nil, plant.Errorf(plant.CodeRefused, "the broker at %s refuses the login of user %q: %w", p.cfg.URL, p.cfg.User, err)
	default:
		return nil, plant.Errorf(plant.CodeUnavailable, "the broker at %s cannot be reached: %w", p.cfg.URL, err)
	}
}

func (s *session) close() { s.client.Disconnect(100) }

func (s *session) publish(f *flight) {
	f.token = s.client.Publish(f.msg.Topic, 1, false, f.msg.Payload)
}

// session publishes over s until all is done (nil, or the source's or ctx's
// error) or the connection is lost (errLost).
func (p *publisher) session(ctx context.Context, s *session) error {
	if p.began() {
		p.stats.Reconnects++
	}
	for i := range p.window {
		s.publish(&p.window[i])
		p.stats.Resent++
	}
	due := time.NewTimer(0)
	defer due.Stop()
	for {
		if err := p.settle(); err != nil {
			return err
		}
		more := !p.stopped && p.take()
		if !more {
			if len(p.window) == 0 {
				return p.outcome(ctx)
			}
			p.limit(drainTime)
		}
		room := len(p.window) < p.cfg.InFlight
		if more && room {
			wait := p.next.At.Sub(p.cfg.Clock())
			if wait <= 0 {
				p.send(s, -wait)
				p.report()
				if ctx.Err() != nil {
					p.stop()
				}
				continue
			}
			due.Reset(wait)
		}
		if err := p.wait(ctx, s, due.C); err != nil {
			return err
		}
		due.Stop()
	}
}

// settle takes what is acknowledged out of the window, from its oldest on. A
// token's error means that the connection is gone.
func (p *publisher) settle() error {
	done := 0
	for ; done < len(p.window); done++ {
		token := p.window[done].token
		select {
		case <-token.Done():
		default:
			p.shift(done)
			return nil
		}
		if token.Error() != nil {
			p.shift(done)
			return errLost
		}
	}
	p.shift(done)
	return nil
}

// shift takes the n oldest messages, which are acknowledged, off the window.
func (p *publisher) shift(n int) {
	if n > 0 {
		p.stats.Acked += uint64(n)
		p.window = slices.Delete(p.window, 0, n)
	}
}

func (p *publisher) send(s *session, behind time.Duration) {
	f := flight{msg: *p.next}
	p.next = nil
	s.publish(&f)
	p.window = append(p.window, f)
	p.stats.Sent++
	p.stats.Behind = behind
}

// report calls Progress where a second has passed.
func (p *publisher) report() {
	select {
	case <-p.tick.C:
		p.progress()
	default:
	}
}

// wait returns when there may be something to do.
func (p *publisher) wait(ctx context.Context, s *session, due <-chan time.Time) error {
	var acked <-chan struct{}
	if len(p.window) > 0 {
		acked = p.window[0].token.Done()
	}
	stop := ctx.Done()
	if p.stopped {
		stop = nil
	}
	select {
	case <-acked:
	case <-due:
	case <-p.tick.C:
		p.progress()
		if !p.until.IsZero() && time.Now().After(p.until) {
			if p.stopped {
				return ctx.Err()
			}
			return plant.Errorf(plant.CodeUnavailable, "%d messages were not acknowledged by the broker at %s within %v", len(p.window), p.cfg.URL, drainTime)
		}
	case <-s.lost:
		// Tokens are settled first: what was acknowledged before counts.
		if err := p.settle(); err != nil {
			return err
		}
		return errLost
	case <-stop:
		p.stop()
	}
	return nil
}

// stop gives what is in flight a little time to be acknowledged.
func (p *publisher) stop() {
	p.stopped = true
	p.until = time.Now().Add(stopTime)
}

// limit bounds how long the rest is awaited.
func (p *publisher) limit(d time.Duration) {
	if p.until.IsZero() {
		p.until = time.Now().Add(d)
	}
}
