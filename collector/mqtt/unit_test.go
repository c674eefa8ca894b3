package mqtt

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

func TestDisjointFilters(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a/b a/c", "a/b a/c"},
		{"a/+ a/c", "a/+"},
		{"a/# a", "a/#"},
		{"a/# a/b/c b", "a/# b"},
		{"a/+ +/b", "+/+"},
		{"a/+/c a/b", "a/+/c a/b"},
		{"a/b/# a/+", "a/+/#"},
		{"# $SYS/x", "# $SYS/x"},
		{"/a a/ +/a", "+/a a/"},
		{"a/b/c a/+/# a/x b/+ +/y", "+/+/#"},
		{"", ""},
	} {
		got := strings.Join(disjoint(strings.Fields(c.in)), " ")
		if got != c.want {
			t.Errorf("disjoint(%s) = %s, want %s", c.in, got, c.want)
		}
	}
}

// Whatever the filters are, what they match is still matched, by exactly one.
func TestDisjointFiltersCoverOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(words string) string { return string(words[r.IntN(len(words))]) }
	random := func(words string, end bool) string {
		var levels []string
		for range 1 + r.IntN(4) {
			levels = append(levels, pick(words))
		}
		if end && r.IntN(4) == 0 {
			levels = append(levels, "#")
		}
		return strings.Join(levels, "/")
	}
	matches := func(filter, topic string) bool {
		template, err := collector.ParseTemplate(filter)
		if err != nil {
			t.Fatal(err)
		}
		_, ok := template.Match(topic)
		return ok
	}
	for range 2000 {
		var filters []string
		for range 1 + r.IntN(5) {
			filters = append(filters, random("abc+", true))
		}
		merged := disjoint(filters)
		for range 20 {
			topic := random("abc", false)
			var before, after int
			for _, f := range filters {
				if matches(f, topic) {
					before++
				}
			}
			for _, f := range merged {
				if matches(f, topic) {
					after++
				}
			}
			if before > 0 && after != 1 || after > 1 {
				t.Fatalf("topic %s: %d of %q match, %d of %q", topic, before, filters, after, merged)
			}
		}
	}
}

func TestManyWillTopicsShareAFilter(t *testing.T) {
	var wills []Will
	for i := range 10_000 {
		wills = append(wills, Will{Topic: fmt.Sprintf("factory/p%d/gw-%d/state", i, i%3)}, Will{Topic: fmt.Sprintf("p%d/will", i)})
	}
	wills = append(wills, Will{Topic: "other/x/y/z"})
	got := disjoint(willFilters(wills))
	if diff := cmp.Diff([]string{"+/will", "factory/+/+/state", "other/x/y/z"}, got); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
}

// wire is a window on a connection whose far end can be read.
func wire(t *testing.T) (*window, net.Conn) {
	near, far := net.Pipe()
	c := newConn(near)
	t.Cleanup(func() { far.Close(); c.Close() })
	w := newWindow(4, new(atomic.Uint64))
	w.attach(c)
	return w, far
}

func ids(t *testing.T, far net.Conn, n int) []byte {
	t.Helper()
	_ = far.SetReadDeadline(time.Now().Add(patience))
	buf := make([]byte, 4*n)
	if _, err := io.ReadFull(far, buf); err != nil {
		t.Fatal(err)
	}
	var out []byte
	for i := 0; i < len(buf); i += 4 {
		out = append(out, buf[i+3])
	}
	return out
}

func TestAFullWindowWaitsForRoom(t *testing.T) {
	w, far := wire(t)
	go func() { _, _ = io.Copy(io.Discard, far) }()
	var h []*held
	for id := range uint16(4) {
		x, _ := w.take(id+1, puback, false, 0)
		h = append(h, x)
	}
	gone := make(chan struct{})
	w.await(0, gone) // comes back, however full
	go h[0].ack()
	w.await(patience, gone)
	if x, ok := w.take(5, puback, false, 0); !ok || x == nil {
		t.Error("there was room, and a message was not taken")
	}
	close(gone)
	w.await(patience, gone)
	if !w.full() {
		t.Error("the window is not full; nothing was waited for")
	}
}

func TestAcknowledgesInOrderOfReceipt(t *testing.T) {
	w, far := wire(t)
	var h []*held
	for id := range uint16(4) {
		x, ok := w.take(id+1, puback, false, 0)
		if !ok || x == nil {
			t.Fatalf("message %d was not taken", id)
		}
		h = append(h, x)
	}
	if _, ok := w.take(9, puback, false, 0); ok {
		t.Error("a fifth message was taken although four are the limit")
	}
	if again, ok := w.take(2, puback, true, 0); again != nil || !ok {
		t.Error("a redelivered message that is still held was taken again")
	}
	h[3].ack()
	h[1].ack()
	h[0].ack()
	if diff := cmp.Diff([]byte{1, 2}, ids(t, far, 2)); diff != "" {
		t.Errorf("acknowledged (-want +got):\n%s", diff)
	}
	h[2].ack()
	if diff := cmp.Diff([]byte{3, 4}, ids(t, far, 2)); diff != "" {
		t.Errorf("acknowledged (-want +got):\n%s", diff)
	}
}

