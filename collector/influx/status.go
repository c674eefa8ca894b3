package influx

import (
	"log/slog"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/collector"
)

// Status says how a writer does. Counters are since it was made.
type Status struct {
	// Reachable: the newest attempt was answered by InfluxDB. False before
	// the first one.
	Reachable bool
	// Blocked says why nothing is written until a person helps, and how;
	// "" where that is not so. Everything is kept meanwhile.
	Blocked string
	// LastError is the newest trouble in words, kept after it is over.
	LastError string
	// FailingSince is when writing began to fail; zero while it goes well.
	FailingSince time.Time

	Written      uint64 // points stored
	DeadLettered uint64 // points refused for good, kept as dead letters
	Expired      uint64 // points older than the bucket's retention, not stored
	Damaged      uint64 // entries of the queue that could not be read, or not to their end
	Retries      uint64 // requests that have to be sent again
	// Acked is the newest acknowledged entry of the queue, InFlight how many
	// entries were read and not acknowledged yet.
	Acked    uint64
	InFlight int
}

func (p *pump) status() Status {
	s := p.state.copy()
	s.InFlight = p.window.load()
	return s
}

// trouble is why a lane's requests fail; the zero trouble: they do not.
type trouble struct {
	tries   int
	blocked string // words and advice; "" where it may pass by itself
}

// tellAgain is after how long a kind of trouble that comes back is told again.
const tellAgain = time.Minute

// state is what Status tells, and what was said in the log about it.
type state struct {
	log   *slog.Logger
	clock collector.Clock

	mu     sync.Mutex // guards what follows: every lane reports here
	status Status
	lanes  []trouble
	told   map[string]time.Time // when a kind of trouble was told last
	open   bool                 // the trouble of now was told
	said   map[say]*repeats
}

func newState(cfg Config, name, bucket string) *state {
	return &state{log: cfg.Log.With("what", name, "bucket", bucket), clock: cfg.Clock,
		lanes: make([]trouble, cfg.Lanes), told: map[string]time.Time{}, said: map[say]*repeats{}}
}

func (s *state) copy() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// heard notes what a lane's request came to.
func (s *state) heard(lane int, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Reachable = a.heard
	if a.outcome != stored && a.outcome != expired {
		s.status.Retries++
		s.status.LastError = a.words
	}
	if a.outcome == later || a.outcome == blocked {
		s.fails(lane, a)
	} else {
		s.recovers(lane)
	}
}

func (s *state) fails(lane int, a answer) {
	now := s.clock()
	if s.status.FailingSince.IsZero() {
		s.status.FailingSince = now
	}
	t := &s.lanes[lane]
	t.tries++
	t.blocked = ""
	if a.outcome == blocked {
		t.blocked = a.words + ": " + a.advice
	}
	s.status.Blocked = s.block()
	if a.outcome == later && t.tries < 2 {
		return // perhaps over at the next try
	}
	if at, ok := s.told[a.kind]; ok && (s.open || now.Sub(at) < tellAgain) {
		return
	}
	s.told[a.kind], s.open = now, true
	if a.outcome == blocked {
		s.log.Error("nothing is written to InfluxDB until someone helps; everything is kept in the queue", "kind", a.kind, "err", a.words, "do", a.advice)
	} else {
		s.log.Warn("InfluxDB does not take what is written; everything is kept in the queue and sent again", "kind", a.kind, "err", a.words, "do", a.advice)
	}
}

func (s *state) recovers(lane int) {
	if s.lanes[lane].tries == 0 {
		return
	}
	s.lanes[lane] = trouble{}
	s.status.Blocked = s.block()
	for _, t := range s.lanes {
		if t.tries > 0 {
			return
		}
	}
	if s.open {
		s.log.Info("InfluxDB takes what is written again", "after", s.clock().Sub(s.status.FailingSince).Round(time.Millisecond))
	}
	s.status.FailingSince, s.open = time.Time{}, false
}

// block is why the first lane that needs a person does.
func (s *state) block() string {
	for _, t := range s.lanes {
		if t.blocked != "" {
			return t.blocked
		}
	}
	return ""
}

func (s *state) acked(upTo uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Acked = max(s.status.Acked, upTo)
}
