package queue

import (
	"context"
	"strconv"

	"github.com/nats-io/nats.go"
)

// The frame that a result came from, and which part of its results it is.
const (
	headerFrame = "Heartline-Frame"
	headerPart  = "Heartline-Part"
)

// Mark is the place of a result: a frame, and a part of that frame's results,
// from 0. The zero Mark is before the first.
type Mark struct {
	Frame uint64
	Part  int
}

// Covers reports whether part of frame is at or before m.
func (m Mark) Covers(frame uint64, part int) bool {
	return frame < m.Frame || frame == m.Frame && part <= m.Part
}

func markOf(h nats.Header) Mark {
	part, _ := strconv.Atoi(h.Get(headerPart))
	return Mark{frameOf(h), part}
}

func frameOf(h nats.Header) uint64 {
	seq, _ := strconv.ParseUint(h.Get(headerFrame), 10, 64)
	return seq
}

// resultWriter is the one writer of results.
type resultWriter struct {
	appender
	mark Mark // of the newest result
}

// learn reads which frame the newest result came from.
func (w *resultWriter) learn(ctx context.Context) error {
	return w.s.newest(ctx, 0, func(m message) bool {
		w.mark = markOf(m.header)
		return false
	})
}

// AppendResult keeps doc as a part, from 0, of the results of frame seq; it is
// on disk when nil is returned. Results come in the order of their frames and
// parts: what LastResult covers is there already, and is dropped. Errors as
// Append's. Not safe for concurrent use.
func (q *Queue) AppendResult(ctx context.Context, seq uint64, part int, doc []byte) error {
	w := &q.resulter
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mark.Covers(seq, part) {
		return nil
	}
	header := nats.Header{headerFrame: {strconv.FormatUint(seq, 10)}, headerPart: {strconv.Itoa(part)}}
	_, err := w.put(ctx, header, doc, func(m message) bool {
		w.mark = markOf(m.header)
		return w.mark.Covers(seq, part)
	})
	if err == nil && !w.mark.Covers(seq, part) {
		w.mark = Mark{seq, part}
	}
	return err
}

// LastResult returns the place of the newest result; zero where there is none.
func (q *Queue) LastResult(context.Context) (Mark, error) {
	w := &q.resulter
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mark, nil
}

// ReadResults calls f with up to limit results, newest first, until f returns
// false. f may keep doc.
func (q *Queue) ReadResults(ctx context.Context, limit int, f func(seq uint64, doc []byte) bool) error {
	return q.results.newest(ctx, 0, func(m message) bool {
		limit--
		return limit >= 0 && f(frameOf(m.header), m.data)
	})
}
