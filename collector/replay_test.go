package collector_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

func TestAReplayedLetterIsTakenOnceAndGivenUp(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, plain)
	at := time.Date(2026, 2, 10, 8, 0, 0, 0, time.UTC)
	k := collector.KeptLetter{ID: 9, DeadLetter: collector.DeadLetter{At: at, Topic: "m1", Payload: []byte("5"), Reason: "syntax"}}
	if err := r.loop.Replay(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if err := r.loop.Replay(t.Context(), k); err != nil {
		t.Errorf("a second replay: %v", err)
	}
	if !slices.Contains(r.dead.removed, 9) {
		t.Errorf("given up: %v", r.dead.removed)
	}
	_ = r.stop()
	samples := samplesOf(t, q)
	if len(samples) != 1 || samples[0].Stamp != plant.InstantOf(at) {
		t.Errorf("stored %+v, want it once, when it first arrived", samples)
	}
	// A kill between the frame and the letter's end: it is given up, and who
	// asks for it meanwhile does not have it taken again.
	r = start(t, q, plain)
	if err := r.loop.Replay(t.Context(), k); err != nil {
		t.Errorf("a replay after the restart: %v", err)
	}
	r.send(1, "m1", "6")
	r.awaitAck()
	if !slices.Contains(r.dead.removed, 9) {
		t.Error("after a restart the letter is still there")
	}
	_ = r.stop()
	if samples := samplesOf(t, q); len(samples) != 2 {
		t.Errorf("stored %+v, want the letter once", samples)
	}
}

// The letter cannot be removed, and the frame that holds its samples is given up
// long before it can: it is not taken again.
func TestALetterThatCannotBeRemovedIsTakenOnce(t *testing.T) {
	stuck := errors.New("the queue is away")
	k := collector.KeptLetter{ID: 9, DeadLetter: collector.DeadLetter{At: time.Now(), Topic: "m1", Payload: []byte("5"), Reason: "syntax"}}
	var mem collector.Memory
	replay := func(q *fakeQueue, stuck error) *rig {
		t.Helper()
		r := start(t, q, func(c *collector.LoopConfig) {
			plain(c)
			c.Recall = recalled(mem)
			c.Dead.(*fakeDead).stuck = stuck
		})
		if err := r.loop.Replay(t.Context(), k); !errors.Is(err, stuck) {
			t.Errorf("replay: %v, want %v", err, stuck)
		}
		var err error
		if mem, err = r.loop.Memory(t.Context(), func() {}); err != nil {
			t.Fatal(err)
		}
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := newFakeQueue()
	replay(first, stuck)
	later := newFakeQueue()
	mem.Seq = 0 // the number that queue begins at
	replay(later, stuck)
	r := replay(newFakeQueue(), nil)
	if n, m := len(goods(t, first.all())), len(goods(t, later.all()))+len(goods(t, r.queue.all())); n != 1 || m != 0 {
		t.Errorf("taken %d times, and %d times after the restart", n, m)
	}
	if !slices.Contains(r.dead.removed, 9) || len(mem.Letters) > 0 {
		t.Errorf("removed %v; still known %v", r.dead.removed, mem.Letters)
	}
}

func TestALetterThatStillCannotBeReadStays(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, nil)
	for _, tc := range []struct {
		letter collector.DeadLetter
		want   string
	}{
		{collector.DeadLetter{Topic: "m1", Payload: []byte("bad")}, "dead letter 1: syntax"},
		{collector.DeadLetter{Topic: "no/source/takes/this", Payload: []byte("1")}, "no source takes"},
		{collector.DeadLetter{Topic: "no/source/takes/this", Reason: "syntax"}, "no source takes"}, // an empty message
		{collector.DeadLetter{Point: []byte(`transition,plant=p from="x" 1`), Plant: "", Reason: "refused"}, "is no heartbeat"},
		{collector.DeadLetter{Payload: []byte(`{"id":"7-0"}`), Reason: "refused"}, "is no heartbeat"},
		{collector.DeadLetter{Point: []byte(`nonsense`), Reason: "refused"}, "is no heartbeat"},
	} {
		err := r.loop.Replay(t.Context(), collector.KeptLetter{ID: 1, DeadLetter: tc.letter})
		if plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("replay of %+v: %v, want %q", tc.letter, err, tc.want)
		}
	}
	if len(r.dead.removed)+len(goods(t, q.all())) > 0 {
		t.Error("something was taken or given up")
	}
}

func TestAPointThatInfluxDBRefusedGoesToTheStoreAlone(t *testing.T) {
	q := newFakeQueue()
	r := start(t, q, nil)
	line := `heartbeat,line=l,machine=m,plant=p arrived=1i,temp=5 1700000000000000042`
	k := collector.KeptLetter{ID: 4, DeadLetter: collector.DeadLetter{Point: []byte(line), Source: "+", Reason: "refused"}}
	if err := r.loop.Replay(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	frames := q.all()
	f, err := collector.ReadFrame(frames[len(frames)-1])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for rec, err := range f.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Control == nil {
			got = append(got, string(rec.Line))
			if !rec.StoreOnly || f.Origins[rec.Origin].Source != "+" {
				t.Errorf("record %+v", rec)
			}
		}
	}
	if !slices.Equal(got, []string{line}) {
		t.Errorf("stored %q", got)
	}
}

func samplesOf(t *testing.T, q *fakeQueue) (all []plant.Sample) {
	for _, f := range q.all() {
		samples, _ := readBack(t, f)
		all = append(all, samples...)
	}
	return all
}
