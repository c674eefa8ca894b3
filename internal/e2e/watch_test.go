package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// watched is what the API says is seen of a plant's machines.
type watched struct {
	Machines []struct {
		Machine  string
		Samples  uint64
		Missing  uint64
		Resets   uint64
		Repeats  uint64
		Future   uint64
		OffsetS  *float64 `json:"offset_s"`
		Counters []struct {
			Name  string
			Last  float64
			Falls uint64
		}
	}
	Gateways []struct {
		Clock string
		ZoneS float64 `json:"zone_s"`
	}
}

// A machine whose clock is off by a zone, whose numbers have a gap and which
// sends one sample twice: all of that is seen, told and in the ledger, and its
// largest counter is exact to the last digit in InfluxDB.
func TestWhatIsSeenOfAMachine(t *testing.T) {
	h := launchBy(t, t.TempDir(), withFlux, "serve")
	h.ready()
	start := time.Now().Add(-8 * time.Hour).UnixMilli()
	client := connected(t, h.addr.MQTT)
	defer client.Disconnect(250)
	const top = 9223372036854775807
	send := func(seq int) {
		payload := fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, start+int64(seq)*1000, seq, top-100+int64(seq))
		if token := client.Publish("factory/p/l/m/heartbeat", 1, false, payload); !token.WaitTimeout(patience) || token.Error() != nil {
			t.Fatal(token.Error())
		}
	}
	for seq := 1; seq <= 100; seq++ {
		if seq != 50 && seq != 51 {
			send(seq)
		}
	}
	send(100) // again
	got := h.settled(99)
	if got.Received != 99 || got.Stored != 98 || got.Duplicate != 1 || got.Gaps != 2 {
		t.Errorf("the ledger has %+v", got)
	}
	var seen watched
	h.get("/api/v1/plants/p/machines", &seen)
	if len(seen.Machines) != 1 || len(seen.Gateways) != 1 {
		t.Fatalf("%+v", seen)
	}
	m, g := seen.Machines[0], seen.Gateways[0]
	if m.Samples != 98 || m.Missing != 2 || m.OffsetS == nil || *m.OffsetS < 7*3600 || len(m.Counters) == 0 || m.Counters[0].Falls != 0 {
		t.Errorf("the machine: %+v", m)
	}
	if g.Clock != "zone" && g.Clock != "draining" || g.Clock == "zone" && g.ZoneS != -8*3600 {
		t.Errorf("the gateway: %+v", g)
	}
	eventually(t, "the largest counter is exact", func() bool {
		return exact(t, h.addr.InfluxDB, "factory", `SELECT max(good) FROM heartbeat`) == "9223372036854775807"
	})
	eventually(t, "Flux says so, too", func() bool {
		answer := flux(t, h.addr.InfluxDB, `from(bucket:"factory") |> range(start:-1d) |> filter(fn:(r)=>r._measurement=="heartbeat" and r._field=="good") |> max()`)
		return strings.Contains(answer, ",9223372036854775807,")
	})
	h.stop()
}
