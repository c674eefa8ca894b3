package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// A proxy in front of InfluxDB that answers 503 and 401, and cuts connections
// after InfluxDB has stored what came: nothing is lost, nothing is there twice.
func TestAProxyThatFails(t *testing.T) {
	store := serve(t, t.TempDir(), "--mqtt.client_id", "store") // for its influxd
	var fault atomic.Value
	fault.Store("")
	var faults atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what := fault.Load().(string)
		if r.URL.Path != "/api/v2/write" {
			what = ""
		}
		if what != "" {
			faults.Add(1)
		}
		switch what {
		case "503":
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case "401":
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r2, _ := http.NewRequestWithContext(r.Context(), r.Method, store.addr.InfluxDB+r.URL.String(), r.Body)
		r2.Header = r.Header
		resp, err := http.DefaultTransport.RoundTrip(r2)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		if what == "cut" {
			panic(http.ErrAbortHandler)
		}
		for k, v := range resp.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	defer proxy.Close()
	h := serve(t, t.TempDir(), "--influxdb.url", proxy.URL)
	n := 0
	for _, what := range []string{"", "503", "cut", "401", ""} {
		fault.Store(what)
		before := faults.Load()
		for range 20 {
			pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", fmt.Sprintf(`{"seq":%d,"good":%d}`, n, n))
			n++
		}
		if what != "" {
			eventually(t, "the proxy has failed by "+what, func() bool { return faults.Load() > before })
		}
	}
	eventually(t, "everything is stored once", func() bool {
		return count(t, store.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) == n
	})
	if got := count(t, store.addr.InfluxDB, "factory", `SELECT count(distinct(seq)) FROM heartbeat`); got != n {
		t.Errorf("%d different numbers of %d", got, n)
	}
	if got := h.settled(uint64(n)); got.Received != uint64(n) || got.Stored != uint64(n) {
		t.Errorf("the ledger has %+v, want %d received and stored", got, n)
	}
	h.stop()
	store.stop()
}
