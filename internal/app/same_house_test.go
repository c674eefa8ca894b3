package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector/queue"
	"github.com/seed-00829101/heartline/internal/embedded"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// ends counts how the worker ended.
type ends struct{ stops, beforeResult, afterResult, inSnapshot, reading, servers int }

func (e *ends) add(o *ends) {
	e.stops += o.stops
	e.beforeResult += o.beforeResult
	e.afterResult += o.afterResult
	e.inSnapshot += o.inSnapshot
	e.reading += o.reading
	e.servers += o.servers
}

// memory is a queue that keeps results and is never away; no worker ends in it.
type memory struct {
	house
	docs []string
}

func (m *memory) LoadSnapshot(context.Context, func(uint64, io.Reader) error) error { return nil }
func (m *memory) SaveSnapshot(_ context.Context, _ uint64, pieces iter.Seq2[[]byte, error]) error {
	for _, err := range pieces {
		if err != nil {
			return err
		}
	}
	return nil
}
func (m *memory) LastResult(context.Context) (queue.Mark, error) { return queue.Mark{}, nil }
func (m *memory) AppendResult(_ context.Context, seq uint64, _ int, doc []byte) error {
	m.docs = append(m.docs, fmt.Sprintf("%d %s", seq, doc))
	return nil
}

// Next implements frameReader.
func (m *memory) Next(ctx context.Context) (uint64, []byte, error) {
	if m.seen == uint64(len(m.rec.frames)) {
		m.stop()
		return 0, nil, ctx.Err()
	}
	m.seen++
	return m.seen, m.rec.frames[m.seen-1], nil
}

// whole is what a worker says that never ends before its time.
func (r *recording) whole(t *testing.T) []string {
	m := &memory{house: house{t: t, rec: r, told: map[string]bool{}}}
	m.work(m, func(context.Context, uint64) (frameReader, error) { return m, nil })
	return m.docs
}

// house is a worker's surroundings: a real server with a real queue, and an end
// of the worker at random places.
type house struct {
	*queue.Queue
	t     *testing.T
	rnd   *rand.Rand
	saves *rand.Rand // of the goroutine that writes snapshots
	dir   string
	nats  *embedded.NATS
	rec   *recording
	clock time.Time
	stop  context.CancelFunc
	seen  uint64
	told  map[string]bool // transitions, by id
	ends  ends
}

var errKilled = errors.New("killed")

func newHouse(t *testing.T, rec *recording, rnd *rand.Rand) *house {
	h := &house{t: t, rnd: rnd, saves: rand.New(rand.NewPCG(rnd.Uint64(), 9)), dir: t.TempDir(), rec: rec, clock: time.Unix(1e9, 0), told: map[string]bool{}}
	h.open()
	t.Cleanup(func() { h.close() })
	for _, f := range rec.frames {
		if _, err := h.Append(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h *house) open() {
	log := slog.New(slog.DiscardHandler)
	var err error
	if h.nats, err = embedded.StartNATS(h.t.Context(), embedded.NATSConfig{Dir: h.dir, Log: log}); err != nil {
		h.t.Fatal(err)
	}
	if h.Queue, err = queue.Open(h.t.Context(), h.nats.Conn(), queue.Config{Log: log}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) close() {
	ctx := context.WithoutCancel(h.t.Context())
	if err := errors.Join(h.Queue.Close(ctx), h.nats.Stop(ctx)); err != nil {
		h.t.Error(err)
	}
}

// live runs workers until one has gone through every frame.
func (h *house) live() {
	for !h.work(h, h.reader) {
		if h.rnd.IntN(12) == 0 {
			h.ends.servers++
			h.close()
			h.open()
		}
	}
}

// work runs one worker and reports whether it went through every frame.
func (h *house) work(q frames, open func(context.Context, uint64) (frameReader, error)) bool {
	ctx, stop := context.WithCancel(h.t.Context())
	defer stop()
	h.stop = stop
	w := &worker{queue: q, open: open, audience: h, snapshot: func(uint64) {}, pressed: func() bool { return false },
		clock: h.now, log: slog.New(slog.DiscardHandler), stats: new(workerStats), past: new(past)}
	err := w.Run(ctx)
	if err != nil && !errors.Is(err, errKilled) {
		h.t.Fatal(err)
	}
	if n := w.stats.damaged.Load(); n > 0 {
		h.t.Fatalf("%d records were lost to the rules", n)
	}
	return err == nil && h.seen == uint64(len(h.rec.frames))
}

// now lets snapshots come every twenty frames or so.
func (h *house) now() time.Time {
	h.clock = h.clock.Add(100 * time.Millisecond)
	return h.clock
}

func (h *house) dies(one int, count *int) bool {
	if h.rnd.IntN(one) != 0 {
		return false
	}
	*count++
	return true
}

func (h *house) AppendResult(ctx context.Context, seq uint64, part int, doc []byte) error {
	if h.dies(100, &h.ends.beforeResult) {
		return errKilled
	}
	if err := h.Queue.AppendResult(ctx, seq, part, doc); err != nil {
		return err
	}
	if h.dies(100, &h.ends.afterResult) {
		return errKilled
	}
	return nil
}

// SaveSnapshot ends now and then before it, within it, or before it is said that
// it is there.
func (h *house) SaveSnapshot(ctx context.Context, seq uint64, pieces iter.Seq2[[]byte, error]) error {
	left := 1 << 20
	if h.saves.IntN(10) == 0 {
		left = h.saves.IntN(4)
		h.ends.inSnapshot++
	}
	err := h.Queue.SaveSnapshot(ctx, seq, func(yield func([]byte, error) bool) {
		for piece, err := range pieces {
			if left--; left < 0 {
				err = errKilled
			}
			if !yield(piece, err) {
				return
			}
		}
	})
	if err == nil && left < 1<<10 {
		return errKilled
	}
	return err
}

func (h *house) reader(ctx context.Context, from uint64) (frameReader, error) {
	h.seen = from - 1
	r, err := h.Reader(ctx, from)
	return &houseReader{r, h}, err
}

type houseReader struct {
	*queue.Reader
	h *house
}

// Next implements frameReader; after the last frame the worker is stopped.
func (r *houseReader) Next(ctx context.Context) (uint64, []byte, error) {
	switch h := r.h; {
	case h.seen == uint64(len(h.rec.frames)):
		h.stop()
		return 0, nil, ctx.Err()
	case h.dies(150, &h.ends.stops):
		h.stop()
		return 0, nil, ctx.Err()
	case h.dies(150, &h.ends.reading):
		return 0, nil, errKilled
	}
	f, err := r.Reader.Next(ctx)
	if err == nil {
		r.h.seen = f.Seq
	}
	return f.Seq, f.Data, err
}

func (h *house) Changed([]rules.PlantView) {}
func (h *house) Gone([]string)             {}

func (h *house) Closed([]plant.ShiftFigures) {}

// Decided implements audience: nothing is told twice.
func (h *house) Decided(ts []plant.Transition) {
	for i := range ts {
		if h.told[ts[i].ID] {
			h.t.Errorf("transition %s is told twice", ts[i].ID)
		}
		h.told[ts[i].ID] = true
	}
}

// documents are the results as they lie in the queue, oldest first.
func (h *house) documents() (docs []string) {
	err := h.ReadResults(h.t.Context(), 1<<20, func(seq uint64, doc []byte) bool {
		docs = append(docs, fmt.Sprintf("%d %s", seq, doc))
		return true
	})
	if err != nil {
		h.t.Fatal(err)
	}
	slices.Reverse(docs)
	return docs
}