func TestRecognisesRedeliveriesByIDAndContent(t *testing.T) {
	w, far := wire(t)
	h, _ := w.take(7, puback, false, 1)
	h.ack()
	ids(t, far, 1)
	if again, _ := w.take(7, puback, true, 1); again != nil {
		t.Error("a redelivery that crossed our acknowledgement was delivered again")
	}
	if diff := cmp.Diff([]byte{7}, ids(t, far, 1)); diff != "" {
		t.Errorf("it was not acknowledged (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		name string
		dup  bool
		sum  uint64
	}{{"equal content, no DUP", false, 1}, {"DUP, other content", true, 2}} {
		h, _ := w.take(7, puback, c.dup, c.sum)
		if h == nil {
			t.Fatalf("%s: a new message under an old packet id was dropped", c.name)
		}
		h.ack()
		ids(t, far, 1)
	}
}

func TestBackoffGrowsToItsLimits(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		limit time.Duration
	}{{"nobody answers", dialError{io.EOF}, maxQuickDelay}, {"the broker refuses", io.EOF, maxDelay}} {
		b := backoff{rand: rand.New(rand.NewPCG(1, 1))}
		if d := b.next(c.err, 0); d < minDelay/2 || d >= minDelay {
			t.Errorf("%s: first delay %v, want %v to %v", c.name, d, minDelay/2, minDelay)
		}
		for range 20 {
			b.next(c.err, 0)
		}
		if d := b.next(c.err, 0); d < c.limit/2 || d > c.limit {
			t.Errorf("%s: last delay %v, want %v to %v", c.name, d, c.limit/2, c.limit)
		}
		if d := b.next(c.err, settled); d >= minDelay {
			t.Errorf("%s: after a connection that stood: %v, want less than %v", c.name, d, minDelay)
		}
	}
}

func TestBackoffStepsBackFromAnotherOfTheSameName(t *testing.T) {
	b := backoff{rand: rand.New(rand.NewPCG(1, 1))}
	for i := range contested - 1 {
		if d := b.next(io.EOF, time.Millisecond); d > maxLostDelay || b.contested() {
			t.Fatalf("thrown out %d times: %v", i+1, d)
		}
	}
	for _, want := range []time.Duration{1, 2, 2, 2} {
		if d := b.next(io.EOF, time.Millisecond); d != want*time.Minute || !b.contested() {
			t.Fatalf("thrown out %d times: %v, want %d minutes", b.thrown, d, want)
		}
	}
	for name, end := range map[string]func(){
		"the broker is away":   func() { b.next(dialError{syscall.ECONNREFUSED}, 0) },
		"a connection stood":   func() { b.next(io.EOF, settled) },
		"it was us who closed": func() { b.next(errInboxFull, time.Millisecond) },
	} {
		b.thrown = contested
		if end(); b.contested() {
			t.Errorf("%s: still contested", name)
		}
	}
}

func TestConfigIsCheckedAllAtOnce(t *testing.T) {
	good := Config{ClientID: "x", Sources: sources(t, "a"), Log: slog.New(slog.DiscardHandler), Clock: time.Now}
	for _, c := range []struct {
		name    string
		servers []Server
		want    []string // nil: it is good
	}{
		{"default port", servers("tcp://a"), nil},
		{"two", servers("mqtt://a", "mqtts://a"), nil},
		{"scheme", servers("http://a:1"), []string{`begins with "http://"`}},
		{"no scheme", servers("a:1883"), []string{"tcp://"}},
		{"no host", servers("tcp://"), []string{"names no host"}},
		{"secret", servers("tcp://u:secret@a"), []string{"user and password_file"}},
		{"twice", servers("tcp://a", "tcp://a:1883"), []string{"names two servers"}},
		{"two at once", []Server{{URL: "ws://a"}, {URL: "tcp://b", Password: "x"}}, []string{`"ws://"`, "user"}},
		{"none", nil, []string{"name at least one broker"}},
	} {
		cfg := good
		cfg.Servers = c.servers
		_, err := New(cfg, newRecorder(t))
		if c.want == nil {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) || plant.CodeOf(err) != plant.CodeInvalid {
				t.Errorf("%s: error %v (%s), want %q", c.name, err, plant.CodeOf(err), want)
			}
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error holds the password: %v", c.name, err)
		}
	}
}
