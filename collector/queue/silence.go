package queue

import (
	"sync"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// silence is how long a stream did not take what it was given. Safe for
// concurrent use.
type silence struct {
	mu          sync.Mutex // guards what follows
	first, last time.Time  // failures in a row; zero: none
}

// note takes what came of a message.
func (s *silence) note(err error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case plant.CodeOf(err) != plant.CodeUnavailable:
		s.first, s.last = time.Time{}, time.Time{}
	case s.first.IsZero():
		s.first, s.last = now, now
	default:
		s.last = now
	}
}

func (s *silence) length() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last.Sub(s.first)
}

// Silent is for how long one of the streams, whichever was worst, has taken
// nothing of what it was given: between the first and the newest try. After a
// full disk a stream stays so until its server is started anew. Safe for
// concurrent use.
func (q *Queue) Silent() (longest time.Duration) {
	for _, s := range q.streams() {
		longest = max(longest, s.silence.length())
	}
	return longest
}

// Forgive begins anew what Silent tells: its server was started anew.
func (q *Queue) Forgive() {
	for _, s := range q.streams() {
		s.silence.note(nil, time.Time{})
	}
}

func (q *Queue) streams() []*stream { return []*stream{q.frames, q.results, q.dead, q.state} }
