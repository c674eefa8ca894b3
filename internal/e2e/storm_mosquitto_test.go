//go:build storm

package e2e

import (
	"sync/atomic"
	"testing"
	"time"
)

// Mosquitto is restarted while messages are published: nothing that it
// acknowledged is lost, and heartline is back on its own.
func TestStormMosquittoRestarts(t *testing.T) {
	m := startMosquitto(t)
	h := serve(t, t.TempDir(), "--config", m.config(t, ""))
	const messages, restarts = 5000, 10
	var acked atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		publish(t, m.url, "factory/p/l/m/heartbeat", 1, messages, 20, func(n int) { acked.Store(int64(n)) })
	}()
	for i := range restarts {
		eventually(t, "the publisher goes on", func() bool { return int(acked.Load()) >= (i+1)*messages/(restarts+1) })
		h.mu.Lock()
		from := len(h.lines)
		h.mu.Unlock()
		m.stop()
		m.start()
		back := time.Now()
		h.awaitLogFrom(from, "the broker is back", "floor")
		t.Logf("restart %d: back after %s", i+1, time.Since(back).Round(time.Millisecond))
	}
	<-done
	eventually(t, "every acknowledged message is in InfluxDB", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) == messages
	})
	h.stop()
}
