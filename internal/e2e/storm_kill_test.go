//go:build storm

package e2e

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

const (
	stormMessages = 20_000
	stormKills    = 25
)

// killing kills and restarts heartline stormKills times while stormMessages
// are published, and then counts what InfluxDB has. Another machine is heard once
// in each life, and leaves out two numbers each time.
func killing(t *testing.T, start func() *instance, address func(h *instance) string) {
	h := start()
	var where atomic.Value
	where.Store(address(h))
	progress := make(chan int, stormMessages)
	done := make(chan struct{})
	go func() {
		defer close(done)
		publish(t, func() string { return where.Load().(string) }, "factory/p/l/m/heartbeat", 1, stormMessages, 50,
			func(n int) { progress <- n })
	}()
	for kill := range stormKills {
		for n := range progress {
			if n >= (kill+1)*stormMessages/(stormKills+1) {
				break
			}
		}
		pub(t, where.Load().(string), "factory/p/l/seldom/heartbeat", fmt.Sprintf(`{"ts":%d,"seq":%d,"good":1}`, time.Now().UnixMilli(), 1000+3*kill))
		h.kill()
		h = start()
		where.Store(address(h))
	}
	<-done
	eventually(t, "every acknowledged message is in InfluxDB", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat WHERE machine='m'`) >= stormMessages
	})
	if got := count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat WHERE machine='m'`); got != stormMessages {
		t.Errorf("InfluxDB has %d points of %d messages: some are there twice", got, stormMessages)
	}
	if got := count(t, h.addr.InfluxDB, "factory", `SELECT count(distinct(seq)) FROM heartbeat WHERE machine='m'`); got != stormMessages {
		t.Errorf("InfluxDB has %d different numbers of %d", got, stormMessages)
	}
	// A message that came again after a kill is a duplicate, or, where its
	// machine sent more than eight since, was stored again as the same point.
	const all, gaps = stormMessages + stormKills, 2 * (stormKills - 1)
	if got := h.settled(all); got.Stored < all || got.DeadLettered+got.Expired > 0 || got.Gaps != gaps {
		t.Errorf("the ledger has %+v, want %d gaps", got, gaps)
	}
	h.stop()
}

func TestStormKillsThroughTheEmbeddedBroker(t *testing.T) {
	dir := t.TempDir()
	killing(t, func() *instance { return serve(t, dir) }, func(h *instance) string { return h.addr.MQTT })
}

func TestStormKillsThroughMosquitto(t *testing.T) {
	dir, m := t.TempDir(), startMosquitto(t)
	config := m.config(t, "")
	killing(t, func() *instance { return serve(t, dir, "--config", config) }, func(*instance) string { return m.url() })
}
