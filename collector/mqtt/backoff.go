package mqtt

import (
	"errors"
	"math/rand/v2"
	"time"
)

const (
	minDelay = 200 * time.Millisecond
	maxDelay = 30 * time.Second
	// maxQuickDelay holds where nobody answers at the broker's address, which
	// costs nobody anything: a broker that comes back is noticed within this.
	maxQuickDelay = 4 * time.Second
	// maxLostDelay holds after a connection that stood, and where it was us
	// who had no room: each connection brings the backlog a window further.
	maxLostDelay = time.Second
	// settled is how long a connection must stand for the delays to begin
	// anew.
	settled = 2 * time.Second
	// contested is how many connections in a row the broker closes, each soon
	// after it stood, until we take it that another client has our id: MQTT
	// 3.1.1 lets the newer one in, and both would go on for ever. Who steps
	// back waits minStepBack, then maxStepBack: no longer, since nothing tells
	// us that the other is gone, or that the broker's rules were mended.
	// A broker that is restarted again and again does the same, but not that often.
	contested   = 12
	minStepBack = time.Minute
	maxStepBack = 2 * time.Minute
)

// backoff says how long to wait between tries to connect.
type backoff struct {
	tries  int
	thrown int // connections in a row that the broker closed soon
	rand   *rand.Rand
}

// next returns the time to wait after err ended a connection, or a try, that
// was up for stood. It doubles each time, less up to half of it at random.
func (b *backoff) next(err error, stood time.Duration) time.Duration {
	if stood >= settled {
		b.tries = 0
	}
	if stood > 0 && stood < settled && closedByBroker(err) {
		b.thrown++
	} else {
		b.thrown = 0
	}
	if b.contested() {
		return min(maxStepBack, minStepBack<<min(b.thrown-contested, 10))
	}
	limit := maxDelay
	switch e := (dialError{}); {
	case stood > 0, errors.Is(err, errInboxFull), errors.Is(err, errWindowFull):
		limit = maxLostDelay
	case errors.As(err, &e):
		limit = maxQuickDelay
	}
	d := min(limit, minDelay<<min(b.tries, 10))
	b.tries++
	return d/2 + time.Duration(b.rand.Int64N(int64(d/2)))
}

// contested reports whether another client seems to have our id.
func (b *backoff) contested() bool { return b.thrown >= contested }
