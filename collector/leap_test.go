package collector_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// handClock goes only where it is told to.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) tell() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// words are what frames hold, each with how long after nine it is of.
func words(t *testing.T, frames [][]byte, nine time.Time) (out []string) {
	t.Helper()
	for _, f := range frames {
		frame, err := collector.ReadFrame(f)
		if err != nil {
			t.Fatal(err)
		}
		samples, controls := readBack(t, f)
		at := frame.At.Sub(plant.InstantOf(nine))
		for _, c := range controls {
			out = append(out, fmt.Sprintf("%v %s %v", at, c.Kind, c.Up))
		}
		for range samples {
			out = append(out, fmt.Sprintf("%v sample", at))
		}
	}
	return out
}

// What our clock leaves out is time in which nobody listened: it was set ahead,
// we were stopped, or the queue did not answer. So no machine was silent in it.
func TestAnHourThatOurClockLeavesOutIsNobodysSilence(t *testing.T) {
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	clock, q, tries := &handClock{now: nine}, newFakeQueue(), make(chan struct{})
	r := start(t, q, func(c *collector.LoopConfig) {
		c.Clock, c.Tick = clock.tell, time.Minute
		c.Room = func() error {
			select {
			case tries <- struct{}{}:
			default:
			}
			return nil
		}
	})
	r.send(1, "m1", "1")
	r.awaitAck()
	begun := len(q.all())
	clock.move(3 * time.Minute) // as frames may be apart
	r.send(2, "m1", "2")
	r.awaitAck()
	clock.move(time.Hour)
	r.send(3, "m1", "3")
	r.awaitAck()
	want := []string{"3m0s sample", "3m0s listening false", "1h3m0s listening true", "1h3m0s sample"}
	if got := words(t, q.all()[begun:], nine); !slices.Equal(got, want) {
		t.Errorf("frames of a clock that was set ahead: %q, want %q", got, want)
	}

	begun = len(q.all())
	away := plant.Errorf(plant.CodeUnavailable, "the queue is away")
	q.set(func(q *fakeQueue) { q.fail, q.failAll = away, away })
	r.send(4, "m1", "4")
	<-tries
	<-tries // so one has failed
	clock.move(time.Hour)
	q.set(func(q *fakeQueue) { q.fail, q.failAll = nil, nil })
	r.awaitAck()
	got := words(t, q.all()[begun:], nine)
	if len(got) < 3 || got[0] != "1h3m0s listening false" || !slices.Contains(got, "2h3m0s sample") {
		t.Errorf("frames after a queue that was away for an hour: %q; the first should say that nobody listened since the last one", got)
	}
}

func TestAClockThatIsSetBackGoesSlowlyAndIsSaid(t *testing.T) {
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	clock, q, log := &handClock{now: nine}, newFakeQueue(), new(strings.Builder)
	r := start(t, q, func(c *collector.LoopConfig) {
		c.Clock, c.Log = clock.tell, slog.New(slog.NewTextHandler(log, nil))
	})
	r.send(1, "m1", "1")
	r.awaitAck()
	begun := len(q.all())
	for i, d := range []time.Duration{-time.Hour, 10 * time.Minute, 51 * time.Minute, 10 * time.Minute} {
		clock.move(d)
		r.send(i, "m1", fmt.Sprint(2+i))
		r.awaitAck()
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	want := []string{"0s sample", "5m0s sample", "30m30s sample", "35m30s sample", "35m30s listening false"}
	if got := words(t, q.all()[begun:], nine); !slices.Equal(got, want) {
		t.Errorf("frames of a clock that was set back: %q, want %q", got, want)
	}
	if n := strings.Count(log.String(), "was set back"); n != 1 {
		t.Errorf("said %d times, want once:\n%s", n, log)
	}
}
