package mqtt

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
)

// recorder is an inbox that keeps what it gets, and refuses on demand.
type recorder struct {
	t       testing.TB
	changed chan struct{}

	mu       sync.Mutex
	messages []collector.Message
	links    []collector.LinkEvent
	full     bool // refuse messages
}

func newRecorder(t testing.TB) *recorder {
	return &recorder{t: t, changed: make(chan struct{}, 1)}
}

func (r *recorder) Deliver(m collector.Message) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.signal()
	if r.full {
		return false
	}
	r.messages = append(r.messages, m)
	return true
}

func (r *recorder) Link(e collector.LinkEvent) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.links = append(r.links, e)
	r.signal()
	return true
}

func (r *recorder) signal() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

func (r *recorder) setFull(full bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.full = full
}

// from returns the messages so far, without the first n.
func (r *recorder) from(n int) []collector.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.messages[n:])
}

func (r *recorder) all() []collector.Message { return r.from(0) }

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.messages)
}

// payloads returns theirs.
func (r *recorder) payloads() []string {
	var out []string
	for _, m := range r.all() {
		out = append(out, string(m.Payload))
	}
	return out
}

func (r *recorder) allLinks() []collector.LinkEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]collector.LinkEvent(nil), r.links...)
}

// await waits for n messages and returns them.
func (r *recorder) await(n int) []collector.Message {
	r.t.Helper()
	r.until(fmt.Sprintf("%d messages", n), func() bool { return r.count() >= n })
	return r.all()
}

// awaitLinks waits for n link events and returns them.
func (r *recorder) awaitLinks(n int) []collector.LinkEvent {
	r.t.Helper()
	r.until(fmt.Sprintf("%d link events", n), func() bool { return len(r.allLinks()) >= n })
	return r.allLinks()
}

func (r *recorder) until(what string, is func() bool) {
	r.t.Helper()
	deadline := time.After(patience)
	for !is() {
		select {
		case <-r.changed:
		case <-deadline:
			r.t.Fatalf("waiting for %s: have messages %q, links %+v", what, r.payloads(), r.allLinks())
		}
	}
}

// eventually waits for what no channel tells of.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waiting for %s", what)
		}
	}
}

func ackAll(messages []collector.Message) {
	for _, m := range messages {
		m.Ack()
	}
}

// acknowledge acknowledges whatever comes, until the test ends.
func (r *recorder) acknowledge() {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; {
			got := r.from(n)
			ackAll(got)
			n += len(got)
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	r.t.Cleanup(func() { close(stop); <-done })
}

// awaitEach waits until each number below n came as a payload at least once.
func (r *recorder) awaitEach(n int) {
	r.t.Helper()
	read, seen := 0, map[string]bool{}
	eventually(r.t, fmt.Sprintf("each of %d messages", n), func() bool {
		for _, m := range r.from(read) {
			read++
			seen[string(m.Payload)] = true
		}
		return len(seen) >= n
	})
	for i := range n {
		if !seen[fmt.Sprint(i)] {
			r.t.Errorf("message %d of %d never came", i, n)
		}
	}
	r.t.Logf("%d messages, %d deliveries", n, read)
}

// running is a Client that runs.
type running struct {
	*Client
	t    testing.TB
	end  context.CancelFunc
	done chan error
	log  *syncBuffer
}

// run starts a client of cfg and waits until it is connected everywhere.
func run(t testing.TB, cfg Config, inbox collector.Inbox) *running {
	t.Helper()
	r := runAnyway(t, cfg, inbox)
	r.awaitUp()
	return r
}

// runAnyway does not wait.
func runAnyway(t testing.TB, cfg Config, inbox collector.Inbox) *running {
	t.Helper()
	log := &syncBuffer{}
	cfg.Log = slog.New(slog.NewTextHandler(log, nil))
	cfg.Clock = time.Now
	if cfg.ClientID == "" {
		cfg.ClientID = "heartline-test"
	}
	c, err := New(cfg, inbox)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Client: c, t: t, end: cancel, done: make(chan error, 1), log: log}
	go func() { r.done <- c.Run(ctx) }()
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Logf("states %+v; log:\n%s", c.States(), log)
		}
	})
	return r
}

func (r *running) awaitUp() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.AwaitConnected(ctx); err != nil {
		r.t.Fatalf("waiting for the first connection to every broker: %v", err)
	}
	eventually(r.t, "a connection to every broker", func() bool {
		return !slices.ContainsFunc(r.States(), func(s State) bool { return !s.Connected })
	})
}

// stop may be called again.
func (r *running) stop() {
	r.end()
	select {
	case err := <-r.done:
		if err != nil {
			r.t.Errorf("Run: %v", err)
		}
		r.done <- nil
	case <-time.After(patience):
		r.t.Error("Run did not return")
	}
}

func servers(urls ...string) []Server {
	out := make([]Server, len(urls))
	for i, u := range urls {
		out[i].URL = u
	}
	return out
}

func sources(t testing.TB, templates ...string) []Source {
	t.Helper()
	out := make([]Source, len(templates))
	for i, s := range templates {
		template, err := collector.ParseTemplate(s)
		if err != nil {
			t.Fatal(err)
		}
		out[i].Template = template
	}
	return out
}

// syncBuffer is a log that can be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
