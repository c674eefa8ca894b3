package collector_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

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
