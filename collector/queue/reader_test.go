package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

func TestReaderReadsInOrderAndWaits(t *testing.T) {
	_, q := newQueue(t)
	for i := range 200 {
		mustAppend(t, q, frame(fmt.Sprint(i+1), 1))
	}
	r, err := q.Reader(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	for want := uint64(50); want <= 200; want++ {
		f, err := r.Next(t.Context())
		if err != nil || f.Seq != want || !bytes.Equal(f.Data, frame(fmt.Sprint(want), 1)) {
			t.Fatalf("Next = %d, %q, %v; want %d", f.Seq, f.Data, err, want)
		}
	}
	next := make(chan Frame, 1)
	go func() {
		f, _ := r.Next(t.Context())
		next <- f
	}()
	mustAppend(t, q, frame("201", 1))
	if f := <-next; f.Seq != 201 {
		t.Errorf("Next = %d, want 201", f.Seq)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Next = %v, want canceled", err)
	}
}

func TestReaderSurvivesARestartOfTheServer(t *testing.T) {
	ts, q := newQueue(t)
	mustAppend(t, q, frame("1", 1))
	r, err := q.Reader(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := make(chan error, 1)
	go func() {
		f, err := r.Next(t.Context())
		if err == nil && f.Seq != 2 {
			err = fmt.Errorf("Next = %d, want 2", f.Seq)
		}
		next <- err
	}()
	ts.stop()
	ts.start()
	retry(t, func() (uint64, error) { return q.Append(t.Context(), frame("2", 1)) })
	if err := <-next; err != nil {
		t.Error(err)
	}
}

func gapOf(t *testing.T, err error) Gap {
	t.Helper()
	wantCode(t, err, plant.CodeDamaged)
	var g *Gap
	if !errors.As(err, &g) {
		t.Fatalf("%v holds no gap", err)
	}
	return *g
}

func TestAReaderSaysWhatIsGone(t *testing.T) {
	_, q := newQueue(t)
	for i := range 10 {
		mustAppend(t, q, frame(fmt.Sprint(i), 1))
	}
	r, err := q.Reader(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Trim(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	_, err = r.Next(t.Context())
	if got, want := gapOf(t, err), (Gap{"HEARTLINE_SAMPLES_0", 1, 3}); got != want {
		t.Errorf("gap %v, want %v", got, want)
	}
	_, err = q.Reader(t.Context(), 2)
	if got, want := gapOf(t, err), (Gap{"HEARTLINE_SAMPLES_0", 2, 3}); got != want {
		t.Errorf("gap %v, want %v", got, want)
	}
	for _, seq := range []uint64{6, 7} {
		if err := q.frames.handle.DeleteMsg(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	if r, err = q.Reader(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // it stays an error
		_, err = r.Next(t.Context())
		if got, want := gapOf(t, err), (Gap{"HEARTLINE_SAMPLES_0", 6, 7}); got != want {
			t.Errorf("gap %v, want %v", got, want)
		}
	}
	_, err = q.Reader(t.Context(), 12)
	wantCode(t, err, plant.CodeDamaged)
	if _, err := q.Reader(t.Context(), 11); err != nil {
		t.Errorf("the frame to come: %v", err)
	}
}

func TestTrimKeepsTheNewestFrame(t *testing.T) {
	_, q := newQueue(t)
	if err := q.Trim(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		mustAppend(t, q, frame(fmt.Sprint(i+1), 1))
	}
	for _, step := range []struct{ through, first uint64 }{{0, 1}, {2, 3}, {1, 3}, {5, 5}, {99, 5}} {
		if err := q.Trim(t.Context(), step.through); err != nil {
			t.Fatal(err)
		}
		s, err := q.Stats(t.Context())
		if err != nil || s.FirstSeq != step.first || s.LastSeq != 5 {
			t.Errorf("Trim(%d): first %d, last %d, %v; want first %d, last 5", step.through, s.FirstSeq, s.LastSeq, err, step.first)
		}
	}
	seq, data, err := q.Last(t.Context())
	if seq != 5 || !bytes.Equal(data, frame("5", 1)) || err != nil {
		t.Errorf("Last = %d, %v", seq, err)
	}
}

func TestTrimWaitsForTheStore(t *testing.T) {
	_, q := newQueue(t)
	for range 5 {
		mustAppend(t, q, frame("x", 1))
	}
	c, err := q.StoreCursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Ack(t.Context(), 2, nil); err != nil {
		t.Fatal(err)
	}
	if err := q.Trim(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	if s, err := q.Stats(t.Context()); err != nil || s.FirstSeq != 3 {
		t.Errorf("first %d, %v; want 3", s.FirstSeq, err)
	}
}
