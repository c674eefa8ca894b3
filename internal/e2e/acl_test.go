package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/internal/freeport"
)

// The broker of docker-compose.yml, run here with its own files: gateways of
// plant A reach plant A, and nobody gets in without a login.
func TestMosquittoOfTheContainersKeepsPlantsApart(t *testing.T) {
	m := shippedMosquitto(t, "plant-a", "plant-b")
	config := m.config(t, "")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	password := writeFile(t, "mqtt-password", "secret-of-heartline\n")
	login := fmt.Sprintf("name: floor, user: heartline, password_file: %s", password)
	config = writeFile(t, "heartline.yaml", strings.Replace(string(text), "name: floor", login, 1))
	h := serve(t, t.TempDir(), "--config", config)
	gateway := func(user, password, topic string) error {
		host, port := hostPort(t, m.url())
		return exec.Command("mosquitto_pub", "-h", host, "-p", port, "-q", "1", "-u", user, "-P", password, "-t", topic, "-m", `{"good":1}`).Run()
	}
	// Mosquitto answers a refused publish of MQTT 3.1.1 as if it were taken.
	for _, forged := range []string{"factory/plant-b/l1/m1/heartbeat", "factory/heartline/l1/m1/heartbeat", "heartline/v1/plants/plant-b/phase"} {
		_ = gateway("plant-a", "secret-of-plant-a", forged)
	}
	for user, password := range map[string]string{"": "", "plant-a": "secret-of-plant-b", "nobody": "x", "heartline": "guess"} {
		if gateway(user, password, "factory/"+user+"/l1/m1/heartbeat") == nil {
			t.Errorf("user %q got in with %q", user, password)
		}
	}
	for _, plant := range []string{"plant-a", "plant-b"} {
		if err := gateway(plant, "secret-of-"+plant, "factory/"+plant+"/l2/m1/heartbeat"); err != nil {
			t.Errorf("%s: %v", plant, err)
		}
	}
	eventually(t, "both plants' own heartbeats are stored", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(good) FROM heartbeat`) >= 2
	})
	// They came last, over the same broker: whatever was let through is here.
	_, rows := influxQL(t, h.addr.InfluxDB, "factory", `SHOW TAG VALUES WITH KEY = line`)
	if len(rows) != 1 || rows[0][1] != "l2" {
		t.Errorf("lines %v, want l2 alone", rows)
	}
}

// shippedMosquitto starts Mosquitto with the shipped configuration, here
// rather than in a container, with a login for Heartline and each plant.
func shippedMosquitto(t *testing.T, plants ...string) *mosquitto {
	t.Helper()
	dir, shipped := t.TempDir(), "../../packaging/compose/mosquitto/"
	passwords, err := filepath.Abs(filepath.Join(dir, "passwords"))
	if err != nil {
		t.Fatal(err)
	}
	for i, user := range append([]string{"heartline"}, plants...) {
		args := []string{"-b", passwords, user, "secret-of-" + user}
		if i == 0 {
			args = append([]string{"-c"}, args...)
		}
		run(t, "mosquitto_passwd", args...)
	}
	acl, err := os.ReadFile(shipped + "acl")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/acl", acl, 0o600); err != nil {
		t.Fatal(err)
	}
	conf, err := os.ReadFile(shipped + "mosquitto.conf")
	if err != nil {
		t.Fatal(err)
	}
	m := &mosquitto{t: t, conf: dir + "/mosquitto.conf", port: freeport.Take(t)}
	text := strings.NewReplacer("listener 1883", fmt.Sprintf("listener %d 127.0.0.1", m.port), "/run/secrets/mosquitto-passwords", passwords,
		"/mosquitto/config/acl", dir+"/acl", "/mosquitto/data/", dir+"/").Replace(string(conf)) + "\nuser root\n"
	if err := os.WriteFile(m.conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m.start()
	t.Cleanup(m.stop)
	return m
}
