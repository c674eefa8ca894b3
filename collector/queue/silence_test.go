package queue

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/plant"
)

// The first failure says little, two in a row how long it was; what is refused for
// want of room was answered.
func TestSilence(t *testing.T) {
	start := time.Date(2026, 9, 30, 8, 0, 0, 0, time.UTC)
	mute := publishError("S", 1, nats.ErrTimeout)
	var s silence
	for i, step := range []struct {
		err  error
		at   time.Duration
		want time.Duration
	}{
		{nil, 0, 0},
		{mute, 10 * time.Second, 0},
		{mute, 12 * time.Second, 2 * time.Second},
		{publishError("S", 1, jetstream.ErrNoStreamResponse), 15 * time.Second, 5 * time.Second},
		{nil, 16 * time.Second, 0},
		{mute, 20 * time.Second, 0},
		{fullError("S"), 30 * time.Second, 0},
		{mute, 40 * time.Second, 0},
		{plant.Errorf(plant.CodeInternal, "broken"), 41 * time.Second, 0},
	} {
		s.note(step.err, start.Add(step.at))
		if got := s.length(); got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
}
