package mqtt

import (
	"sync"
	"sync/atomic"
	"time"
)

// State is what is known about the connection to one server. Counters count
// since New.
type State struct {
	Broker     string // the server's name
	URL        string
	Connected  bool      // and subscribed
	Since      time.Time // when Connected last changed; zero before Run
	LastError  string    // why it is, or last was, not connected; or a refused filter
	Reconnects uint64    // times it was connected again

	Received    uint64 // messages, redeliveries among them
	Acked       uint64 // PUBACKs written
	InFlight    int    // delivered and not yet acknowledged
	Redelivered uint64 // redeliveries that were recognised and dropped
	Unmatched   uint64 // messages that no source and no will topic matched
	Ignored     uint64 // our own status topics, and retained words of life
	Refused     uint64 // messages there was no room for
	Published   uint64 // status values the broker took
}

// counters are a link's part of its State.
type counters struct {
	received, acked, redelivered, unmatched, ignored, refused, published, reconnects atomic.Uint64
}

// status is the rest of it.
type status struct {
	mu        sync.Mutex // guards all below: written by the link, read by anybody
	connected bool
	since     time.Time
	lastError string
}

func (s *status) set(connected bool, at time.Time, lastError string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected != connected || s.since.IsZero() {
		s.connected, s.since = connected, at
	}
	s.lastError = lastError
}

func (l *link) state() State {
	l.status.mu.Lock()
	defer l.status.mu.Unlock()
	n := &l.counters
	return State{
		Broker: l.server.Name, URL: l.url.String(),
		Connected: l.status.connected, Since: l.status.since, LastError: l.status.lastError,
		Reconnects: n.reconnects.Load(), Received: n.received.Load(), Acked: n.acked.Load(),
		InFlight: l.window.size(), Redelivered: n.redelivered.Load(), Unmatched: n.unmatched.Load(),
		Ignored: n.ignored.Load(), Refused: n.refused.Load(), Published: n.published.Load(),
	}
}
