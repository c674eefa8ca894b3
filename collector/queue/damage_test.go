package queue

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// flip changes one bit of the first place in a stream's block files where
// mark stands.
func flip(t *testing.T, dir, stream, mark string) {
	t.Helper()
	blocks, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", stream, "msgs", "*.blk"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range blocks {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if i := bytes.Index(data, []byte(mark)); i >= 0 {
			data[i] ^= 4
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("%q is in none of %d blocks of %s", mark, len(blocks), stream)
}

// forget removes the server's own index, as it is after a crash.
func forget(t *testing.T, dir, stream string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, "jetstream", "$G", "streams", stream, "msgs", "index.db")); err != nil {
		t.Fatal(err)
	}
}

const framesName = "HEARTLINE_SAMPLES_0"

// tenFrames returns a stopped server with ten frames, number n holding the
// n-th letter, of which number 5 and 10 may be damaged; the store passed 10.
func tenFrames(t *testing.T) *testServer {
	t.Helper()
	ts, q := newQueue(t)
	for i := range 10 {
		mustAppend(t, q, frame("frame-"+string(rune('a'+i)), int64(i)))
	}
	c, err := q.StoreCursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Ack(t.Context(), 10, nil); err != nil {
		t.Fatal(err)
	}
	ts.stop()
	return ts
}

// restart starts the server again and opens the queue, accepting losses.
func restart(t *testing.T, ts *testServer) (*Queue, *logged) {
	t.Helper()
	ts.start()
	var said logged
	return mustOpen(t, ts.connect(), Config{AcceptLoss: true, Log: said.logger()}), &said
}

func wantGap(t *testing.T, q *Queue, from, first, last uint64) {
	t.Helper()
	r, err := q.Reader(t.Context(), from)
	for ; err == nil && from < first; from++ {
		_, err = r.Next(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Next(t.Context())
	if got, want := gapOf(t, err), (Gap{framesName, first, last}); got != want {
		t.Errorf("gap %v, want %v", got, want)
	}
}

func TestAFlippedBitIsAGapAndTheRestIsRead(t *testing.T) {
	ts := tenFrames(t)
	flip(t, ts.dir, framesName, "frame-e")
	q, _ := restart(t, ts)
	wantGap(t, q, 1, 5, 5)
	r, err := q.Reader(t.Context(), 6)
	if err != nil {
		t.Fatal(err)
	}
	for want := uint64(6); want <= 10; want++ {
		if f, err := r.Next(t.Context()); err != nil || f.Seq != want {
			t.Errorf("Next = %d, %v; want %d", f.Seq, err, want)
		}
	}
}

func TestADamagedNewestFrameIsSaidAndCanBeAccepted(t *testing.T) {
	ts := tenFrames(t)
	flip(t, ts.dir, framesName, "frame-j")
	ts.start()
	q := mustOpen(t, ts.connect(), Config{})
	_, _, err := q.Last(t.Context())
	wantCode(t, err, plant.CodeDamaged)
	ts.stop()
	q, said := restart(t, ts)
	seq, data, err := q.Last(t.Context())
	if f, readErr := collector.ReadFrame(data); seq != 11 || err != nil || readErr != nil || f.At != 8 {
		t.Errorf("Last = %d at %d, %v, %v; want a tick 11 with frame 9's stamp", seq, f.At, err, readErr)
	}
	if !strings.Contains(said.String(), "seq=10") {
		t.Errorf("the log does not say so: %q", said.String())
	}
	wantGap(t, q, 8, 10, 10)
}

// After a crash the server reads every block again and cuts the stream off at
// the first damaged frame, without a word.
func TestFramesCutOffByTheServerAreMissed(t *testing.T) {
	ts := tenFrames(t)
	flip(t, ts.dir, framesName, "frame-e")
	forget(t, ts.dir, framesName)
	ts.start()
	_, err := Open(t.Context(), ts.connect(), Config{Log: slog.New(slog.DiscardHandler)})
	wantCode(t, err, plant.CodeDamaged)
	ts.stop()
	q, said := restart(t, ts)
	if !strings.Contains(said.String(), "from=5 to=10") {
		t.Errorf("the log does not say which are gone: %q", said.String())
	}
	if got := mustAppend(t, q, frame("new", 20)); got != 11 {
		t.Errorf("Append = %d, want 11: 5 to 10 are taken", got)
	}
	r, err := q.Reader(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tick, err := collector.ReadFrame(f.Data); err != nil || tick.At != 3 {
		t.Errorf("frame 5 is stamped %d, %v; want a tick with frame 4's stamp", tick.At, err)
	}
}

func TestAQueueThatIsGoneIsMissed(t *testing.T) {
	ts := tenFrames(t)
	if err := os.RemoveAll(filepath.Join(ts.dir, "jetstream", "$G", "streams", framesName)); err != nil {
		t.Fatal(err)
	}
	ts.start()
	_, err := Open(t.Context(), ts.connect(), Config{Log: slog.New(slog.DiscardHandler)})
	wantCode(t, err, plant.CodeDamaged)
	ts.stop()
	q, _ := restart(t, ts)
	if got := mustAppend(t, q, frame("new", 20)); got != 11 {
		t.Errorf("Append = %d, want 11", got)
	}
	_, err = q.Reader(t.Context(), 1)
	if got, want := gapOf(t, err), (Gap{framesName, 1, 10}); got != want {
		t.Errorf("gap %v, want %v", got, want)
	}
}

func TestTheNumberOfFramesIsNoted(t *testing.T) {
	_, q := newQueue(t)
	mustAppend(t, q, frame("a", 1))
	for {
		if got, _, err := q.position(t.Context(), "written"); err != nil {
			t.Fatal(err)
		} else if got == 1 {
			return
		}
	}
}
