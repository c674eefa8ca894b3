package queue

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
)

func put(t *testing.T, q *Queue, d collector.DeadLetter) {
	t.Helper()
	if err := q.Put(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func listDead(t *testing.T, q *Queue, limit int) []collector.DeadLetter {
	t.Helper()
	kept, err := q.Letters(t.Context(), collector.LetterQuery{Limit: limit})
	var all []collector.DeadLetter
	for _, k := range kept {
		all = append(all, k.DeadLetter)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDeadLettersAreKeptOnceAndListedNewestFirst(t *testing.T) {
	ts, q := newQueue(t)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	a := collector.DeadLetter{At: at, Topic: "f/绍兴/a b", Payload: []byte{0, 255}, Reason: "syntax", Words: "line 1\nline 2"}
	later := a
	later.At = at.Add(time.Second)
	point := collector.DeadLetter{At: at, Point: []byte("heartbeat x=1 5"), Reason: "Refused by: influxd!", Words: "field type conflict"}
	again := point
	again.At = later.At
	for _, d := range []collector.DeadLetter{a, a, later, point, again} {
		put(t, q, d)
	}
	q = ts.reopen(Config{})
	put(t, q, a)
	want := []collector.DeadLetter{point, later, a}
	if diff := cmp.Diff(want, listDead(t, q, 10)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(want[:1], listDead(t, q, 1)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDeadLettersAreBoundedAndCounted(t *testing.T) {
	ts := startServer(t)
	q := mustOpen(t, ts.connect(), Config{DeadMaxBytes: 100_000})
	for i := range 20 {
		put(t, q, collector.DeadLetter{Source: strconv.Itoa(i), Payload: bytes.Repeat([]byte("x"), 7500)})
	}
	s, err := q.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.DeadLetters+s.DeadDropped != 20 || s.DeadDropped < 9 || s.DeadBytes > 100_000 {
		t.Errorf("%d kept in %d bytes, %d dropped of 20", s.DeadLetters, s.DeadBytes, s.DeadDropped)
	}
	all := listDead(t, q, 100)
	if len(all) != int(s.DeadLetters) || all[0].Source != "19" {
		t.Errorf("%d listed, newest %s; want %d, newest 19", len(all), all[0].Source, s.DeadLetters)
	}
}

func TestAVeryLargeDeadLetterIsCutAndSaysSo(t *testing.T) {
	_, q := newQueue(t)
	put(t, q, collector.DeadLetter{Payload: bytes.Repeat([]byte("x"), 20<<20), Words: "too large"})
	all := listDead(t, q, 1)
	if n := len(all[0].Payload); n < 5<<20 || n >= 8<<20 {
		t.Errorf("%d bytes are kept", n)
	}
	if !strings.Contains(all[0].Words, "20971520 bytes") {
		t.Errorf("words %q do not say what was cut", all[0].Words)
	}
}
