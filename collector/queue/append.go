package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// appender is the one writer of a stream. It names, with each message, the
// sequence number it expects to be the last: of several tries of which nobody
// knows the outcome, the server stores one at most.
type appender struct {
	s    *stream
	mu   sync.Mutex // held while a message is being stored; guards what follows
	last uint64     // sequence number of the newest message known to be stored
	// doubt: of a message sent after last nobody knows whether it was stored.
	doubt bool
}

// put stores a message, the caller holding mu. Where an earlier one turns out
// to be stored after all, it is given to settled, which says whether it is
// the very message; then its sequence number is returned.
func (a *appender) put(ctx context.Context, header nats.Header, data []byte, settled func(message) bool) (uint64, error) {
	for {
		seq, err := a.s.publish(ctx, header, data, a.last)
		switch {
		case err == nil:
			a.last, a.doubt = seq, false
			return seq, nil
		case errors.Is(err, errUnknown):
			a.doubt = true
			return 0, err
		case !errors.Is(err, errMoved):
			return 0, err
		}
		m, err := a.settle(ctx)
		if err != nil {
			return 0, err
		}
		if settled(m) {
			return m.seq, nil
		}
	}
}

// settle reads the message that was stored without our knowing.
func (a *appender) settle(ctx context.Context) (message, error) {
	st, err := a.s.state(ctx)
	if err != nil {
		return message{}, err
	}
	switch {
	case st.LastSeq < a.last:
		return message{}, plant.Errorf(plant.CodeDamaged, "stream %s ends at message %d, but message %d was acknowledged: messages at its end were lost on disk", a.s.name, st.LastSeq, a.last)
	case !a.doubt || st.LastSeq != a.last+1:
		return message{}, plant.Errorf(plant.CodeConflict, "stream %s ends at message %d instead of %d: something else writes to it; only one Heartline may", a.s.name, st.LastSeq, a.last)
	}
	found, err := a.s.read(ctx, st.LastSeq, 1)
	if err != nil {
		return message{}, err
	}
	if len(found) == 0 {
		return message{}, plant.Errorf(plant.CodeUnavailable, "stream %s: message %d cannot be read yet", a.s.name, st.LastSeq)
	}
	a.last, a.doubt = st.LastSeq, false
	return found[0], nil
}

// frameWriter is the one writer of frames.
type frameWriter struct {
	appender
	cfg   Config
	bytes atomic.Int64 // of the stream on disk
	// late is the frame that turned out to be stored after we had given up
	// on it: its digest and sequence number.
	late struct{ digest, seq uint64 }
	mark mark
}

// Append writes frame and returns its sequence number once it is on disk. It
// leaves the reserve free. A frame whose last Append ended without an answer
// may be given again, also sealed anew: it is written once.
//
// Errors: CodeFull and CodeUnavailable mean that it may be tried again; with
// any other the queue is broken. Not safe for concurrent use.
func (q *Queue) Append(ctx context.Context, frame []byte) (uint64, error) {
	return q.writer.append(ctx, frame, false)
}

// AppendControl is Append that may use the reserve. A control frame that is
// given again is written again: it says what holds at its own time.
func (q *Queue) AppendControl(ctx context.Context, frame []byte) (uint64, error) {
	return q.writer.append(ctx, frame, true)
}

func (w *frameWriter) append(ctx context.Context, frame []byte, control bool) (uint64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var digest uint64
	if !control {
		digest = collector.FrameDigest(frame)
		if late := w.late.seq; late > 0 && w.late.digest == digest {
			w.late.seq = 0
			return late, nil
		}
		if err := w.room(ctx, frame); err != nil {
			return 0, err
		}
	}
	written := w.size(frame)
	seq, err := w.put(ctx, nil, frame, func(m message) bool {
		w.bytes.Add(w.size(m.data))
		w.late.digest, w.late.seq = collector.FrameDigest(m.data), m.seq
		if !control && w.late.digest == digest {
			written = 0
			return true
		}
		return false
	})
	if err != nil {
		return 0, err
	}
	if !control {
		w.late.seq = 0
	}
	w.bytes.Add(written)
	w.mark.note(w.s.nc, seq)
	return seq, nil
}

// room tells whether frame leaves the reserve free.
func (w *frameWriter) room(ctx context.Context, frame []byte) error {
	bound, size := w.cfg.MaxBytes-w.cfg.Reserve, w.size(frame)
	if size > bound {
		return plant.Errorf(plant.CodeInvalid, "a frame of %d bytes can never fit the queue of %d bytes; raise queue.max_bytes", len(frame), w.cfg.MaxBytes)
	}
	if w.bytes.Load()+size <= bound {
		return nil
	}
	st, err := w.s.state(ctx) // frames may have gone, by Trim or by hand
	if err != nil {
		return err
	}
	w.bytes.Store(int64(st.Bytes))
	if int64(st.Bytes)+size > bound {
		return fullError(w.s.name)
	}
	return nil
}

// size is what the server counts for a frame: its record's head and sum, the
// subject and our one header as well.
func (w *frameWriter) size(frame []byte) int64 {
	const record = 4 + 8 + 8 + 2 + 4 + 8
	header := len("NATS/1.0\r\n: \r\n\r\n") + len(jetstream.ExpectedLastSeqHeader) + len(strconv.FormatUint(w.last, 10))
	return int64(record + len(w.s.subject) + header + len(frame))
}

// Last returns the newest frame and its sequence number; 0 and nil where
// there never was one. A CodeDamaged error says that it cannot be read.
func (q *Queue) Last(ctx context.Context) (uint64, []byte, error) {
	st, err := q.frames.state(ctx)
	if err != nil || st.LastSeq == 0 {
		return 0, nil, err
	}
	found, err := q.frames.read(ctx, st.LastSeq, 1)
	if err != nil {
		return 0, nil, fmt.Errorf("the newest frame: %w", err)
	}
	if len(found) == 0 {
		return 0, nil, plant.Errorf(plant.CodeUnavailable, "stream %s: the newest frame cannot be read yet", q.frames.name)
	}
	return found[0].seq, found[0].data, nil
}
