//go:build storm

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// hurl publishes n messages with QoS 1, many under way at once, and returns
// once all were acknowledged.
func hurl(t *testing.T, address string, retained bool, n int, message func(i int) (topic, payload string)) {
	t.Helper()
	client := connected(t, address)
	defer client.Disconnect(250)
	var flying []paho.Token
	land := func(limit int) {
		for ; len(flying) > limit; flying = flying[1:] {
			if !flying[0].WaitTimeout(patience) || flying[0].Error() != nil {
				t.Fatalf("a message was not acknowledged: %v", flying[0].Error())
			}
		}
	}
	for i := range n {
		topic, payload := message(i)
		flying = append(flying, client.Publish(topic, 1, retained, payload))
		land(500)
	}
	land(0)
}

// plants writes a configuration that enrols so many plants of one line each.
func plants(m *mosquitto, plants, machines int) string {
	m.t.Helper()
	var b strings.Builder
	b.WriteString("plants:\n")
	for p := range plants {
		fmt.Fprintf(&b, "- {id: p%d, lines: [{id: l, interval: 10s, output: sum, machines: [", p)
		for i := range machines {
			fmt.Fprintf(&b, "m%d, ", i)
		}
		b.WriteString("]}]}\n")
	}
	return m.config(m.t, "registry: "+writeFile(m.t, "plants.yaml", b.String())+"\n")
}

// A broker that holds a hundred thousand retained messages hands them over at
// the subscription: each is stored once, also after a restart, and live
// messages come through.
func TestStormAHundredThousandRetainedMessages(t *testing.T) {
	const perPlant, all = 100, 100_000
	m := startMosquitto(t)
	base := time.Now().Add(-time.Hour).UnixMilli()
	hurl(t, m.url(), true, all, func(i int) (topic, payload string) {
		return fmt.Sprintf("factory/p%d/l/m%d/heartbeat", i/perPlant, i%perPlant), fmt.Sprintf(`{"ts":%d,"seq":7,"good":%d}`, base, i)
	})
	config, dir := plants(m, all/perPlant, perPlant), t.TempDir()
	h := serve(t, dir, "--config", config)
	pub(t, m.url(), "factory/p0/l/m0/heartbeat", fmt.Sprintf(`{"ts":%d,"seq":8,"good":9}`, time.Now().UnixMilli()))
	if got := h.settled(all + 1); got.Stored != all+1 {
		t.Errorf("the ledger has %+v, want %d stored", got, all+1)
	}
	h.kill()
	h = serve(t, dir, "--config", config, "--mqtt.client_id", "anew") // a new session: they all come again
	if got := h.settled(2*all + 1); got.Stored+got.Duplicate != 2*all+1 || got.DeadLettered > 0 {
		t.Errorf("the ledger has %+v", got)
	}
	if n := count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`); n != all+1 {
		t.Errorf("%d points of %d messages", n, all+1)
	}
	h.stop()
}

// A broken gateway makes up a machine with each message. They are taken up to
// the limit, and dead letters with a name past it; the enrolled plant's are
// stored, all of them.
func TestStormAGatewayThatMakesUpMachines(t *testing.T) {
	const made, limit, good = 15_000, 10_000, 1_000
	m := startMosquitto(t)
	h := serve(t, t.TempDir(), "--config", plants(m, 1, 1))
	base := time.Now().UnixMilli()
	var steady sync.WaitGroup
	steady.Go(func() { publish(t, m.url, "factory/p0/l/m0/heartbeat", 1, good, 1, func(int) {}) })
	hurl(t, m.url(), false, made, func(i int) (topic, payload string) {
		return fmt.Sprintf("factory/p0/l/ghost-%d/heartbeat", i), fmt.Sprintf(`{"ts":%d,"seq":%d,"good":1}`, base, i)
	})
	steady.Wait()
	got := h.settledOnce(made + good)
	if got.Stored != limit+good || got.DeadLettered != made-limit {
		t.Errorf("the ledger has %+v, want %d stored and %d dead letters", got, limit+good, made-limit)
	}
	if n := count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat WHERE machine = 'm0'`); n != good {
		t.Errorf("%d points of the enrolled machine's %d messages", n, good)
	}
	if n := count(t, h.addr.InfluxDB, "factory", `SELECT count(n) FROM (SELECT count(seq) AS n FROM heartbeat GROUP BY machine)`); n != limit+1 {
		t.Errorf("%d series of machines, want %d", n, limit+1)
	}
	h.awaitLog("dead letter", "ghost-", "were heard already")
	h.stop()
}

