package collector

import (
	"log/slog"
	"sync"
	"sync/atomic"
)

// counters are what a Loop counted since it was made.
type counters struct {
	Messages, Bytes, Samples, Repeated, DeadLettered, Committed, Frames atomic.Uint64
}

// Stats is a copy of a Loop's counters since its start.
type Stats struct {
	Messages     uint64 // taken from the brokers
	Bytes        uint64 // of their payloads
	Samples      uint64 // decoded from them
	Repeated     uint64 // samples that were already taken
	DeadLettered uint64 // messages or parts of messages
	Committed    uint64 // samples on disk
	Frames       uint64 // frames with samples on disk
	Overflow     uint64 // messages the inbox had no room for
	Waiting      int    // items in the inbox
}

// Stats returns the counters. Safe for concurrent use.
func (l *Loop) Stats() Stats {
	return Stats{
		Messages: l.stats.Messages.Load(), Bytes: l.stats.Bytes.Load(), Samples: l.stats.Samples.Load(),
		Repeated: l.stats.Repeated.Load(), DeadLettered: l.stats.DeadLettered.Load(),
		Committed: l.stats.Committed.Load(), Frames: l.stats.Frames.Load(),
		Overflow: l.overflow.Load(), Waiting: int(l.waiting.Load()),
	}
}

// Health returns why nothing is being acknowledged, or nil. Safe for
// concurrent use.
func (l *Loop) Health() error { return l.health.get() }

// health remembers what keeps the loop from committing and says it once.
type health struct {
	mu  sync.Mutex // guards err: written by the committer, read by probes
	err error
}

func (h *health) get() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

func (h *health) set(log *slog.Logger, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil || h.err.Error() != err.Error() {
		log.Error("nothing is being acknowledged: gateways keep their messages until the queue takes them", "err", err)
	}
	h.err = err
}

func (h *health) clear(log *slog.Logger) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		log.Info("the queue takes messages again")
	}
	h.err = nil
}
