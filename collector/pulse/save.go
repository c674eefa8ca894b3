package pulse

import (
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// saveVersion is the format's; another one is not read.
	saveVersion = 2
	// savePiece is how many machines are written at once: a few milliseconds.
	savePiece = 4096
	// forgotAfter is how long a machine was not heard that is not written.
	forgotAfter = 30 * 24 * time.Hour
)

// Saving is a Tracker as it was at one moment, written down in pieces while
// it goes on: a machine that is heard meanwhile is written before that. Not
// written is what its fields, counters and words of state looked like.
//
// As the Tracker it is not safe for concurrent use; pieces are the caller's.
type Saving struct {
	tracker *Tracker
	codec   codec
	next    int // machines before it, in order, are written
}

// Save begins to write down what is known now, `at` by our clock. It ends one
// that was begun before.
func (t *Tracker) Save(at plant.Instant) *Saving {
	t.round++
	s := &Saving{tracker: t, codec: codec{at: at}}
	t.saving = s
	version, machines, gateways := uint64(saveVersion), uint64(len(t.order)), uint64(len(t.ways))
	s.codec.uint(&version)
	stamp := uint64(at)
	s.codec.uint(&stamp)
	s.codec.uint(&machines)
	s.codec.uint(&gateways)
	for _, g := range t.ways {
		g.code(&s.codec)
	}
	return s
}

// Next returns the next piece, which is not empty; nil: there is no more.
func (s *Saving) Next() []byte {
	order := s.tracker.order
	for n := 0; s.next < len(order) && (n < savePiece || len(s.codec.buf) == 0); n++ {
		s.write(order[s.next])
		s.next++
	}
	if len(s.codec.buf) == 0 {
		if s.tracker.saving == s {
			s.tracker.saving = nil
		}
		return nil
	}
	piece := s.codec.buf
	s.codec.buf = make([]byte, 0, len(piece))
	return piece
}

// write writes m, unless that was done or m was met since.
func (s *Saving) write(m *machine) {
	if m.saved == s.tracker.round {
		return
	}
	m.saved = s.tracker.round
	if s.codec.at.Sub(max(m.last, m.first)) < forgotAfter {
		m.code(&s.codec, s.tracker)
	}
}
