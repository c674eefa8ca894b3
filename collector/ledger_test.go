package collector_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// booked adds up what frames hold: samples as received, and ledger records.
func booked(t *testing.T, frames [][]byte) []collector.Posting {
	t.Helper()
	var l collector.Ledger
	for _, data := range frames {
		if err := l.Count(data); err != nil {
			t.Fatal(err)
		}
	}
	return l.Postings()
}

func TestTheFramesHoldTheLedger(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, nil)
	for i, payload := range []string{"1", "2", "2", "bad", "3", "3", "3"} {
		r.send(i, "m1", payload)
	}
	for range 7 {
		r.awaitAck()
	}
	want := []collector.Posting{
		{Account: collector.Account{Plant: "", Source: "+"}, Tally: collector.Tally{Received: 1, DeadLettered: 1}},
		{Account: collector.Account{Plant: "p", Source: "+"}, Tally: collector.Tally{Received: 6, Duplicate: 3}},
	}
	if d := cmp.Diff(want, booked(t, q.all())); d != "" {
		t.Errorf("in the frames: %s", d)
	}
	if d := cmp.Diff(want, r.loop.Appended()); d != "" {
		t.Errorf("as the loop says: %s", d)
	}
}

func TestMissingNumbersAreBookedOnTheAccountOfTheirMachine(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, func(c *collector.LoopConfig) {
		c.Observe = func(s *plant.Sample) int64 { return s.Fields[0].Int }
	})
	for i, payload := range []string{"5", "0", "-2"} {
		r.send(i, "m1", payload)
		r.awaitAck()
	}
	want := []collector.Posting{{Account: collector.Account{Plant: "p", Source: "+"}, Tally: collector.Tally{Received: 3, Gaps: 3}}}
	if d := cmp.Diff(want, booked(t, q.all())); d != "" {
		t.Error(d)
	}
}

func TestMachinesNobodyEnrolledAreTakenUpToALimit(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, func(c *collector.LoopConfig) {
		c.MaxDiscovered = 3
		c.Enrolled = func(id collector.MachineID) bool { return id.Machine == "known" }
	})
	for i := range 10 {
		r.send(i, fmt.Sprint("made-up-", i), "1")
	}
	r.send(10, "made-up-0", "2")
	r.send(11, "known", "1")
	for range 12 {
		r.awaitAck()
	}
	if got := goods(t, q.all()); len(got) != 5 {
		t.Errorf("%d samples stored, want those of three machines and of the enrolled one", len(got))
	}
	if len(r.dead.kept) != 7 || r.dead.kept[0].Reason != "discovered" {
		t.Errorf("dead letters: %+v", r.dead.kept)
	}
	mem, err := r.loop.Memory(t.Context(), func() {})
	if err != nil || len(mem.Machines) != 3 {
		t.Fatalf("memory %+v, %v", mem, err)
	}
	_ = r.stop()

	next := start(t, newFakeQueue(), func(c *collector.LoopConfig) { c.MaxDiscovered, c.Recall = 3, recalled(mem) })
	next.send(1, "made-up-9", "1")
	next.awaitAck()
	if len(next.dead.kept) != 1 {
		t.Error("after a restart another three machines were taken")
	}
	if err := next.loop.Redefine(t.Context(), topicDecoder{}, collector.Control{Kind: collector.ControlDefinition, Version: "v2"}); err != nil {
		t.Fatal(err)
	}
}

func TestANewDefinitionTakesEffectBetweenMessages(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, nil)
	r.send(1, "m1", "1")
	r.awaitAck()
	if err := r.loop.Redefine(t.Context(), seqDecoder{}, collector.Control{Kind: collector.ControlDefinition, Version: "v2"}); err != nil {
		t.Fatal(err)
	}
	frames := q.all()
	_, controls := readBack(t, frames[len(frames)-1])
	if !slices.ContainsFunc(controls, func(c collector.Control) bool { return c.Version == "v2" }) {
		t.Errorf("the definition is not on disk: %+v", controls)
	}
	r.send(2, "m1", "7")
	r.awaitAck()
	frames = q.all()
	samples, _ := readBack(t, frames[len(frames)-1])
	if len(samples) != 1 || !samples[0].HasSeq {
		t.Errorf("read by the old decoder: %+v", samples)
	}
}
