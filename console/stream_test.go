package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/rules"
)

func TestStreamEndsWithItsClientAndWithClose(t *testing.T) {
	for _, path := range []string{"/api/v1/events", "/board/events"} {
		ended := make(chan struct{}, 2)
		s := testServer(Options{})
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.Handler().ServeHTTP(w, r)
			ended <- struct{}{}
		}))
		t.Cleanup(srv.Close)
		r := listen(t, srv.URL+path, "")
		r.take(1)
		r.body.Close()
		awaitEnd(t, ended)
		r = listen(t, srv.URL+path, "")
		r.take(1)
		s.Close()
		s.Close()
		awaitEnd(t, ended)
		if n := s.streams.Load(); n != 0 || len(s.board.watchers) != 0 {
			t.Errorf("%s: %d streams and %d watchers are left", path, n, len(s.board.watchers))
		}
		if r := get(s, "GET", path); r.StatusCode != 503 {
			t.Errorf("%s: status %d after Close", path, r.StatusCode)
		}
	}
}

func awaitEnd(t *testing.T, ended <-chan struct{}) {
	t.Helper()
	select {
	case <-ended:
	case <-time.After(2 * time.Minute):
		t.Fatal("the handler did not end")
	}
}

func TestCloseEndsAStreamWhoseClientTakesNothing(t *testing.T) {
	s := testServer(Options{})
	ended := make(chan struct{}, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Handler().ServeHTTP(w, r)
		ended <- struct{}{}
	}))
	t.Cleanup(srv.Close)
	views := make([]rules.PlantView, 20_000)
	for i := range views {
		views[i] = view(fmt.Sprintf("p%05d", i))
	}
	s.Update(views) // some 12 MB
	listen(t, srv.URL+"/api/v1/events", "")
	s.Close()
	awaitEnd(t, ended)
}

func TestHeartbeatsComeWhileNothingChanges(t *testing.T) {
	s := testServer(Options{})
	s.heartbeat = time.Millisecond
	address := start(t, s)
	got, _ := listen(t, address+"/api/v1/events", "").take(3)
	want(t, got, "reset", "comment", "comment")
	r := listen(t, address+"/board/events", "")
	for {
		e, ok := r.next()
		if !ok {
			t.Fatal("the page hears nothing")
		}
		if e.name == "beat" && strings.Contains(e.data, "2026-03-24T12:00:00") {
			break
		}
	}
}

func TestHeadOfAStreamEnds(t *testing.T) {
	s := testServer(Options{})
	for _, path := range []string{"/api/v1/events", "/board/events"} {
		if r := get(s, "HEAD", path); r.StatusCode != 200 || r.Header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("%s: %d %v", path, r.StatusCode, r.Header)
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	s := testServer(Options{})
	s.streams.Store(maxStreams)
	if r := get(s, "GET", "/api/v1/events"); r.StatusCode != 503 || s.streams.Load() != maxStreams {
		t.Errorf("status %d, %d streams", r.StatusCode, s.streams.Load())
	}
}
