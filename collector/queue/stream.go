package queue

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// stream is one JetStream stream. Safe for concurrent use.
type stream struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	handle  jetstream.Stream
	name    string
	subject string // its first
	timeout time.Duration
	grew    signal        // after each message that we stored
	stored  atomic.Uint64 // newest of those that we found at the start or stored; 0: none
	silence silence
}

// state asks the server how the stream stands.
func (s *stream) state(ctx context.Context) (jetstream.StreamState, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	info, err := s.handle.Info(ctx)
	if err != nil {
		return jetstream.StreamState{}, requestError("stream "+s.name, err)
	}
	return info.State, nil
}

// publish stores a message if last is the stream's last sequence number.
func (s *stream) publish(ctx context.Context, header nats.Header, data []byte, last uint64) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	m := &nats.Msg{Subject: s.subject, Header: header, Data: data}
	if m.Header == nil {
		m.Header = nats.Header{}
	}
	m.Header[jetstream.ExpectedLastSeqHeader] = []string{strconv.FormatUint(last, 10)}
	return s.send(ctx, m)
}

// send stores m, retrying nothing.
func (s *stream) send(ctx context.Context, m *nats.Msg) (uint64, error) {
	ack, err := new(jetstream.PubAck), error(jetstream.ErrNoStreamResponse)
	if s.nc.IsConnected() {
		ack, err = s.js.PublishMsg(ctx, m, jetstream.WithRetryAttempts(0))
	}
	if err != nil {
		err = publishError(s.name, len(m.Data), err)
	}
	s.silence.note(err, time.Now())
	if err != nil {
		return 0, err
	}
	s.stored.Store(max(s.stored.Load(), ack.Sequence))
	s.grew.broadcast()
	return ack.Sequence, nil
}

// lastOf returns the newest message of a subject; nil where there is none or
// where it cannot be read.
func (s *stream) lastOf(ctx context.Context, subject string) (*jetstream.RawStreamMsg, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	m, err := s.handle.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, requestError("stream "+s.name, err)
	}
	return m, nil
}

// purge removes messages.
func (s *stream) purge(ctx context.Context, opt jetstream.StreamPurgeOpt) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.handle.Purge(ctx, opt); err != nil {
		return requestError("stream "+s.name, err)
	}
	return nil
}

// signal wakes all who wait.
type signal struct {
	mu sync.Mutex // guards ch
	ch chan struct{}
}

// wait returns a channel that is closed at the next broadcast.
func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

func (s *signal) broadcast() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}
