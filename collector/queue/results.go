package queue

import (
	"context"
	"strconv"

	"github.com/nats-io/nats.go"
)

// headerFrame names the frame that a result came from.
const headerFrame = "Heartline-Frame"

func frameOf(h nats.Header) uint64 {
	seq, _ := strconv.ParseUint(h.Get(headerFrame), 10, 64)
	return seq
}

// resultWriter is the one writer of results.
type resultWriter struct {
	appender
	frame uint64 // that the newest result came from
}

// learn reads which frame the newest result came from.
func (w *resultWriter) learn(ctx context.Context) error {
	return w.s.newest(ctx, 1, func(m message) bool {
		w.frame = frameOf(m.header)
		return false
	})
}

// AppendResult keeps doc as the result of frame seq; it is on disk when nil is
// returned. Results come in the order of their frames, one a frame: one for a
// frame that is not newer than LastResult is there already, and is dropped.
// Errors as Append's. Not safe for concurrent use.
func (q *Queue) AppendResult(ctx context.Context, seq uint64, doc []byte) error {
	w := &q.resulter
	w.mu.Lock()
	defer w.mu.Unlock()
	if seq <= w.frame {
		return nil
	}
	header := nats.Header{headerFrame: {strconv.FormatUint(seq, 10)}}
	_, err := w.put(ctx, header, doc, func(m message) bool {
		w.frame = frameOf(m.header)
		return seq <= w.frame
	})
	if err == nil {
		w.frame = max(w.frame, seq)
	}
	return err
}

// LastResult returns the number of the frame that the newest result came
// from; 0 where there is none.
func (q *Queue) LastResult(context.Context) (uint64, error) {
	w := &q.resulter
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.frame, nil
}

// ReadResults calls f with up to limit results, newest first, until f returns
// false. f may keep doc.
func (q *Queue) ReadResults(ctx context.Context, limit int, f func(seq uint64, doc []byte) bool) error {
	return q.results.newest(ctx, limit, func(m message) bool { return f(frameOf(m.header), m.data) })
}
