package console

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// stream is one client's server-sent events. It belongs to the goroutine of
// its request, which ends with the client, with a client that takes nothing
// for writeTimeout, or with Close.
type stream struct {
	server  *Server
	ctx     context.Context // of the request
	w       http.ResponseWriter
	control *http.ResponseController
	changed <-chan struct{}
	buf     bytes.Buffer // events not yet flushed: one batch at most
	stops   []func()
}

// openStream answers r with an empty event stream. A nil stream means that
// the request was answered otherwise.
func (s *Server) openStream(w http.ResponseWriter, r *http.Request) *stream {
	if s.closed.Err() != nil {
		s.fail(w, r, plant.Errorf(plant.CodeUnavailable, "Heartline is stopping; try again when it is back"))
		return nil
	}
	if s.streams.Add(1) > maxStreams {
		s.streams.Add(-1)
		s.fail(w, r, plant.Errorf(plant.CodeUnavailable, "%d event streams are open already; close some, or read /api/v1/plants instead", maxStreams))
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	st := &stream{server: s, ctx: r.Context(), w: w, control: http.NewResponseController(w)}
	changed, unwatch := s.board.watch()
	st.changed = changed
	// A write under way when Close is called ends at once: the deadline set
	// here comes after any that flush has set.
	interrupt := context.AfterFunc(s.closed, func() { _ = st.control.SetWriteDeadline(time.Now()) })
	st.stops = []func(){unwatch, func() { interrupt() }, func() { s.streams.Add(-1) }}
	return st
}

func (st *stream) end() {
	for _, stop := range st.stops {
		stop()
	}
}

// event adds one event to the batch. Data is JSON, which has no line breaks.
func (st *stream) event(name, id string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	st.buf.WriteString("event: " + name + "\n")
	if id != "" {
		st.buf.WriteString("id: " + id + "\n")
	}
	st.buf.WriteString("data: ")
	st.buf.Write(text)
	st.buf.WriteString("\n\n")
	return nil
}

func (st *stream) comment(text string) { st.buf.WriteString(": " + text + "\n\n") }

// flush sends the batch.
func (st *stream) flush() error {
	// Not every server has deadlines (httptest's recorder): then a client
	// that takes nothing ends when its connection does.
	_ = st.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err := st.server.closed.Err(); err != nil {
		return err
	}
	_, err := st.w.Write(st.buf.Bytes())
	st.buf.Reset()
	if err != nil {
		return err
	}
	return st.control.Flush()
}

// run calls send at once and then after every change, at most once a pace,
// and beat while nothing changes. It returns when the stream is over.
func (st *stream) run(pace time.Duration, send, beat func() error) {
	ticker := time.NewTicker(st.server.heartbeat)
	defer ticker.Stop()
	for {
		if send() != nil || st.flush() != nil || !st.pause(pace) {
			return
		}
		for waiting := true; waiting; {
			select {
			case <-st.ctx.Done():
				return
			case <-st.server.closed.Done():
				return
			case <-st.changed:
				waiting = false
			case <-ticker.C:
				if beat() != nil || st.flush() != nil {
					return
				}
			}
		}
	}
}

// pause reports false where the stream ended meanwhile.
func (st *stream) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-st.ctx.Done():
		return false
	case <-st.server.closed.Done():
		return false
	case <-t.C:
		return true
	}
}
