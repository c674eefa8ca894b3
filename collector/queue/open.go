package queue

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/collector"
)

var (
	_ collector.Queue     = (*Queue)(nil)
	_ collector.LetterBox = (*Queue)(nil)
)

// Queue is the durable queue of one partition, with what belongs to it:
// results, cursors, snapshots and dead letters. Append, AppendControl and
// AppendResult are for one writer each; everything else is safe for
// concurrent use.
type Queue struct {
	cfg  Config
	log  *slog.Logger
	dead *stream
	// state holds snapshots and the positions of cursors.
	state   *stream
	frames  *stream
	results *stream

	writer   frameWriter
	resulter resultWriter

	saving   sync.Mutex    // held while a snapshot is written
	removing sync.Mutex    // held while a dead letter is removed
	removed  atomic.Uint64 // dead letters

	mu      sync.Mutex // guards what follows
	cursors map[string]*Cursor
	last    Stats // as read last
}

// Open creates the streams, or brings them to cfg, and reads where they end.
// The connection stays the caller's; it should be made without a reconnect
// buffer (nats.ReconnectBufSize(-1)) and with endless reconnects, and its
// server should sync always and take messages of MinPayload bytes.
//
// Where frames that were acknowledged are gone it returns a CodeDamaged
// error, or, with AcceptLoss, says so in the log.
func Open(ctx context.Context, nc *nats.Conn, cfg Config) (*Queue, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, requestError("the queue", err)
	}
	q := &Queue{cfg: cfg, log: cfg.Log, cursors: map[string]*Cursor{}}
	for _, x := range []struct {
		to  **stream
		cfg jetstream.StreamConfig
	}{
		{&q.frames, cfg.framesStream()}, {&q.results, cfg.resultsStream()},
		{&q.dead, cfg.deadStream()}, {&q.state, cfg.stateStream()},
	} {
		s := &stream{nc: nc, js: js, name: x.cfg.Name, subject: x.cfg.Subjects[0], timeout: cfg.Timeout}
		if s.handle, err = s.create(ctx, x.cfg); err != nil {
			return nil, err
		}
		*x.to = s
	}
	if err := q.readEnds(ctx); err != nil {
		return nil, err
	}
	return q, q.checkLoss(ctx)
}

func (s *stream) create(ctx context.Context, cfg jetstream.StreamConfig) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	handle, err := s.js.CreateOrUpdateStream(ctx, cfg)
	if err != nil {
		return nil, requestError("stream "+cfg.Name, err)
	}
	return handle, nil
}

// readEnds learns where the frames and the results end.
func (q *Queue) readEnds(ctx context.Context) error {
	st, err := q.frames.state(ctx)
	if err != nil {
		return err
	}
	q.writer.s, q.writer.last, q.writer.cfg = q.frames, st.LastSeq, q.cfg
	q.writer.mark.subject = q.positionSubject("written")
	q.writer.bytes.Store(int64(st.Bytes))
	q.frames.stored.Store(st.LastSeq)
	removed, _, err := q.position(ctx, removedLetters)
	if err != nil {
		return err
	}
	q.removed.Store(removed)
	if st, err = q.results.state(ctx); err != nil {
		return err
	}
	q.resulter.s, q.resulter.last = q.results, st.LastSeq
	q.results.stored.Store(st.LastSeq)
	return q.resulter.learn(ctx)
}

// Close saves how far the cursors are. The connection stays open. Nothing is
// lost without it, but some frames come to the store again.
func (q *Queue) Close(ctx context.Context) error { return q.saveCursors(ctx) }
