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

// trouble is why a lane's requests fail.
type trouble struct {
	blocked string // words and advice; "" where it may pass by itself
	tries   int
}

// state is what Status tells, and what was said in the log about it.
type state struct {
	log    *slog.Logger
	clock  collector.Clock
	bucket string

	mu     sync.Mutex // guards what follows: every lane reports here
	status Status
	lanes  map[int]*trouble // of lanes that fail now
	told   map[string]bool  // kinds of trouble told since writing began to fail
	said   map[say]*repeats
}

func newState(cfg Config, name, bucket string) *state {
	return &state{log: cfg.Log.With("what", name, "bucket", bucket), clock: cfg.Clock, bucket: bucket,
		lanes: map[int]*trouble{}, told: map[string]bool{}, said: map[say]*repeats{}}
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
	switch a.outcome {
	case later, blocked:
		s.fails(lane, a)
	case refused, tooLarge:
		s.status.Retries++
		s.status.LastError = a.words
		s.recovers(lane)
	default:
		s.recovers(lane)
	}
}

func (s *state) fails(lane int, a answer) {
	if s.status.FailingSince.IsZero() {
		s.status.FailingSince = s.clock()
	}
	s.status.Retries++
	s.status.LastError = a.words
	t := s.lanes[lane]
	if t == nil {
		t = new(trouble)
		s.lanes[lane] = t
	}
	t.tries++
	t.blocked = ""
	if a.outcome == blocked {
		t.blocked = a.words + ": " + a.advice
	}
	s.status.Blocked = s.block()
	if s.told[a.kind] || a.outcome == later && t.tries < 2 {
		return // told already, or perhaps over at the next try
	}
	s.told[a.kind] = true
	if a.outcome == blocked {
		s.log.Error("nothing is written to InfluxDB until someone helps; everything is kept in the queue", "kind", a.kind, "err", a.words, "do", a.advice)
	} else {
		s.log.Warn("InfluxDB does not take what is written; everything is kept in the queue and sent again", "kind", a.kind, "err", a.words, "do", a.advice)
	}
}

func (s *state) recovers(lane int) {
	if s.lanes[lane] == nil {
		return
	}
	delete(s.lanes, lane)
	s.status.Blocked = s.block()
	if len(s.lanes) > 0 {
		return
	}
	if len(s.told) > 0 {
		s.log.Info("InfluxDB takes what is written again", "after", s.clock().Sub(s.status.FailingSince).Round(time.Millisecond))
	}
	s.status.FailingSince = time.Time{}
	clear(s.told)
}

// block is why the first lane that needs a person does.
func (s *state) block() string {
	for i := range len(s.lanes) + 64 {
		if t := s.lanes[i]; t != nil && t.blocked != "" {
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
