package queue

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestResultsAreKeptOnceAndInOrder(t *testing.T) {
	ts, q := newQueue(t)
	put := func(seq uint64) {
		t.Helper()
		if err := q.AppendResult(t.Context(), seq, 0, fmt.Appendf(nil, "r%d", seq)); err != nil {
			t.Fatal(err)
		}
	}
	if last, err := q.LastResult(t.Context()); last != (Mark{}) || err != nil {
		t.Errorf("LastResult = %v, %v; want 0", last, err)
	}
	for range 12 {
		mustAppend(t, q, frame("x", 1))
	}
	for _, seq := range []uint64{3, 5, 5, 4, 9} {
		put(seq)
	}
	q = ts.reopen(Config{})
	put(9)
	put(12)
	if last, err := q.LastResult(t.Context()); last != (Mark{Frame: 12}) || err != nil {
		t.Errorf("LastResult = %v, %v; want 12", last, err)
	}
	var got []string
	read := func(limit int, more bool) []string {
		got = nil
		if err := q.ReadResults(t.Context(), limit, func(seq uint64, doc []byte) bool {
			got = append(got, fmt.Sprintf("%d %s", seq, doc))
			return more
		}); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got, want := read(10, true), []string{"12 r12", "9 r9", "5 r5", "3 r3"}; !slices.Equal(got, want) {
		t.Errorf("results %q, want %q", got, want)
	}
	if got, want := read(2, true), []string{"12 r12", "9 r9"}; !slices.Equal(got, want) {
		t.Errorf("two results %q, want %q", got, want)
	}
	if got, want := read(2, false), []string{"12 r12"}; !slices.Equal(got, want) {
		t.Errorf("until false %q, want %q", got, want)
	}
	c, err := q.ResultsCursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fs, err := c.Fetch(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	var of []uint64
	for _, f := range fs {
		of = append(of, f.Of)
	}
	if want := []uint64{3, 5, 9, 12}; !slices.Equal(of, want) {
		t.Errorf("the cursor's results came from frames %v, want %v", of, want)
	}
}

func TestAResultStoredWithoutAnAnswerIsKeptOnce(t *testing.T) {
	ts := startServer(t)
	q := mustOpen(t, ts.connect(), Config{Timeout: time.Second})
	for range 7 {
		mustAppend(t, q, frame("x", 1))
	}
	ts.deaf.Store(true)
	if err := q.AppendResult(t.Context(), 7, 0, []byte("a")); err == nil {
		t.Fatal("an answer through a deaf connection")
	}
	ts.deaf.Store(false)
	retry(t, func() (struct{}, error) { return struct{}{}, q.AppendResult(t.Context(), 7, 0, []byte("a")) })
	if s, err := q.Stats(t.Context()); err != nil || s.Results != 1 {
		t.Errorf("%d results, %v; want 1", s.Results, err)
	}
}

func TestReadResultsOverManyBatches(t *testing.T) {
	_, q := newQueue(t)
	for seq := uint64(1); seq <= 150; seq++ {
		if err := q.AppendResult(t.Context(), seq, 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	want := uint64(150)
	if err := q.ReadResults(t.Context(), 1000, func(seq uint64, _ []byte) bool {
		if seq != want {
			t.Errorf("result %d, want %d", seq, want)
		}
		want--
		return true
	}); err != nil || want != 0 {
		t.Errorf("ended before %d, %v", want, err)
	}
}

func TestPartsOfAResultAreKeptOnceEach(t *testing.T) {
	ts, q := newQueue(t)
	for range 6 {
		mustAppend(t, q, frame("x", 1))
	}
	put := func(seq uint64, parts ...int) {
		t.Helper()
		for _, part := range parts {
			if err := q.AppendResult(t.Context(), seq, part, fmt.Appendf(nil, "%d/%d", seq, part)); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(5, 0, 1) // and the process dies before part 2
	q = ts.reopen(Config{})
	if last, err := q.LastResult(t.Context()); last != (Mark{5, 1}) || err != nil {
		t.Errorf("LastResult = %v, %v; want part 1 of frame 5", last, err)
	}
	put(5, 0, 1, 2)
	put(6, 0)
	var got []string
	if err := q.ReadResults(t.Context(), 10, func(_ uint64, doc []byte) bool { got = append(got, string(doc)); return true }); err != nil {
		t.Fatal(err)
	}
	if want := []string{"6/0", "5/2", "5/1", "5/0"}; !slices.Equal(got, want) {
		t.Errorf("the results are %v, want %v", got, want)
	}
}
