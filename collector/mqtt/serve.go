package mqtt

import (
	"context"
	"errors"
	"fmt"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// serve publishes status values until the connection is lost or ctx ends.
func (s *session) serve(ctx context.Context) error {
	// last outlives ctx, for the values that are still on the way.
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastTimeout, cancel) })()
	s.sayRefused()
	retry := time.NewTicker(retryEvery)
	defer retry.Stop()
	var sent uint64
	for {
		var err error
		sent, err = s.publish(last, sent)
		switch {
		case errors.Is(err, errNoAnswer): // no reason to stop listening
			s.cfg.Log.Warn("the broker does not acknowledge our status topics; they will be published again", "broker", s.server.Name)
		case err != nil:
			return err
		}
		select {
		case <-s.wake:
		case err := <-s.over:
			return err
		case <-s.conn.done:
			return s.broken()
		case <-retry.C:
			if len(s.refused) > 0 {
				if err := s.subscribe(ctx, s.refused); err != nil {
					return err
				}
			}
		case <-ctx.Done():
			_, err := s.publish(last, sent)
			return err
		}
	}
}

// publish publishes what changed after version sent, and returns what it has
// come to.
func (s *session) publish(ctx context.Context, sent uint64) (uint64, error) {
	var flying []paho.Token
	land := func(limit int) error {
		for ; len(flying) > limit; flying = flying[1:] {
			if err := s.wait(ctx, flying[0]); err != nil {
				return fmt.Errorf("publishing status topics: %w", err)
			}
			s.counters.published.Add(1)
		}
		return nil
	}
	come := sent
	for _, v := range s.board.since(sent) {
		if err := land(maxPublishing - 1); err != nil {
			return sent, err
		}
		flying = append(flying, s.client.Publish(v.topic, 1, true, v.payload))
		come = v.version
	}
	if err := land(0); err != nil {
		return sent, err
	}
	return come, nil
}

// sayRefused tells about filters that the broker refused while it granted
// others.
func (s *session) sayRefused() {
	if len(s.refused) > 0 {
		s.cfg.Log.Error("the broker refuses subscriptions: "+mend(errNoFilter, true), "broker", s.server.Name, "filters", s.refused)
		s.status.set(true, s.cfg.Clock(), "the broker refuses the subscription to "+s.refused[0])
	}
}
