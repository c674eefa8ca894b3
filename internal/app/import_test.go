package app

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/queue"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/internal/embedded"
	"github.com/seed-00829101/heartline/plant"
)

// importerOf is an importer of an app whose loop stands still, with one import
// open, called "a".
func importerOf(clock collector.Clock) *importer {
	log := slog.New(slog.DiscardHandler)
	a := New(Options{Loaded: &config.Loaded{}, Log: log, Clock: clock})
	a.loop = collector.NewLoop(collector.LoopConfig{Clock: clock, Log: log})
	a.imports.open = &importing{id: "a", last: clock(), letters: map[uint64]bool{}}
	return &a.imports
}

// Who asks how far an import is does not wait for a part that has no room yet.
func TestHowFarAnImportIsIsToldWhileAPartWaits(t *testing.T) {
	asked := make(chan struct{}, 1024)
	i := importerOf(func() time.Time {
		select {
		case asked <- struct{}{}:
		default:
		}
		return time.Unix(1e9, 0)
	})
	ctx, cancel := context.WithCancel(t.Context())
	posted := make(chan error, 1)
	go func() {
		_, err := i.ImportPoints(ctx, "a", []byte("heartbeat,line=l,machine=m,plant=p good=1i 5\n"))
		posted <- err
	}()
	for range 5 { // the rules are behind: the part waits for them
		<-asked
	}
	if _, err := i.ImportState(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-posted:
		t.Fatalf("the part was answered first: %v", err)
	default:
	}
	cancel()
	if err := <-posted; plant.CodeOf(err) != plant.CodeUnavailable {
		t.Errorf("%v, want that it waits", err)
	}
}

// An import is idle from when its last part was taken, not from when that came:
// it may have waited for the queue, and nobody gives the import up meanwhile.
func TestAnImportIsNotIdleWhileAPartIsTaken(t *testing.T) {
	now := time.Unix(1e9, 0)
	i := importerOf(func() time.Time { return now })
	openQueue(t, i.app)
	i.app.worker.at.Store(int64(plant.InstantOf(now)))
	gaveUp := make(chan *importing, 1)
	err := i.take(t.Context(), "a", func(*importing) error {
		now = now.Add(importIdle)
		if i.idle() == nil {
			t.Error("the part came long ago")
		}
		go func() {
			x, _ := i.giveUp(t.Context())
			gaveUp <- x
		}()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case x := <-gaveUp:
			if x != nil {
				t.Errorf("import %s was given up", x.id)
			}
			return
		case <-poll.C:
			if i.app.loop.Stats().Waiting > 0 { // its end, for the loop that stands still
				t.Fatal("the import is being given up")
			}
		}
	}
}

// A row that could not be handed over is no dead letter yet: it comes again.
func TestARowIsKnownOnceItIsKept(t *testing.T) {
	now := time.Unix(1e9, 0)
	i := importerOf(func() time.Time { return now })
	openQueue(t, i.app)
	i.app.worker.at.Store(int64(plant.InstantOf(now)))
	ctx, cancel := context.WithCancel(t.Context())
	posted := make(chan error, 1)
	go func() { posted <- i.ImportBad(ctx, "a", []console.BadRow{{File: "f", Line: 1, Text: "x"}}) }()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for i.app.loop.Stats().Waiting == 0 {
		select {
		case err := <-posted:
			t.Fatal(err)
		case <-poll.C:
		}
	}
	cancel() // the loop never comes to it
	if err := <-posted; err == nil {
		t.Error("a row that nobody took is said to be kept")
	}
	if n := len(i.open.letters); n != 0 {
		t.Errorf("%d rows are known as dead letters, want none", n)
	}
}

// openQueue gives a a queue of its own.
func openQueue(t *testing.T, a *App) {
	t.Helper()
	nats, err := embedded.StartNATS(t.Context(), embedded.NATSConfig{Dir: t.TempDir(), Log: a.log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nats.Stop(context.Background()) })
	if a.queue, err = queue.Open(t.Context(), nats.Conn(), queue.Config{Log: a.log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.queue.Close(context.Background()) })
}
