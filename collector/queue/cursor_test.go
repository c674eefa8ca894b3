package queue

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
)

func seqs(fs []Frame) []uint64 {
	var out []uint64
	for _, f := range fs {
		out = append(out, f.Seq)
	}
	return out
}

func fetch(t *testing.T, c *Cursor, limit int) []uint64 {
	t.Helper()
	fs, err := c.Fetch(within(t, 2*time.Minute), limit)
	if err != nil {
		t.Fatal(err)
	}
	return seqs(fs)
}

func TestACursorReturnsEachFrameOnceAndGoesOnWhereItWas(t *testing.T) {
	ts, q := newQueue(t)
	for i := range 9 {
		mustAppend(t, q, frame(fmt.Sprint(i), 1))
	}
	c, err := q.StoreCursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fetch(t, c, 3), []uint64{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("fetched %v, want %v", got, want)
	}
	if got, want := fetch(t, c, 4), []uint64{4, 5, 6, 7}; !slices.Equal(got, want) {
		t.Errorf("fetched %v before any Ack, want %v", got, want)
	}
	for _, seq := range []uint64{3, 7, 5} {
		if err := c.Ack(t.Context(), seq, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.Acked(); got != 7 {
		t.Errorf("Acked = %d, want 7", got)
	}
	if err := q.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	q = ts.reopen(Config{})
	if c, err = q.StoreCursor(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.Acked(); got != 7 {
		t.Errorf("after a restart Acked = %d, want 7", got)
	}
	if got, want := fetch(t, c, 10), []uint64{8, 9}; !slices.Equal(got, want) {
		t.Errorf("after a restart fetched %v, want %v", got, want)
	}
	if again, err := q.StoreCursor(t.Context()); again != c || err != nil {
		t.Errorf("a second StoreCursor is another one, %v", err)
	}
}

func TestAfterACrashTheFramesSinceTheSavedPositionComeAgain(t *testing.T) {
	ts, q := newQueue(t)
	for i := range 5 {
		mustAppend(t, q, frame(fmt.Sprint(i), 1))
	}
	c, err := q.StoreCursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fetch(t, c, 5)
	for _, seq := range []uint64{2, 4} { // the second comes too soon to be saved
		posting := collector.Posting{Account: collector.Account{Plant: "p", Source: "s"}, Tally: collector.Tally{Received: 2, Stored: 2}}
		if err := c.Ack(t.Context(), seq, []collector.Posting{posting}); err != nil {
			t.Fatal(err)
		}
	}
	q = ts.reopen(Config{}) // without Close
	if c, err = q.StoreCursor(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := fetch(t, c, 10)
	if last := got[len(got)-1]; last != 5 || got[0] != c.Acked()+1 || c.Acked() < 2 {
		t.Errorf("after a crash fetched %v, acked %d; want all after the acked one, at least 2", got, c.Acked())
	}
	// The ledger is never ahead of the position, nor behind it.
	if ps := c.Settled(); len(ps) != 1 || ps[0].Plant != "p" || ps[0].Stored != c.Acked() {
		t.Errorf("the ledger has %+v at %d", ps, c.Acked())
	}
}

func TestAcksRaceWithFetches(t *testing.T) {
	_, q := newQueue(t)
	c, err := q.StoreCursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const total = 300
	done := make(chan error, 1)
	go func() {
		for i := range total {
			if _, err := q.Append(t.Context(), frame(fmt.Sprint(i), 1)); err != nil {
				done <- err
				return
			}
			if i%50 == 0 {
				if err := q.Trim(t.Context(), uint64(i)); err != nil {
					done <- err
					return
				}
				if _, err := q.Stats(t.Context()); err != nil {
					done <- err
					return
				}
			}
		}
		done <- nil
	}()
	for want := uint64(1); want <= total; {
		for _, seq := range fetch(t, c, 16) {
			if seq != want {
				t.Fatalf("fetched %d, want %d", seq, want)
			}
			want++
		}
		if err := c.Ack(t.Context(), want-1, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestACursorStopsAtAGapUntilItIsSkipped(t *testing.T) {
	_, q := newQueue(t)
	for i := range 5 {
		mustAppend(t, q, frame(fmt.Sprint(i), 1))
	}
	if err := q.frames.handle.DeleteMsg(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	c, err := q.StoreCursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fetch(t, c, 9), []uint64{1}; !slices.Equal(got, want) {
		t.Errorf("fetched %v, want %v", got, want)
	}
	_, err = c.Fetch(t.Context(), 9)
	gap := gapOf(t, err)
	if gap.From != 2 || gap.To != 2 {
		t.Errorf("gap %v, want frame 2", gap)
	}
	c.Skip(gap.To)
	if got, want := fetch(t, c, 9), []uint64{3, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("fetched %v, want %v", got, want)
	}
}
