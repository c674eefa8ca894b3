package e2e

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/internal/freeport"
)

// A bucket that would lose what is written to it gets nothing: Heartline says
// so, keeps everything, and goes on once somebody has helped.
func TestABucketThatKeepsTooShortGetsNothing(t *testing.T) {
	influxdb := serve(t, t.TempDir(), "--influxdb.retention", "30d").addr.InfluxDB
	mqtt, page := freeport.Address(t), freeport.Address(t)
	h := launch(t, t.TempDir(), "serve", "--influxdb.url", influxdb, "--mqtt.listen", mqtt, "--http.listen", page)
	h.awaitLog("nothing is written to InfluxDB", "keeps its data 30 days", "heartline setup")
	topic := "factory/p1/l1/m1/heartbeat"
	connected(t, "tcp://"+mqtt).Disconnect(0)
	pub(t, "tcp://"+mqtt, topic, `{"ts":1700000000123,"seq":1,"good":5}`)
	eventually(t, "/-/ready says why not", func() bool {
		resp, err := http.Get("http://" + page + "/-/ready")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode == http.StatusServiceUnavailable && strings.Contains(string(text), "keeps its data 30 days")
	})
	query := `SELECT count(good) FROM heartbeat`
	if n := count(t, influxdb, "factory", query); n != 0 {
		t.Fatalf("%d heartbeats were written", n)
	}
	resp, err := http.PostForm(influxdb+"/query", url.Values{"q": {`ALTER RETENTION POLICY autogen ON factory DURATION INF`}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	h.ready()
	eventually(t, "the heartbeat is stored", func() bool { return count(t, influxdb, "factory", query) == 1 })
	h.stop()
}
