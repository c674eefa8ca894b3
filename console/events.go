package console

import (
	"net/http"
	"strconv"
	"strings"
)

// batchSize is how many events are written between two looks at what is the
// latest: what a slow client has not taken by then is looked up anew.
const batchSize = 64

// getEvents streams every change. Events: reset (forget everything: all that
// is known follows), plant, removed, transition. Each id names the process
// and the version up to which the client has everything.
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) {
	st := s.openStream(w, r)
	if st == nil {
		return
	}
	defer st.end()
	if r.Method == http.MethodHead {
		return
	}
	e := eventStream{stream: st, board: s.board}
	e.begin(r.Header.Get("Last-Event-ID"))
	st.run(s.apiPace, e.send, func() error { st.comment("alive"); return nil })
}

// eventStream is a stream of everything after version.
type eventStream struct {
	*stream
	board   *board
	version uint64
	fresh   bool // nothing was sent yet, and the client is to forget what it has
}

func (e *eventStream) begin(lastID string) {
	epoch, text, _ := strings.Cut(lastID, "-")
	version, err := strconv.ParseUint(text, 10, 64)
	if err != nil || !e.board.resumable(epoch, version) {
		e.fresh = true
		return
	}
	e.version = version
}

// send writes everything that is newer than what was sent.
func (e *eventStream) send() error {
	if e.fresh {
		e.fresh = false
		if err := e.event("reset", "", struct{}{}); err != nil {
			return err
		}
	}
	for {
		entries := e.board.after(e.version, batchSize)
		for _, x := range entries {
			if err := e.entry(x); err != nil {
				return err
			}
			e.version = x.version
		}
		if len(entries) < batchSize {
			return nil
		}
		if err := e.flush(); err != nil {
			return err
		}
	}
}

func (e *eventStream) entry(x *entry) error {
	id := e.board.epoch + "-" + strconv.FormatUint(x.version, 10)
	switch {
	case x.view != nil:
		return e.event("plant", id, shapePlant(x.view))
	case x.transition != nil:
		return e.event("transition", id, shapeTransition(x.transition))
	}
	return e.event("removed", id, map[string]string{"id": x.id})
}
