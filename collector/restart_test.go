package collector_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// plainDecoder makes samples without time or number, as a bare count is.
type plainDecoder struct{}

func (plainDecoder) Decode(dst []plant.Sample, m *collector.Message) ([]plant.Sample, []collector.Failure) {
	dst, failures := topicDecoder{}.Decode(dst, m)
	for i := range dst {
		s := &dst[i]
		s.Stamp, s.Unit, s.Flags = s.Arrived, plant.Nanosecond, plant.NoDeviceTime|plant.Delta
		if m.Retained {
			s.Flags |= plant.Retained
		}
	}
	return dst, failures
}

func plain(c *collector.LoopConfig) { c.Decoder = plainDecoder{} }

// deliver sends a message whose broker never hears of it, as before a kill.
func (r *rig) deliver(m collector.Message) {
	r.t.Helper()
	m.Broker, m.Arrived, m.Ack = "b", time.Now(), func() { r.acked <- 0 }
	if !r.loop.Deliver(m) {
		r.t.Fatal("the inbox has no room")
	}
	r.awaitAck()
}

func TestWhatWasOnDiskBeforeAKillIsKnownAgain(t *testing.T) {
	q := newFakeQueue()
	for range 2 {
		r := start(t, q, nil)
		r.deliver(collector.Message{Topic: "m1", Payload: []byte("7"), QoS: 1, PacketID: 3})
		_ = r.stop()
	}
	if got := goods(t, q.all()); !slices.Equal(got, []int64{7}) {
		t.Errorf("stored %v, want it once", got)
	}
}

func TestARedeliveredCountWithoutTimeOrNumberCountsOnce(t *testing.T) {
	count := func(id uint16, dup bool) collector.Message {
		return collector.Message{Topic: "m1", Payload: []byte("1"), QoS: 1, PacketID: id, Dup: dup}
	}
	q := newFakeQueue()
	r := start(t, q, plain)
	r.deliver(count(1, false))
	r.deliver(count(2, false)) // another piece was made
	r.deliver(count(2, true))  // the link was cut before our PUBACK
	_ = r.stop()
	r = start(t, q, plain)
	r.deliver(count(2, true)) // and again, after a kill
	r.deliver(count(3, true)) // sent before, but never taken
	r.deliver(count(2, false))
	_ = r.stop()
	if got := goods(t, q.all()); len(got) != 4 {
		t.Errorf("%d counts stored, want 4", len(got))
	}
	if got := booked(t, q.all()); len(got) != 1 || got[0].Received != 6 || got[0].Duplicate != 2 {
		t.Errorf("booked %+v", got)
	}
}

func TestARetainedMessageWithoutTimeIsStoredOnce(t *testing.T) {
	retained := collector.Message{Topic: "m1", Payload: []byte("1"), QoS: 1, Retained: true}
	q := newFakeQueue()
	r := start(t, q, plain)
	for id := range uint16(3) {
		retained.PacketID = id + 1
		r.deliver(retained)
	}
	mem, err := r.loop.Memory(t.Context(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.stop()
	// The frame that holds it was given up long ago.
	later := newFakeQueue()
	r = start(t, later, func(c *collector.LoopConfig) { plain(c); c.Recall = recalled(mem) })
	r.deliver(retained)
	if n := len(goods(t, q.all())) + len(goods(t, later.all())); n != 1 {
		t.Errorf("stored %d times", n)
	}
}

// A memory that is taken while messages come, and the frames after it, are each
// sample once: whenever the process is killed, nothing is observed twice or never.
func TestEverySampleIsObservedOnceAcrossRestarts(t *testing.T) {
	q := newFakeQueue()
	observed := map[string]int{}
	var mem collector.Memory
	then := map[string]int{} // as mem has it
	counting := func(c *collector.LoopConfig) {
		c.Recall = recalled(mem)
		c.Tail = func(context.Context, uint64) iter.Seq2[uint64, []byte] { // as if the others had been given up
			return func(yield func(uint64, []byte) bool) {
				for seq, f := range numbered(q.all()) {
					if seq > mem.Seq && !yield(seq, f) {
						return
					}
				}
			}
		}
		observed = maps.Clone(then)
		c.Observe = func(s *plant.Sample) int64 { observed[fmt.Sprint(s.Machine, s.Fields[0].Int)]++; return 0 }
	}
	n := 0
	for life := range 4 {
		r := start(t, q, counting)
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			for range 500 {
				r.send(n, "m1", fmt.Sprint(n))
				n++
			}
		}()
		for range life { // none in the first
			var at map[string]int
			next, err := r.loop.Memory(t.Context(), func() { at = maps.Clone(observed) })
			if err != nil {
				t.Fatal(err)
			}
			mem, then = next, at
		}
		<-sent
		for range 500 {
			r.awaitAck()
		}
		_ = r.stop() // what it writes at its end adds no sample
	}
	r := start(t, q, counting)
	r.send(n, "m1", fmt.Sprint(n))
	r.awaitAck()
	_ = r.stop()
	if len(observed) != n+1 {
		t.Errorf("%d samples were observed, want %d", len(observed), n+1)
	}
	for what, times := range observed {
		if times != 1 {
			t.Errorf("%s was observed %d times", what, times)
		}
	}
	if mem.Seq == 0 {
		t.Error("no memory was taken")
	}
}

// recalled is what a loop recalls.
func recalled(m collector.Memory) func(context.Context) collector.Memory {
	return func(context.Context) collector.Memory { return m }
}
