package queue

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/plant"
)

// Defaults of a Config.
const (
	DefaultMaxBytes        = 10 << 30
	DefaultDeadMaxBytes    = 256 << 20
	DefaultDeadMaxAge      = 90 * 24 * time.Hour
	DefaultResultsMaxBytes = 256 << 20
	DefaultResultsMaxAge   = 90 * 24 * time.Hour
	DefaultTimeout         = 5 * time.Second

	minReserve = 1 << 20
	maxReserve = 256 << 20
	// deadWindow is how long an equal dead letter is known again.
	deadWindow = 10 * time.Minute
)

// MinPayload is the max_payload the server needs, in bytes, for the largest
// frame (8 MiB) and its header.
const MinPayload = 8<<20 + 64<<10

// SyncQueueLen is what nats.SyncQueueLen of the connection should be: the most
// messages that one read has on their way. The client's default allocates half
// a megabyte for each read.
const SyncQueueLen = 1 << 10

// Config is what Open needs. Zero numbers mean the defaults; Log is required.
type Config struct {
	// MaxBytes bounds the stream of frames on disk, the reserve included.
	MaxBytes int64
	// Reserve is the part of MaxBytes that only ticks and control frames
	// may use: by default 1 % of MaxBytes, at least 1 MiB (but at most a
	// quarter of MaxBytes), at most 256 MiB.
	Reserve   int64
	Partition int

	// Dead letters and results that are older, or for which there is no
	// room, fall out; Stats counts them.
	DeadMaxBytes    int64
	DeadMaxAge      time.Duration
	ResultsMaxBytes int64
	ResultsMaxAge   time.Duration

	// Replicas in a cluster; 1 by default.
	Replicas int
	// Timeout bounds each request to the server.
	Timeout time.Duration
	// AcceptLoss lets Open go on where frames that were acknowledged are
	// gone; it says which. Without it Open returns a CodeDamaged error.
	AcceptLoss bool
	Log        *slog.Logger
}

// withDefaults fills in what is zero and checks the rest.
func (c Config) withDefaults() (Config, error) {
	fill(&c.MaxBytes, DefaultMaxBytes)
	fill(&c.Reserve, min(max(c.MaxBytes/100, minReserve), maxReserve, c.MaxBytes/4))
	fill(&c.DeadMaxBytes, DefaultDeadMaxBytes)
	fill(&c.DeadMaxAge, DefaultDeadMaxAge)
	fill(&c.ResultsMaxBytes, DefaultResultsMaxBytes)
	fill(&c.ResultsMaxAge, DefaultResultsMaxAge)
	fill(&c.Timeout, DefaultTimeout)
	fill(&c.Replicas, 1)
	if c.Reserve >= c.MaxBytes {
		return c, plant.Errorf(plant.CodeInvalid, "the queue's reserve (%d bytes) leaves nothing of its max_bytes (%d bytes); raise max_bytes", c.Reserve, c.MaxBytes)
	}
	if c.Partition < 0 {
		return c, plant.Errorf(plant.CodeInvalid, "the queue's partition %d is negative", c.Partition)
	}
	return c, nil
}

func fill[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// DiskBytes is how much the server must allow the streams together (its
// max_file_store), in bytes: their bounds, and 2 GiB for three snapshots.
func (c Config) DiskBytes() int64 {
	c, _ = c.withDefaults()
	return c.MaxBytes + c.DeadMaxBytes + c.ResultsMaxBytes + 2<<30
}

// numbered is a stream's name or subject for the partition; the first
// partition's streams other than the frames' carry no number.
func (c Config) numbered(name string) string {
	if c.Partition == 0 {
		return name
	}
	return fmt.Sprintf("%s_%d", name, c.Partition)
}

func (c Config) framesStream() jetstream.StreamConfig {
	return c.stream(jetstream.StreamConfig{
		Name:        fmt.Sprintf("HEARTLINE_SAMPLES_%d", c.Partition),
		Description: "Frames of samples, link events and ticks, until store and rules have passed them",
		Subjects:    []string{fmt.Sprintf("samples.%d", c.Partition)},
		MaxBytes:    c.MaxBytes,
		Discard:     jetstream.DiscardNew,
	})
}

func (c Config) resultsStream() jetstream.StreamConfig {
	return c.stream(jetstream.StreamConfig{
		Name:        c.numbered("HEARTLINE_RESULTS"),
		Description: "What the rules made of each frame",
		Subjects:    []string{fmt.Sprintf("results.%d", c.Partition)},
		MaxBytes:    c.ResultsMaxBytes,
		MaxAge:      c.ResultsMaxAge,
		Discard:     jetstream.DiscardOld,
	})
}

func (c Config) deadStream() jetstream.StreamConfig {
	return c.stream(jetstream.StreamConfig{
		Name:        "HEARTLINE_DEAD",
		Description: "Messages and points that could not be stored",
		Subjects:    []string{"dead.>"},
		MaxBytes:    c.DeadMaxBytes,
		MaxAge:      c.DeadMaxAge,
		Duplicates:  min(deadWindow, c.DeadMaxAge),
		Discard:     jetstream.DiscardOld,
	})
}

// stateStream has no bound in bytes: it holds at most three snapshots and a
// position per cursor and partition.
func (c Config) stateStream() jetstream.StreamConfig {
	return c.stream(jetstream.StreamConfig{
		Name:              "HEARTLINE_STATE",
		Description:       "Snapshots of the rules' state, and how far each cursor is",
		Subjects:          []string{"state.>"},
		MaxMsgsPerSubject: 1,
		Discard:           jetstream.DiscardOld,
	})
}

func (c Config) stream(s jetstream.StreamConfig) jetstream.StreamConfig {
	s.Retention = jetstream.LimitsPolicy
	s.Storage = jetstream.FileStorage
	s.Replicas = c.Replicas
	s.AllowDirect = true
	return s
}
