package queue

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// testServer is a nats-server in this process that can be stopped and started
// on the same directory while connections to it live on.
type testServer struct {
	t   testing.TB
	dir string

	mu sync.Mutex // guards s
	s  *server.Server

	// deaf makes connections break instead of bringing what the server says.
	deaf atomic.Bool
}

// deafConn passes on what is written; what is read breaks it on demand.
type deafConn struct {
	net.Conn
	deaf *atomic.Bool
}

func (c deafConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.deaf.Load() {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

func startServer(t testing.TB) *testServer {
	t.Helper()
	ts := &testServer{t: t, dir: t.TempDir()}
	ts.start()
	t.Cleanup(ts.stop)
	return ts
}

func (ts *testServer) start() {
	ts.t.Helper()
	s, err := server.NewServer(&server.Options{
		ServerName: "queue-test", DontListen: true, JetStream: true, StoreDir: ts.dir, SyncAlways: true,
		NoSigs: true, NoLog: true, MaxPayload: MinPayload, MaxPending: 64 << 20, JetStreamMaxStore: 64 << 30,
	})
	if err != nil {
		ts.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		ts.t.Fatal("the server is not ready")
	}
	ts.mu.Lock()
	ts.s = s
	ts.mu.Unlock()
}

func (ts *testServer) stop() {
	ts.mu.Lock()
	s := ts.s
	ts.s = nil
	ts.mu.Unlock()
	if s != nil {
		s.Shutdown()
		s.WaitForShutdown()
	}
}

// InProcessConn connects to whichever server runs now.
func (ts *testServer) InProcessConn() (net.Conn, error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.s == nil {
		return nil, errors.New("the server is down")
	}
	c, err := ts.s.InProcessConn()
	return deafConn{c, &ts.deaf}, err
}

func (ts *testServer) connect() *nats.Conn {
	ts.t.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(ts), nats.MaxReconnects(-1),
		nats.ReconnectWait(10*time.Millisecond), nats.ReconnectBufSize(-1))
	if err != nil {
		ts.t.Fatal(err)
	}
	ts.t.Cleanup(nc.Close)
	return nc
}

// reopen is a restart of the server and of us.
func (ts *testServer) reopen(cfg Config) *Queue {
	ts.t.Helper()
	ts.stop()
	ts.start()
	return mustOpen(ts.t, ts.connect(), cfg)
}

func mustOpen(t testing.TB, nc *nats.Conn, cfg Config) *Queue {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	q, err := Open(t.Context(), nc, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func newQueue(t testing.TB) (*testServer, *Queue) {
	t.Helper()
	ts := startServer(t)
	return ts, mustOpen(t, ts.connect(), Config{})
}

// logged collects log lines.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// frame makes a frame that holds text, stamped at.
func frame(text string, at int64) []byte {
	var b collector.FrameBuilder
	if err := b.AddControl(collector.Control{Kind: collector.ControlGateway, Gateway: text}); err != nil {
		panic(err) // text is a test's own
	}
	return bytes.Clone(b.Seal(plant.Instant(at)))
}

func mustAppend(t testing.TB, q *Queue, data []byte) uint64 {
	t.Helper()
	seq, err := q.Append(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func wantCode(t testing.TB, err error, want plant.Code) {
	t.Helper()
	if got := plant.CodeOf(err); got != want {
		t.Fatalf("error %v has code %q, want %q", err, got, want)
	}
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// retry calls f while it says that the server is away.
func retry[T any](t testing.TB, f func() (T, error)) T {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		got, err := f()
		if err == nil {
			return got
		}
		wantCode(t, err, plant.CodeUnavailable)
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
