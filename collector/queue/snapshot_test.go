package queue

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

func noise(seed byte, n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// inPieces yields data in pieces that fit no message.
func inPieces(data []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for piece := range slices.Chunk(data, 300_001) {
			if !yield(piece, nil) {
				return
			}
		}
	}
}

func save(t *testing.T, q *Queue, seq uint64, data []byte) {
	t.Helper()
	if err := q.SaveSnapshot(t.Context(), seq, inPieces(data)); err != nil {
		t.Fatal(err)
	}
}

func wantSnapshot(t *testing.T, q *Queue, seq uint64, data []byte) {
	t.Helper()
	var gotSeq uint64
	var got []byte
	err := q.LoadSnapshot(t.Context(), func(seq uint64, from io.Reader) (err error) {
		gotSeq = seq
		got, err = io.ReadAll(from)
		return err
	})
	if err != nil || gotSeq != seq || !bytes.Equal(got, data) {
		t.Errorf("LoadSnapshot = frame %d, %d bytes, %v; want frame %d, %d bytes", gotSeq, len(got), err, seq, len(data))
	}
}

// withFrames returns a queue with n frames: snapshots must not be ahead.
func withFrames(t *testing.T, n int) (*testServer, *Queue) {
	t.Helper()
	ts, q := newQueue(t)
	for range n {
		mustAppend(t, q, frame("x", 1))
	}
	return ts, q
}

func TestTheNewestSnapshotIsLoaded(t *testing.T) {
	ts, q := withFrames(t, 10)
	wantSnapshot(t, q, 0, nil)
	for seq := uint64(1); seq <= 8; seq++ {
		data := noise(byte(seq), int(seq)*700_000)
		save(t, q, seq, data)
		wantSnapshot(t, q, seq, data)
	}
	save(t, q, 9, nil)
	wantSnapshot(t, q, 9, nil)
	q = ts.reopen(Config{})
	wantSnapshot(t, q, 9, nil)
	st, err := q.state.state(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if st.Bytes > 20<<20 { // three of the largest
		t.Errorf("old snapshots are kept: %d bytes", st.Bytes)
	}
}

func TestALargeSnapshot(t *testing.T) {
	ts, q := withFrames(t, 1)
	data := noise(1, 50<<20)
	save(t, q, 1, data)
	wantSnapshot(t, q, 1, data)
	wantSnapshot(t, ts.reopen(Config{}), 1, data)
}

func TestADamagedSnapshotIsPassedOverAndSaidSo(t *testing.T) {
	for name, damage := range map[string]func(*Queue, manifest) error{
		"changed chunk": func(q *Queue, m manifest) error {
			return q.putState(t.Context(), q.chunkSubject(m.slot, "1"), []byte("else"))
		},
		"lost chunk": func(q *Queue, m manifest) error {
			raw, err := q.state.lastOf(t.Context(), q.chunkSubject(m.slot, "1"))
			if err != nil {
				return err
			}
			return q.state.handle.DeleteMsg(t.Context(), raw.Sequence)
		},
		"unreadable manifest": func(q *Queue, m manifest) error {
			return q.putState(t.Context(), q.manifestSubject(m.slot), []byte("{"))
		},
		"senseless manifest": func(q *Queue, m manifest) error {
			return q.putState(t.Context(), q.manifestSubject(m.slot), []byte(`{"seq":2,"size":-1}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ts := startServer(t)
			var said logged
			q := mustOpen(t, ts.connect(), Config{Log: said.logger()})
			first, second := noise(1, 3<<20), noise(2, 3<<20)
			save(t, q, 1, first)
			save(t, q, 2, second)
			all, err := q.manifests(t.Context())
			if err != nil || len(all) != 2 || all[0].Seq != 2 {
				t.Fatalf("manifests %v, %v", all, err)
			}
			if err := damage(q, all[0]); err != nil {
				t.Fatal(err)
			}
			wantSnapshot(t, q, 1, first)
			if !strings.Contains(said.String(), "snapshot") {
				t.Errorf("the log does not say so: %q", said.String())
			}
			save(t, q, 3, second)
			wantSnapshot(t, q, 3, second)
		})
	}
}

func TestASnapshotCutShortLeavesThePreviousOne(t *testing.T) {
	_, q := withFrames(t, 9)
	var last []byte
	for seq := uint64(1); seq <= 4; seq++ {
		last = noise(byte(seq), 2<<20)
		save(t, q, seq, last)
	}
	slot, err := q.freeSlot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 { // as SaveSnapshot would, and then the power fails
		if err := q.putState(t.Context(), q.chunkSubject(slot, fmt.Sprint(i)), []byte("half")); err != nil {
			t.Fatal(err)
		}
	}
	wantSnapshot(t, q, 4, last)
}

func TestASnapshotThatIsGivenUpLeavesThePreviousOne(t *testing.T) {
	_, q := withFrames(t, 9)
	first := noise(1, 2<<20)
	save(t, q, 4, first)
	given := errors.New("given up")
	err := q.SaveSnapshot(t.Context(), 5, func(yield func([]byte, error) bool) {
		_ = yield(noise(2, 3<<20), nil) && yield(nil, given)
	})
	if !errors.Is(err, given) {
		t.Errorf("SaveSnapshot: %v, want what the pieces said", err)
	}
	wantSnapshot(t, q, 4, first)
}

func TestAllSnapshotsDamagedIsAnError(t *testing.T) {
	_, q := withFrames(t, 1)
	save(t, q, 1, noise(1, 2<<20))
	if err := q.putState(t.Context(), q.chunkSubject(0, "0"), []byte("else")); err != nil {
		t.Fatal(err)
	}
	err := q.LoadSnapshot(t.Context(), func(uint64, io.Reader) error { return nil })
	wantCode(t, err, plant.CodeDamaged)
}

// What a whole snapshot's reader says is the answer: the one before it says nothing
// better.
func TestASnapshotThatIsWholeIsNotPassedOver(t *testing.T) {
	_, q := withFrames(t, 2)
	save(t, q, 1, noise(1, 2<<20))
	save(t, q, 2, noise(2, 2<<20))
	var seen []uint64
	refused := plant.Errorf(plant.CodeDamaged, "a version that nobody reads")
	err := q.LoadSnapshot(t.Context(), func(seq uint64, from io.Reader) error {
		seen = append(seen, seq)
		_, _ = from.Read(make([]byte, 10))
		return refused
	})
	if !errors.Is(err, refused) || !slices.Equal(seen, []uint64{2}) {
		t.Errorf("LoadSnapshot: %v, after the snapshots of frames %v", err, seen)
	}
}
