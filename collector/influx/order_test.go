package influx

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/influxdata/line-protocol/v2/lineprotocol"
)

// recorder stands for InfluxDB and writes down in what order points came.
type recorder struct {
	t  *testing.T
	mu sync.Mutex
	// seqs is every plant's sequence numbers as they came; busy says whose
	// points are being written now.
	seqs   map[string][]int64
	busy   map[string]bool
	flying int
	most   int
	two    chan struct{} // closed once two requests are in flight at once
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	zip, err := gzip.NewReader(req.Body)
	if err != nil {
		r.t.Errorf("body: %v", err)
		return
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		r.t.Errorf("body: %v", err)
		return
	}
	plants := r.begin(text)
	<-r.two
	r.mu.Lock()
	for p := range plants {
		r.busy[p] = false
	}
	r.flying--
	r.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (r *recorder) begin(text []byte) map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flying++
	if r.most = max(r.most, r.flying); r.flying == 2 && r.most == 2 {
		select {
		case <-r.two:
		default:
			close(r.two)
		}
	}
	plants := map[string]bool{}
	for line := range bytes.Lines(text) {
		id := plantOf(line)
		if r.busy[id] && !plants[id] {
			r.t.Errorf("points of %q are in two requests at once", id)
		}
		r.busy[id], plants[id] = true, true
		r.seqs[id] = append(r.seqs[id], seqOf(r.t, line))
	}
	return plants
}

func seqOf(t *testing.T, line []byte) int64 {
	dec := lineprotocol.NewDecoderWithBytes(line)
	dec.Next()
	for {
		key, val, err := dec.NextField()
		if err != nil || key == nil {
			t.Errorf("line %q has no seq: %v", line, err)
			return -1
		}
		if string(key) == "seq" {
			return val.IntV()
		}
	}
}

func TestAPlantsPointsAreWrittenInOrderAndSeveralPlantsAtOnce(t *testing.T) {
	r := &recorder{t: t, seqs: map[string][]int64{}, busy: map[string]bool{}, two: make(chan struct{})}
	server := httptest.NewServer(r)
	defer server.Close()
	cfg, _ := testConfig(t, nil, server.URL)
	cfg.MaxBatch = 4 << 10
	c := newClient(t, cfg)
	cur, dead := newMemoryCursor(), new(memoryLetters)
	fill(t, cur, 20, 200, 5)
	stop := run(t, c.NewStore(cur, dead))
	cur.await(t)
	stop()
	if len(r.seqs) != 20 {
		t.Errorf("points of %d plants came, want 20", len(r.seqs))
	}
	for id, seqs := range r.seqs {
		for i, seq := range seqs {
			if seq != int64(i) {
				t.Fatalf("%s: point %d has number %d", id, i, seq)
			}
		}
		if len(seqs) != 200 {
			t.Errorf("%s: %d points, want 200", id, len(seqs))
		}
	}
	if r.most < 2 || r.most > DefaultLanes {
		t.Errorf("at most %d requests were in flight, want 2 to %d", r.most, DefaultLanes)
	}
}

func TestWindowAcknowledgesInOrder(t *testing.T) {
	w := newWindow(100)
	var entries []*entry
	for seq := uint64(1); seq <= 4; seq++ {
		e := &entry{seq: seq * 10, bytes: 40, left: 1}
		entries = append(entries, e)
		w.open(e)
	}
	step := func(i int, want uint64, wantOK bool) {
		t.Helper()
		w.settle([]piece{{from: entries[i]}})
		if got, ok := w.ready(); got != want || ok != wantOK {
			t.Errorf("after entry %d: ready() = %d, %t; want %d, %t", i, got, ok, want, wantOK)
		}
	}
	full, cancel := context.WithCancel(t.Context())
	cancel()
	step(1, 0, false)
	if w.room(full) {
		t.Error("room() = true while full")
	}
	step(0, 20, true)
	step(3, 20, false)
	w.repeated(30)
	if _, ok := w.ready(); ok {
		t.Error("an entry on its way is acknowledged because it came again")
	}
	w.repeated(20)
	if got, ok := w.ready(); got != 20 || !ok {
		t.Errorf("ready() = %d, %t for an entry that came again after its acknowledgement, want 20, true", got, ok)
	}
	step(2, 40, true)
	if w.load() != 0 || w.bytes != 0 {
		t.Errorf("%d entries and %d bytes left, want none", w.load(), w.bytes)
	}
}

func TestEntriesThatComeAgainAreWrittenOnce(t *testing.T) {
	var mu sync.Mutex
	lines := 0
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		<-release
		zip, _ := gzip.NewReader(req.Body)
		text, _ := io.ReadAll(zip)
		mu.Lock()
		lines += strings.Count(string(text), "\n")
		mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	cfg, _ := testConfig(t, nil, server.URL)
	c := newClient(t, cfg)
	cur, dead := newMemoryCursor(), new(memoryLetters)
	for i := range 50 {
		cur.add(frame(t, sample(fmt.Sprint("p", i), i)))
	}
	s := c.NewStore(cur, dead)
	stop := run(t, s)
	eventually(t, "everything is on its way", func() bool { return s.Status().InFlight == 50 })
	cur.rewind() // a queue that lost patience
	cur.add(frame(t, sample("p", 99)))
	eventually(t, "what came again was read", func() bool { return s.Status().InFlight == 51 })
	close(release)
	cur.await(t)
	stop()
	if lines != 51 {
		t.Errorf("%d lines written, want 51", lines)
	}
}
