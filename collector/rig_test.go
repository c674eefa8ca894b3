package collector_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
)

// fakeQueue keeps frames in memory and fails on demand.
type fakeQueue struct {
	mu      sync.Mutex
	frames  [][]byte
	fail    error         // of Append
	failAll error         // of AppendControl too
	gate    chan struct{} // Append waits for it, where set
	written chan struct{} // told of every frame
}

func newFakeQueue() *fakeQueue { return &fakeQueue{written: make(chan struct{}, 1024)} }

func (q *fakeQueue) Append(_ context.Context, frame []byte) (uint64, error) {
	q.mu.Lock()
	gate, fail := q.gate, q.fail
	q.mu.Unlock()
	if gate != nil {
		<-gate
	}
	return q.put(frame, fail)
}

func (q *fakeQueue) AppendControl(_ context.Context, frame []byte) (uint64, error) {
	q.mu.Lock()
	fail := q.failAll
	q.mu.Unlock()
	return q.put(frame, fail)
}

func (q *fakeQueue) put(frame []byte, fail error) (uint64, error) {
	if fail != nil {
		return 0, fail
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.frames = append(q.frames, slices.Clone(frame))
	select {
	case q.written <- struct{}{}:
	default:
	}
	return uint64(len(q.frames)), nil
}

func (q *fakeQueue) Last(context.Context) (uint64, []byte, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.frames) == 0 {
		return 0, nil, nil
	}
	return uint64(len(q.frames)), q.frames[len(q.frames)-1], nil
}

func (q *fakeQueue) set(change func(*fakeQueue)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	change(q)
}

func (q *fakeQueue) all() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.frames)
}

// topicDecoder makes one sample of machine Topic, number from the payload;
// the payload "bad" cannot be read.
type topicDecoder struct{}

type fakeDead struct {
	mu      sync.Mutex
	kept    []collector.DeadLetter
	removed []uint64
	stuck   error // of Remove
}

func (d *fakeDead) Remove(_ context.Context, id uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stuck != nil {
		return d.stuck
	}
	d.removed = append(d.removed, id)
	return nil
}

func (d *fakeDead) Put(_ context.Context, l collector.DeadLetter) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = append(d.kept, l)
	return nil
}

// patience bounds what a test waits for; it decides no test that passes.
const patience = 2 * time.Minute

// rig is a running loop on fakes.
type rig struct {
	t     *testing.T
	queue *fakeQueue
	dead  *fakeDead
	loop  *collector.Loop
	acked chan int
	stop  func() error
	ended chan struct{} // closed when Run has returned
}

// numbered are the frames of a queue, from 1 on.
func numbered(frames [][]byte) iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for i, f := range frames {
			if !yield(uint64(i+1), f) {
				return
			}
		}
	}
}

func start(t *testing.T, q *fakeQueue, change func(*collector.LoopConfig)) *rig {
	r := &rig{t: t, queue: q, dead: &fakeDead{}, acked: make(chan int, 4096), ended: make(chan struct{})}
	cfg := collector.LoopConfig{
		Queue: q, Decoder: topicDecoder{}, Dead: r.dead, Clock: time.Now, Brokers: []string{"b"},
		Log: slog.New(slog.DiscardHandler), Tick: time.Hour, Retry: time.Millisecond,
		Sources: []collector.Template{template(t, "+"), template(t, "made/{plant}")}, MaxDiscovered: 1000,
		Tail: func(context.Context, uint64) iter.Seq2[uint64, []byte] { return numbered(q.all()) },
	}
	if change != nil {
		change(&cfg)
	}
	r.loop = collector.NewLoop(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- r.loop.Run(ctx, collector.Control{Kind: collector.ControlDefinition, Version: "v1"})
		close(r.ended)
	}()
	var once sync.Once
	var err error
	r.stop = func() error {
		once.Do(func() {
			cancel()
			select {
			case err = <-done:
			case <-time.After(patience):
				err = errors.New("the loop did not end")
			}
		})
		return err
	}
	t.Cleanup(func() { _ = r.stop() })
	return r
}

func template(t *testing.T, text string) collector.Template {
	t.Helper()
	tmpl, err := collector.ParseTemplate(text)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func (r *rig) send(n int, topic, payload string) {
	r.t.Helper()
	if !r.loop.Deliver(collector.Message{
		Topic: topic, Payload: []byte(payload), Broker: "b", QoS: 1, Arrived: time.Now(), Ack: func() { r.acked <- n },
	}) {
		r.t.Fatal("the inbox has no room")
	}
}

func (r *rig) awaitAck() int {
	r.t.Helper()
	select {
	case n := <-r.acked:
		return n
	case <-time.After(patience):
		r.t.Fatal("no acknowledgement")
		return 0
	}
}

func goods(t *testing.T, frames [][]byte) (all []int64) {
	for _, f := range frames {
		samples, _ := readBack(t, f)
		for _, s := range samples {
			all = append(all, s.Fields[0].Int)
		}
	}
	return all
}
