//go:build storm

package e2e

import (
	"sync/atomic"
	"testing"
)

// Mosquitto is restarted while messages are published: nothing that it
// acknowledged is lost, and heartline is back on its own.
func TestStormMosquittoRestarts(t *testing.T) {
	m := startMosquitto(t)
	h := serve(t, t.TempDir(), "--config", m.config(t, ""))
	const messages, restarts = 2000, 10
	var acked atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Eight under way: so many of a machine are known if they come again.
		publish(t, m.url, "factory/p/l/m/heartbeat", 1, messages, 8, func(n int) { acked.Store(int64(n)) })
	}()
	for i := range restarts {
		eventually(t, "the publisher goes on", func() bool { return int(acked.Load()) >= (i+1)*messages/(restarts+1) })
		m.stop()
		m.start()
		eventually(t, "heartline is connected again", func() bool {
			return h.metric(`heartline_broker_reconnects_total{broker="floor"}`) > float64(i) &&
				h.metric(`heartline_broker_connected{broker="floor"}`) == 1
		})
	}
	<-done
	eventually(t, "every acknowledged message is in InfluxDB", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) == messages
	})
	if got := h.settled(messages); got.Stored != messages || got.DeadLettered+got.Expired > 0 {
		t.Errorf("the ledger has %+v", got)
	}
	h.stop()
}
