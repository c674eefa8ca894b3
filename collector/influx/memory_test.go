package influx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// memoryCursor is a queue in memory. What was not acknowledged comes again
// after rewind.
type memoryCursor struct {
	mu      sync.Mutex
	entries []collector.Queued
	next    int
	acked   []uint64
	ledger  collector.Ledger
	failAck int // so many acknowledgements fail
	changed chan struct{}
}

func newMemoryCursor() *memoryCursor { return &memoryCursor{changed: make(chan struct{})} }

func (m *memoryCursor) change() { close(m.changed); m.changed = make(chan struct{}) }

func (m *memoryCursor) add(data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// Not every number: others are in the stream, too.
	m.entries = append(m.entries, collector.Queued{Seq: uint64(2*len(m.entries) + 1), Data: bytes.Clone(data)})
	m.change()
}

func (m *memoryCursor) last() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.entries[len(m.entries)-1].Seq
}

func (m *memoryCursor) newestAck() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.acked) == 0 {
		return 0
	}
	return m.acked[len(m.acked)-1]
}

// settled is the ledger of all that was acknowledged. Nothing of it is still
// on its way.
func (m *memoryCursor) settled(t *testing.T) (sum collector.Tally) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.ledger.Postings() {
		if n := p.InFlight(); n != 0 {
			t.Errorf("the ledger of %+v does not add up: %+v, %d in flight", p.Account, p.Tally, int64(n))
		}
		sum.Add(p.Tally)
	}
	return sum
}

// rewind is what a restart does: unacknowledged entries come again.
func (m *memoryCursor) rewind() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next = 0
	if n := len(m.acked); n > 0 {
		for m.next < len(m.entries) && m.entries[m.next].Seq <= m.acked[n-1] {
			m.next++
		}
	}
	m.change()
}

func (m *memoryCursor) Fetch(ctx context.Context, max int) ([]collector.Queued, error) {
	for {
		m.mu.Lock()
		n := min(max, len(m.entries)-m.next)
		got := m.entries[m.next : m.next+n : m.next+n]
		m.next += n
		changed := m.changed
		m.mu.Unlock()
		if n > 0 {
			return got, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (m *memoryCursor) Ack(_ context.Context, upTo uint64, settled []collector.Posting) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ledger.Add(settled)
	if m.failAck > 0 {
		m.failAck--
		return errors.New("the queue is away")
	}
	m.acked = append(m.acked, upTo)
	m.change()
	return nil
}

// await waits until the newest entry is acknowledged.
func (m *memoryCursor) await(t *testing.T) {
	t.Helper()
	m.awaitAck(t, m.last())
}

func (m *memoryCursor) awaitAck(t *testing.T, seq uint64) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		m.mu.Lock()
		changed, n := m.changed, len(m.acked)
		done := n > 0 && m.acked[n-1] >= seq
		m.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("entry %d is not acknowledged after two minutes; newest acknowledgement: %d", seq, m.newestAck())
		}
	}
}

// memoryLetters keeps dead letters, after refusing fail of them.
type memoryLetters struct {
	mu   sync.Mutex
	fail int
	kept []collector.DeadLetter
}

func (m *memoryLetters) Put(_ context.Context, d collector.DeadLetter) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail > 0 {
		m.fail--
		return errors.New("no room for dead letters")
	}
	m.kept = append(m.kept, d)
	return nil
}

func (m *memoryLetters) all() []collector.DeadLetter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]collector.DeadLetter(nil), m.kept...)
}

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.buf.String(), words)
}

var day = plant.InstantOf(time.Date(2020, 2, 20, 8, 0, 0, 0, time.UTC))

// sample is the i-th heartbeat of a machine.
func sample(id string, i int) plant.Sample {
	return plant.Sample{
		Plant: id, Line: "dye 1", Machine: "m,1=ä", Broker: "b",
		Stamp: day.Add(time.Duration(i) * time.Second), Unit: plant.Millisecond, Arrived: day.Add(time.Duration(i) * time.Second),
		Seq: uint64(i), HasSeq: true, State: "running",
		Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: int64(i)}, {Name: "temp", Float: 61.5}},
	}
}

// frame seals samples into a frame.
func frame(t testing.TB, samples ...plant.Sample) []byte {
	t.Helper()
	var b collector.FrameBuilder
	for i := range samples {
		if err := b.AddSample(&samples[i], collector.Stamp(&samples[i], 0), "", collector.Packet{}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Seal(day)
}

// fill puts frames of per samples of each plant into cur, n samples a plant.
func fill(t testing.TB, cur *memoryCursor, plants, n, per int) {
	t.Helper()
	for i := 0; i < n; i += per {
		var samples []plant.Sample
		for j := i; j < min(i+per, n); j++ {
			for p := range plants {
				samples = append(samples, sample(fmt.Sprintf("plant %d", p), j))
			}
		}
		cur.add(frame(t, samples...))
	}
}

// testConfig is a quick and patient Config.
func testConfig(t *testing.T, d *influxd, url string) (Config, *logBuffer) {
	if d == nil {
		d = &influxd{db: "factory"}
	}
	log := new(logBuffer)
	t.Cleanup(func() {
		if t.Failed() {
			log.mu.Lock()
			t.Log(log.buf.String())
			log.mu.Unlock()
		}
	})
	return Config{
		URL: url, Token: testToken, Org: "heartline", Bucket: d.db, VerdictBucket: d.db + "_verdicts",
		RetryMin: time.Millisecond, RetryMax: 50 * time.Millisecond, BlockedRetry: 20 * time.Millisecond,
		Timeout: 10 * time.Second, Log: slog.New(slog.NewTextHandler(log, nil)),
	}, log
}

func newClient(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// runner is what Store and Verdicts have in common.
type runner interface {
	Run(context.Context) error
	Status() Status
}

// run runs r until stop is called or the test ends.
func run(t *testing.T, r runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// eventually waits for what another goroutine does.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 24_000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("not within two minutes: %s", what)
}
