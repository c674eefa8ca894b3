package app

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

// gatedQueue is a queue that lets no frame in while its gate is held.
type gatedQueue struct {
	collector.Queue
	gate sync.Mutex
}

func (q *gatedQueue) Append(ctx context.Context, frame []byte) (uint64, error) {
	q.gate.Lock()
	defer q.gate.Unlock()
	return q.Queue.Append(ctx, frame)
}

// importingApp is an app whose loop runs on a queue of its own, and whose ledger
// is asked with asked.
func importingApp(t *testing.T, asked func()) (*App, *gatedQueue) {
	log := slog.New(slog.DiscardHandler)
	a := New(Options{Loaded: &config.Loaded{Registry: &plant.Registry{}}, Log: log, Clock: time.Now})
	openQueue(t, a)
	q := &gatedQueue{Queue: a.queue}
	a.loop = collector.NewLoop(collector.LoopConfig{Queue: q, Dead: a.queue, Clock: time.Now, Log: log})
	a.books.settled = func() []collector.Posting { asked(); return nil }
	a.books.appended = func() []collector.Posting { return nil }
	a.worker.at.Store(int64(plant.InstantOf(time.Now().Add(time.Hour)))) // the rules are not behind
	a.started.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.loop.Run(ctx, collector.Control{Kind: collector.ControlDefinition}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return a, q
}

func rowsKept(t *testing.T, a *App) int {
	t.Helper()
	all, err := a.queue.Letters(t.Context(), collector.LetterQuery{Reason: collector.ReasonRow})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

var badRow = []console.BadRow{{File: "f.csv", Line: 3, Text: "1;x", Words: "x is no number"}}

// A request is broken off after its row was kept, and before it is told so.
func TestARowOfARequestThatWasBrokenOffIsKeptOnce(t *testing.T) {
	a, q := importingApp(t, func() {})
	a.books.close()
	begun, err := a.imports.BeginImport(t.Context(), console.ImportPlan{Name: "f.csv"})
	if err != nil {
		t.Fatal(err)
	}
	q.gate.Lock()
	ctx, cancel := context.WithCancel(t.Context())
	posted := make(chan error, 1)
	go func() { posted <- a.imports.ImportBad(ctx, begun.ID, badRow) }()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for rowsKept(t, a) == 0 {
		<-poll.C
	}
	cancel()
	if err := <-posted; err == nil {
		t.Error("a request that was broken off is said to be through")
	}
	q.gate.Unlock()
	for range 2 {
		if err := a.imports.ImportBad(t.Context(), begun.ID, badRow); err != nil {
			t.Fatal(err)
		}
	}
	if n := rowsKept(t, a); n != 1 {
		t.Errorf("the row is kept %d times", n)
	}
}

// An import that waits to begin knows the rows of one that ran meanwhile.
func TestAnImportKnowsTheRowsOfOneThatRanWhileItWaited(t *testing.T) {
	waits := make(chan struct{}, 1)
	a, _ := importingApp(t, func() {
		select {
		case waits <- struct{}{}:
		default:
		}
	})
	type begun struct {
		console.ImportBegun
		err error
	}
	second := make(chan begun, 1)
	go func() {
		b, err := a.imports.BeginImport(t.Context(), console.ImportPlan{Name: "f.csv"})
		second <- begun{b, err}
	}()
	<-waits // the ledger is not complete
	first := &importing{letters: map[uint64]bool{}}
	if err := a.imports.bury(t.Context(), first, badRow); err != nil {
		t.Fatal(err)
	}
	a.books.close()
	b := <-second
	if b.err != nil {
		t.Fatal(b.err)
	}
	if err := a.imports.ImportBad(t.Context(), b.ID, badRow); err != nil {
		t.Fatal(err)
	}
	if n := rowsKept(t, a); n != 1 {
		t.Errorf("the row is kept %d times", n)
	}
}
