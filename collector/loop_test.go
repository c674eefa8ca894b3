package collector_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
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

func (topicDecoder) Decode(dst []plant.Sample, m *collector.Message) ([]plant.Sample, []collector.Failure) {
	if string(m.Payload) == "bad" {
		return dst, []collector.Failure{{Reason: "syntax", Words: "offset 0"}}
	}
	var n int64
	_, _ = fmt.Sscan(string(m.Payload), &n)
	return append(dst, plant.Sample{
		Plant: "p", Line: "l", Machine: m.Topic, Broker: m.Broker, Unit: plant.Millisecond,
		Stamp: plant.Instant(n * 1e6), Arrived: plant.InstantOf(m.Arrived),
		Fields: []plant.Field{{Name: "good", Kind: plant.Int, Int: n}},
	}), nil
}

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

func TestMessagesAreAcknowledgedInOrderAndOnlyOnceTheirFrameIsWritten(t *testing.T) {
	q := newFakeQueue()
	gate := make(chan struct{})
	q.gate = gate
	r := start(t, q, nil)
	for i := range 100 {
		r.send(i, "m1", fmt.Sprint(i))
	}
	select {
	case n := <-r.acked:
		t.Fatalf("message %d was acknowledged before anything was written", n)
	default:
	}
	close(gate)
	for i := range 100 {
		if n := r.awaitAck(); n != i {
			t.Fatalf("acknowledgement %d is of message %d", i, n)
		}
	}
	if got := goods(t, q.all()); len(got) != 100 || !slices.IsSorted(got) {
		t.Errorf("written: %v", got)
	}
	// Two control frames, one or two with what came first, one with the rest.
	if n := len(q.all()); n > 6 {
		t.Errorf("%d frames for 100 messages that waited: group commit does not group", n)
	}
}

func TestFullQueueHoldsAcknowledgementsAndGoesOnByItself(t *testing.T) {
	q := newFakeQueue()
	q.fail = plant.Errorf(plant.CodeFull, "the queue is full")
	r := start(t, q, nil)
	r.send(1, "m1", "1")
	for r.loop.Health() == nil {
		<-q.written // the note that we do not listen
	}
	select {
	case <-r.acked:
		t.Fatal("acknowledged although nothing was written")
	default:
	}
	q.set(func(q *fakeQueue) { q.fail = nil })
	r.awaitAck()
	if err := r.loop.Health(); err != nil {
		t.Errorf("still unwell: %v", err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, f := range q.all()[2:] {
		samples, controls := readBack(t, f)
		for _, c := range controls {
			words = append(words, fmt.Sprint(c.Kind, c.Up))
		}
		for range samples {
			words = append(words, "sample")
		}
	}
	if want := []string{"listeningfalse", "sample", "listeningtrue", "listeningfalse"}; !slices.Equal(words, want) {
		t.Errorf("frames say %v, want %v", words, want)
	}
}

func TestBrokenQueueStopsTheLoopAndAcknowledgesNothing(t *testing.T) {
	q := newFakeQueue()
	q.fail = plant.Errorf(plant.CodeInternal, "fsync: input/output error")
	r := start(t, q, nil)
	r.send(1, "m1", "1")
	<-r.ended
	if err := r.stop(); err == nil {
		t.Error("the loop ended without an error")
	}
	if len(r.acked) > 0 {
		t.Error("acknowledged although nothing was written")
	}
}

func TestBadMessageIsKeptAndItsNeighboursToo(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, nil)
	r.send(1, "m1", "1")
	r.send(2, "m1", "bad")
	r.send(3, "m1", "3")
	for range 3 {
		r.awaitAck()
	}
	if got := goods(t, q.all()); !slices.Equal(got, []int64{1, 3}) {
		t.Errorf("written: %v", got)
	}
	if len(r.dead.kept) != 1 || string(r.dead.kept[0].Payload) != "bad" || r.dead.kept[0].Reason != "syntax" || r.dead.kept[0].Topic != "m1" {
		t.Errorf("dead letters: %+v", r.dead.kept)
	}
}

func TestRepeatedSampleIsTakenOnceAndAConflictingOneIsKeptAside(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, func(c *collector.LoopConfig) { c.Decoder = seqDecoder{} })
	for i, payload := range []string{"7", "7", "8"} { // all of one time and number
		r.send(i, "m1", payload)
		r.awaitAck()
	}
	if got := goods(t, q.all()); !slices.Equal(got, []int64{7}) {
		t.Errorf("written: %v, want the first alone", got)
	}
	if s := r.loop.Stats(); s.Repeated != 1 || s.DeadLettered != 1 || r.dead.kept[0].Reason != "conflict" {
		t.Errorf("stats %+v, dead letters %+v", s, r.dead.kept)
	}
}

// seqDecoder stamps everything alike; only the payload differs.
type seqDecoder struct{}

func (seqDecoder) Decode(dst []plant.Sample, m *collector.Message) ([]plant.Sample, []collector.Failure) {
	dst, _ = topicDecoder{}.Decode(dst, m)
	s := &dst[len(dst)-1]
	s.Stamp, s.Seq, s.HasSeq = 5e6, 1, true
	return dst, nil
}

func TestStampsOfFramesNeverDecreaseAlthoughTheClockDoes(t *testing.T) {
	q := newFakeQueue()
	var mu sync.Mutex
	now := time.Unix(1000, 0)
	r := start(t, q, func(c *collector.LoopConfig) {
		c.Clock = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(-time.Second)
			return now
		}
	})
	for i := range 5 {
		r.send(i, "m1", fmt.Sprint(i))
		r.awaitAck()
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	last := plant.Instant(0)
	for i, data := range q.all() {
		f, err := collector.ReadFrame(data)
		if err != nil {
			t.Fatal(err)
		}
		if f.At < last {
			t.Errorf("frame %d is stamped %v after %v", i, f.At, last)
		}
		last = f.At
	}
}

func TestTicksAreWrittenWhileNothingComes(t *testing.T) {
	q := newFakeQueue()
	start(t, q, func(c *collector.LoopConfig) { c.Tick = time.Millisecond })
	for range 5 {
		select {
		case <-q.written:
		case <-time.After(patience):
			t.Fatal("no tick")
		}
	}
}

func TestStartAndStopAreWrittenDownAndDatedFromTheLastFrame(t *testing.T) {
	q := newFakeQueue()
	for n := range 2 {
		r := start(t, q, nil)
		r.send(1, "m1", fmt.Sprint(n))
		r.awaitAck()
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
	}
	frames := q.all()
	var words []string
	for _, f := range frames {
		_, controls := readBack(t, f)
		for _, c := range controls {
			words = append(words, fmt.Sprint(c.Kind, c.Up))
		}
	}
	run := []string{"listeningfalse", "brokerfalse", "definitionfalse", "listeningtrue", "listeningfalse"}
	if want := append(slices.Clone(run), run...); !slices.Equal(words, want) {
		t.Errorf("controls %v\nwant     %v", words, want)
	}
	end, _ := collector.ReadFrame(frames[len(frames)/2-1])
	away, _ := collector.ReadFrame(frames[len(frames)/2])
	if away.At != end.At {
		t.Errorf("the outage is dated %v, want %v, when the last frame was written", away.At, end.At)
	}
}
