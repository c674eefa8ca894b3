package queue

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

func TestAppendNumbersFramesAndLastReturnsTheNewest(t *testing.T) {
	_, q := newQueue(t)
	seq, data, err := q.Last(t.Context())
	if seq != 0 || data != nil || err != nil {
		t.Fatalf("empty queue: Last = %d, %q, %v", seq, data, err)
	}
	for i := uint64(1); i <= 3; i++ {
		if got := mustAppend(t, q, frame(fmt.Sprint(i), int64(i))); got != i {
			t.Errorf("Append = %d, want %d", got, i)
		}
	}
	seq, data, err = q.Last(t.Context())
	if seq != 3 || !bytes.Equal(data, frame("3", 3)) || err != nil {
		t.Errorf("Last = %d, %q, %v", seq, data, err)
	}
}

func TestFramesSurviveARestart(t *testing.T) {
	ts, q := newQueue(t)
	mustAppend(t, q, frame("a", 1))
	q = ts.reopen(Config{})
	seq, data, err := q.Last(t.Context())
	if seq != 1 || !bytes.Equal(data, frame("a", 1)) || err != nil {
		t.Errorf("Last = %d, %q, %v", seq, data, err)
	}
	if got := mustAppend(t, q, frame("b", 2)); got != 2 {
		t.Errorf("Append = %d, want 2", got)
	}
}

func TestTheLargestFramePasses(t *testing.T) {
	_, q := newQueue(t)
	big := bytes.Repeat([]byte("x"), 8<<20)
	mustAppend(t, q, big)
	_, data, err := q.Last(t.Context())
	if err != nil || !bytes.Equal(data, big) {
		t.Errorf("Last returned %d bytes, %v", len(data), err)
	}
	_, err = q.Append(t.Context(), bytes.Repeat([]byte("x"), 9<<20))
	wantCode(t, err, plant.CodeInvalid)
}

func TestAFullQueueTakesControlFramesAndGoesOnAfterTrim(t *testing.T) {
	ts := startServer(t)
	q := mustOpen(t, ts.connect(), Config{MaxBytes: 1 << 20, Reserve: 128 << 10})
	data := bytes.Repeat([]byte("x"), 10_000)
	var last uint64
	var err error
	for err == nil {
		var seq uint64
		if seq, err = q.Append(t.Context(), data); err == nil {
			last = seq
		}
	}
	wantCode(t, err, plant.CodeFull)
	if want := uint64((1<<20 - 128<<10) / 10_150); last < want {
		t.Errorf("full after %d frames, want at least %d", last, want)
	}
	control := 0
	for err = nil; err == nil; control++ {
		_, err = q.AppendControl(t.Context(), data)
	}
	wantCode(t, err, plant.CodeFull)
	if control < 10 {
		t.Errorf("the reserve took %d control frames", control)
	}
	if err := q.Trim(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, q, data)
}

func TestBytesAreCountedAsTheServerDoes(t *testing.T) {
	_, q := newQueue(t)
	for i := range 12 {
		mustAppend(t, q, bytes.Repeat([]byte("y"), 100*i))
	}
	s, err := q.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := q.writer.bytes.Load(); got != s.Bytes {
		t.Errorf("counted %d bytes, the server %d", got, s.Bytes)
	}
}

func TestAConnectionThatBreaksBeforeTheAnswerWritesTheFrameOnce(t *testing.T) {
	ts := startServer(t)
	q := mustOpen(t, ts.connect(), Config{Timeout: time.Second})
	mustAppend(t, q, frame("before", 1))
	ts.deaf.Store(true)
	_, err := q.Append(t.Context(), frame("a", 2))
	wantCode(t, err, plant.CodeUnavailable)
	if !errors.Is(err, errUnknown) {
		t.Fatalf("%v: the outcome should be unknown", err)
	}
	ts.deaf.Store(false)
	if got := retry(t, func() (uint64, error) { return q.Append(t.Context(), frame("a", 3)) }); got != 2 {
		t.Errorf("Append = %d, want 2: it is there already", got)
	}
	if s, err := q.Stats(t.Context()); err != nil || s.LastSeq != 2 {
		t.Errorf("the queue ends with %d, %v; want 2", s.LastSeq, err)
	}
}

// doubt stores data behind q's back as a try whose answer never came would.
func doubt(t *testing.T, q *Queue, data []byte) {
	t.Helper()
	if _, err := q.frames.publish(t.Context(), nil, data, q.writer.last); err != nil {
		t.Fatal(err)
	}
	q.writer.doubt = true
}

func TestAFrameStoredWithoutAnAnswerIsWrittenOnce(t *testing.T) {
	_, q := newQueue(t)
	mustAppend(t, q, frame("before", 1))
	doubt(t, q, frame("a", 2))
	if got := mustAppend(t, q, frame("a", 3)); got != 2 { // sealed again, later
		t.Errorf("Append = %d, want 2: it is there already", got)
	}
	if got := mustAppend(t, q, frame("b", 4)); got != 3 {
		t.Errorf("Append = %d, want 3", got)
	}
}

func TestControlFramesBetweenTheTriesChangeNothing(t *testing.T) {
	_, q := newQueue(t)
	doubt(t, q, frame("a", 1))
	for at := int64(2); at < 4; at++ {
		if _, err := q.AppendControl(t.Context(), frame("listening", at)); err != nil {
			t.Fatal(err)
		}
	}
	if got := mustAppend(t, q, frame("a", 4)); got != 1 {
		t.Errorf("Append = %d, want 1: it is there already", got)
	}
	if got := mustAppend(t, q, frame("a", 5)); got != 4 {
		t.Errorf("Append of an equal frame after that = %d, want 4: nobody doubted the first", got)
	}
}

func TestAnAnswerThatNeverCameOfAFrameThatWasNotStored(t *testing.T) {
	_, q := newQueue(t)
	q.writer.doubt = true
	if got := mustAppend(t, q, frame("a", 1)); got != 1 {
		t.Errorf("Append = %d, want 1", got)
	}
}

func TestAStrangerWhoWritesIsNoticed(t *testing.T) {
	ts, q := newQueue(t)
	mustAppend(t, q, frame("a", 1))
	if _, err := ts.connect().Request("samples.0", []byte("forged"), 5*time.Second); err != nil {
		t.Fatal(err)
	}
	_, err := q.Append(t.Context(), frame("b", 2))
	wantCode(t, err, plant.CodeConflict)
}

func TestWithoutAServerAppendIsUnavailableAndGoesOnAfterwards(t *testing.T) {
	ts, q := newQueue(t)
	mustAppend(t, q, frame("a", 1))
	ts.stop()
	_, err := q.Append(t.Context(), frame("b", 2))
	wantCode(t, err, plant.CodeUnavailable)
	ts.start()
	if seq := retry(t, func() (uint64, error) { return q.Append(t.Context(), frame("b", 2)) }); seq != 2 {
		t.Errorf("Append = %d, want 2", seq)
	}
}

func TestErrUnknownAndItsCause(t *testing.T) {
	err := publishError("S", 1, fmt.Errorf("x: %w", errors.ErrUnsupported))
	wantCode(t, err, plant.CodeUnavailable)
	if !errors.Is(err, errUnknown) || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v lacks errUnknown or its cause", err)
	}
}
