package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/internal/influxdtest"
)

// What docker-compose.yml does, outside containers: a fresh InfluxDB 2.7 and
// the shipped Mosquitto, setup, serve with the shipped configuration, and a
// reader that finds what a gateway published.
func TestWhatTheContainersDoFromNothing(t *testing.T) {
	influxdb := influxdtest.Run(t, influxdtest.V2)
	m := shippedMosquitto(t, "plant-a")
	dir := t.TempDir()
	text, err := os.ReadFile("../../packaging/compose/heartline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer("/run/secrets/", dir+"/", "/var/lib/heartline-tokens/", dir+"/tokens/",
		"http://influxdb:8086", influxdb.URL, "tcp://mosquitto:1883", m.url()).Replace(string(text))
	config := filepath.Join(dir, "heartline.yaml")
	for name, text := range map[string]string{config: changed, dir + "/mqtt-password": "secret-of-heartline\n", dir + "/admin-token": "made-by-secrets-sh\n", dir + "/admin-password": "also-made-by-it\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // containers start again
		out := run(t, binary, "setup", "--config", config, "--wait", "1m", "--admin-token-file", dir+"/admin-token",
			"--admin-password-file", dir+"/admin-password", "--reader-token-file", dir+"/tokens/influxdb-reader")
		if !strings.Contains(out, "Heartline may write to both buckets") {
			t.Fatalf("setup said\n%s", out)
		}
	}
	h := serve(t, t.TempDir(), "--config", config)
	host, port := hostPort(t, m.url())
	run(t, "mosquitto_pub", "-h", host, "-p", port, "-q", "1", "-u", "plant-a", "-P", "secret-of-plant-a",
		"-t", "factory/plant-a/l1/m1/heartbeat", "-m", `{"seq":1,"good":9007199254740993}`)
	token, err := os.ReadFile(dir + "/tokens/influxdb-reader")
	if err != nil {
		t.Fatal(err)
	}
	query := `from(bucket: "factory") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "heartbeat" and r._field == "good")`
	eventually(t, "the reader finds the heartbeat, exact to the last digit", func() bool {
		return strings.Contains(fluxAs(t, influxdb.URL+"/api/v2/query?org=heartline", strings.TrimSpace(string(token)), query), ",9007199254740993,")
	})
	h.stop()
}

// Heartline runs a 2.7 by itself, where that is named.
func TestASecondInfluxdOfOnesOwn(t *testing.T) {
	if _, err := os.Stat("../../bin/influxd2"); err != nil {
		t.Skip("no influxd2, which needs cargo to build: run make influxd2")
	}
	dir := t.TempDir()
	for range 2 { // and again on what it stored
		h := serve(t, dir, "--influxdb.binary", "../../bin/influxd2")
		pub(t, h.addr.MQTT, "factory/p1/l1/m1/heartbeat", `{"seq":1,"good":9007199254740993}`)
		token, err := os.ReadFile(filepath.Join(dir, "influxdb", "reader-token"))
		if err != nil {
			t.Fatal(err)
		}
		query := `from(bucket: "factory") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "heartbeat" and r._field == "good")`
		eventually(t, "the heartbeat is found", func() bool {
			return strings.Contains(fluxAs(t, h.addr.InfluxDB+"/api/v2/query?org=heartline", strings.TrimSpace(string(token)), query), ",9007199254740993,")
		})
		h.stop()
	}
}

// fluxAs runs a query with a token.
func fluxAs(t *testing.T, address, token, query string) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(query))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Token "+token)
	req.Header.Set("Content-Type", "application/vnd.flux")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("flux: %s %v\n%s", resp.Status, err, body)
	}
	return string(body)
}