// One plant sends at a hundred times its rate. The others' samples are on disk
// at most a second later than they are without it: what is promised is a time,
// so a time is what this test measures, beside the same house without the flood;
// and several times, for the machine may be busy with something else.
func TestStormOnePlantAtAHundredTimesItsRate(t *testing.T) {
	const others, machines, each = 20, 10, 100
	m := startMosquitto(t)
	h := serve(t, t.TempDir(), "--config", plants(m, others+1, machines))
	// Each machine of the others sends ten times a second; a machine of the
	// one plant a thousand times, together with its others 10,000.
	delays := func(round int) time.Duration {
		var wg sync.WaitGroup
		for p := range others {
			client := connected(t, m.url())
			wg.Go(func() { steadily(t, client, fmt.Sprintf("factory/p%d/l", p+1), machines, round*each, each) })
		}
		wg.Wait()
		want := (round + 1) * others * machines * each
		query := fmt.Sprintf(`SELECT arrived FROM heartbeat WHERE plant <> 'p0' AND seq >= %d AND seq < %d`, round*each, (round+1)*each)
		eventually(t, "the others are stored", func() bool {
			return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat WHERE plant <> 'p0'`) == want
		})
		return slices.Max(waits(t, h.addr.InfluxDB, query))
	}
	quiet := delays(0)
	stop := make(chan struct{})
	var flood sync.WaitGroup
	sent := 0
	flood.Go(func() {
		base := time.Now().UnixMilli()
		pace := time.NewTicker(10 * time.Millisecond)
		defer pace.Stop()
		for {
			select {
			case <-stop:
				return
			case <-pace.C:
			}
			hurl(t, m.url(), false, 100, func(i int) (topic, payload string) {
				sent++
				return fmt.Sprintf("factory/p0/l/m%d/heartbeat", i%machines), fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, base+int64(sent), sent, sent)
			})
		}
	})
	rounds, flooded := 1, delays(1)
	for ; flooded > quiet+time.Second && rounds < 6; flooded = delays(rounds) {
		rounds++
	}
	close(stop)
	flood.Wait()
	t.Logf("waited at most %v, beside %d messages of the one plant %v, in round %d", quiet, sent, flooded, rounds)
	if flooded > quiet+time.Second {
		t.Errorf("the others waited %v; without the flood they wait %v", flooded, quiet)
	}
	want := uint64((1+rounds)*others*machines*each + sent)
	if got := h.settled(want); got.Received != want || got.Stored != want {
		t.Errorf("the ledger has %+v, want %d stored", got, want)
	}
	h.stop()
}

// steadily publishes n samples of each of the machines below topic, numbered
// from first on, ten a second.
func steadily(t *testing.T, client paho.Client, topic string, machines, first, n int) {
	pace := time.NewTicker(100 * time.Millisecond)
	defer pace.Stop()
	defer client.Disconnect(250)
	var flying []paho.Token
	for seq := first; seq < first+n; seq++ {
		<-pace.C
		for i := range machines {
			payload := fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, time.Now().UnixMilli(), seq, seq)
			flying = append(flying, client.Publish(fmt.Sprintf("%s/m%d/heartbeat", topic, i), 1, false, payload))
		}
	}
	for _, f := range flying {
		if !f.WaitTimeout(patience) || f.Error() != nil {
			t.Errorf("a message was not acknowledged: %v", f.Error())
		}
	}
}

// waits returns, for each row of a query of arrived, how long after its stamp
// the sample came: both are clocks of this machine.
func waits(t *testing.T, base, query string) (all []time.Duration) {
	t.Helper()
	_, rows := influxQL(t, base, "factory", query)
	for _, row := range rows {
		stamp, err := row[0].(json.Number).Int64()
		arrived, err2 := row[1].(json.Number).Int64()
		if err != nil || err2 != nil {
			t.Fatalf("row %v", row)
		}
		all = append(all, time.Duration(arrived)*time.Millisecond-time.Duration(stamp).Truncate(time.Millisecond))
	}
	if len(all) == 0 {
		t.Fatalf("%s: no rows", query)
	}
	return all
}
