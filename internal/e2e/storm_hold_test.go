//go:build storm

package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Heartline is killed in the middle of a hold: the plant resumes with the time
// stamp that it would have had.
func TestStormRestartInTheMiddleOfAHold(t *testing.T) {
	m := startMosquitto(t)
	registry := writeFile(t, "plants.yaml", `plants:
  - id: p
    lines: [{id: l, normal: 7200/h, interval: 500ms, machines: [m]}]
`)
	rules := writeFile(t, "rules.yaml", `resume: {at: 30%, stop: 20%, window: 3s, hold: 15s, stop_hold: 3s}
stall: {short_stop: 10s, min_running: 8s}
silence: {missed: 60}
`)
	config, dir := m.config(t, ""), t.TempDir()
	args := []string{"--config", config, "--registry", registry, "--rules", rules}
	h := serve(t, dir, args...)
	client := connected(t, m.url())
	defer client.Disconnect(250)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() { // a machine that makes one part in half a second
		defer close(done)
		for i, tick := 0, time.NewTicker(500*time.Millisecond); ; i++ {
			client.Publish("factory/p/l/m/heartbeat", 1, false, fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, time.Now().UnixMilli(), i, i))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	defer func() { close(stop); <-done }()
	h.awaitLog("phase ramping_up")
	h.kill()
	h = serve(t, dir, args...)
	h.awaitLog("phase resumed")
	var told struct {
		Transitions []struct {
			ID, To string
			At     time.Time
		}
	}
	eventually(t, "the API tells what the log told", func() bool {
		h.get("/api/v1/transitions?kind=phase", &told)
		return len(told.Transitions) > 1
	})
	slices.Reverse(told.Transitions)
	if len(told.Transitions) != 2 || told.Transitions[0].To != "ramping_up" || told.Transitions[1].To != "resumed" {
		t.Fatalf("the story is %+v, want ramping_up and resumed", told.Transitions)
	}
	// Five windows of 3 s, the one that ended with ramping up being the first.
	if held := told.Transitions[1].At.Sub(told.Transitions[0].At); held != 12*time.Second {
		t.Errorf("resumed %s after ramping up began, want 12s", held)
	}
	h.stop()
}
