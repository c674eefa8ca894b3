package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A bucket that would lose what is written to it gets nothing: Heartline says
// so, keeps everything, and goes on once somebody has helped.
func TestABucketThatKeepsTooShortGetsNothing(t *testing.T) {
	influxdb := serve(t, t.TempDir(), "--influxdb.retention", "30d").addr.InfluxDB
	mqtt, page := fmt.Sprintf("127.0.0.1:%d", freePort(t)), fmt.Sprintf("127.0.0.1:%d", freePort(t))
	h := launch(t, t.TempDir(), "serve", "--influxdb.url", influxdb, "--mqtt.listen", mqtt, "--http.listen", page)
	h.awaitLog("nothing is written to InfluxDB", "keeps its data 30 days", "heartline setup")
	topic := "factory/p1/l1/m1/heartbeat"
	eventually(t, "the broker listens", func() bool {
		c := connect("tcp://" + mqtt)
		if c != nil {
			c.Disconnect(0)
		}
		return c != nil
	})
	pub(t, "tcp://"+mqtt, topic, `{"ts":1700000000123,"seq":1,"good":5}`)
	resp, err := http.Get("http://" + page + "/-/ready")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(text), "keeps its data 30 days") {
		t.Errorf("/-/ready: %s: %s", resp.Status, text)
	}
	query := `SELECT count(good) FROM heartbeat`
	if n := count(t, influxdb, "factory", query); n != 0 {
		t.Fatalf("%d heartbeats were written", n)
	}
	resp, err = http.PostForm(influxdb+"/query", url.Values{"q": {`ALTER RETENTION POLICY autogen ON factory DURATION INF`}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	h.ready()
	eventually(t, "the heartbeat is stored", func() bool { return count(t, influxdb, "factory", query) == 1 })
	h.stop()
}
