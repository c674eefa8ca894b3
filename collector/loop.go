package collector

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Defaults of a LoopConfig.
const (
	DefaultInbox    = 1 << 16
	DefaultMaxFrame = 256 << 10
	DefaultTick     = time.Second
	DefaultRetry    = 250 * time.Millisecond
	DefaultGather   = 5 * time.Millisecond
	stopTimeout     = 5 * time.Second
)

// LoopConfig is what a Loop needs. Queue, Decoder, Dead, Clock and Log are
// required; zero numbers mean the defaults.
type LoopConfig struct {
	Queue   Queue
	Decoder Decoder
	Dead    LetterBox
	Clock   Clock
	Log     *slog.Logger

	Inbox    int           // messages that may wait
	MaxFrame int           // bytes; a frame may pass it by one message
	Tick     time.Duration // at least one frame in this time
	Retry    time.Duration // between tries while the queue refuses
	// Gather is how long a frame may wait for more while messages keep
	// coming; a fifth of it without one ends the wait.
	Gather time.Duration

	// Sources are the topic templates of the configured sources, by
	// Message.Source.
	Sources []Template
	// Enrolled reports whether the registry has a machine; with neither line
	// nor machine, whether it has the plant. nil: it has nobody.
	Enrolled func(MachineID) bool
	// MaxDiscovered is how many machines that nobody enrolled are stored;
	// samples of others become dead letters.
	MaxDiscovered int
	// Recall returns what the last Loop's Memory did; nil: nothing. Run calls it
	// first of all.
	Recall func(ctx context.Context) Memory
	// Tail yields the queue's newest frames and their numbers, oldest first:
	// those after Memory.Seq, and enough to hold what a broker may not have
	// been told of; nil: none.
	Tail func(ctx context.Context, after uint64) iter.Seq2[uint64, []byte]
	// Observe is called with each new sample, by the loop alone, and says by
	// how many the missing sequence numbers of its machine became more; nil ok.
	// At the start it is called with those that the Memory does not include.
	Observe func(s *plant.Sample) (gaps int64)
	// Brokers are those that will be connected to: they count as away
	// until their first BrokerLink.
	Brokers []string
	// Room tells why nothing more may be taken (disk nearly full), or nil.
	Room func() error
	// Committed is called after each commit with how long it took; nil ok.
	Committed func(d time.Duration, samples int)
}

// Loop is the one writer of the queue: it decodes messages in order of
// receipt, collects their samples in frames, stamps each frame with `at`
// (never decreasing), commits it, and only then acknowledges its messages.
// The next frame is whatever came while the last one was being written.
type Loop struct {
	*inbox
	cfg    LoopConfig
	stats  counters
	health health

	lastAt  plant.Instant // of the newest frame, be it on disk yet or not
	stood   plant.Instant // of the newest frame on disk; 0: none of this run
	newest  uint64        // frame on disk
	behind  bool          // our clock is behind lastAt, and that was said
	read    time.Time     // what it said last
	written time.Time     // when it was written
	open    *batch        // being filled
	spare   *batch
	recent  recent
	packets packets
	chart   chart
	hasher  Hasher
	samples []plant.Sample
	said    deadSaid

	replays replays

	appended appended
}

// NewLoop returns a Loop; Run starts it. It takes messages from now on.
func NewLoop(cfg LoopConfig) *Loop {
	setDefault(&cfg.Inbox, DefaultInbox)
	setDefault(&cfg.MaxFrame, DefaultMaxFrame)
	setDefault(&cfg.Tick, DefaultTick)
	setDefault(&cfg.Retry, DefaultRetry)
	setDefault(&cfg.Gather, DefaultGather)
	if cfg.Room == nil {
		cfg.Room = func() error { return nil }
	}
	if cfg.Enrolled == nil {
		cfg.Enrolled = func(MachineID) bool { return false }
	}
	if cfg.Tail == nil {
		cfg.Tail = func(context.Context, uint64) iter.Seq2[uint64, []byte] { return func(func(uint64, []byte) bool) {} }
	}
	if cfg.Recall == nil {
		cfg.Recall = func(context.Context) Memory { return Memory{} }
	}
	if cfg.Observe == nil {
		cfg.Observe = func(*plant.Sample) int64 { return 0 }
	}
	if cfg.Committed == nil {
		cfg.Committed = func(time.Duration, int) {}
	}
	return &Loop{inbox: newInbox(cfg.Inbox), cfg: cfg, open: new(batch), spare: new(batch)}
}

func setDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// Run takes messages until ctx ends, then writes what it took, acknowledges
// it, and notes that nobody listens any more. It returns nil then, and an
// error where the queue is broken: nothing further was acknowledged.
//
// definition is the registry and rules that hold from now on.
func (l *Loop) Run(ctx context.Context, definition Control) error {
	if err := l.begin(ctx, definition); err != nil {
		return err
	}
	tick := time.NewTicker(l.cfg.Tick)
	defer tick.Stop()
	commits := make(chan error, 1)
	var flying *batch // in the hands of the committer
	gather := newGathering(l.cfg.Gather)
	defer gather.stop()
	for {
		came := l.came
		if l.full() {
			came = nil
		}
		select {
		case <-ctx.Done():
			return l.end(ctx, flying, commits)
		case <-came:
			if l.drain() {
				gather.more()
			}
		case <-gather.timer.C:
			gather.pass()
		case err := <-commits:
			if err != nil {
				return err
			}
			flying = l.recycle(flying)
		case <-tick.C:
			if flying == nil && l.cfg.Clock().Sub(l.written) >= l.cfg.Tick {
				if err := l.tick(ctx); err != nil {
					return err
				}
			}
		}
		if flying == nil && !l.open.empty() && (gather.over() || l.full()) {
			gather.begin()
			flying, l.open = l.open, l.spare
			if err := flying.close(&l.chart); err != nil {
				return err
			}
			go func() { commits <- l.commit(ctx, flying) }()
		}
	}
}

// full reports whether the open frame takes no more.
func (l *Loop) full() bool { return l.open.frame.Size() >= l.cfg.MaxFrame }

// drain takes what waits, as far as the open frame has room, so that it shares
// one commit. It reports whether there was anything.
func (l *Loop) drain() (some bool) {
	for !l.full() {
		it := l.pop()
		if it == nil {
			return some
		}
		l.add(it)
		some = true
	}
	l.signal() // for the next frame
	return some
}

func (l *Loop) recycle(b *batch) *batch {
	b.reset()
	l.spare = b
	return nil
}
