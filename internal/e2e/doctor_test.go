package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// doctor hears simulated plants at a broker, and what it proposes is pasted and
// serves them; then somebody confirms a line.
func TestDoctorProposesWhatItHears(t *testing.T) {
	m, dir := startMosquitto(t), t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		full := filepath.Join(dir, name)
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return full
	}
	servers := fmt.Sprintf("mqtt: {servers: [{name: floor, url: %q}], sources: []}\n", m.url())
	config := write("heartline.yaml", strings.Replace(servers, ", sources: []", "", 1))
	publish := exec.Command(binary, "simulate", "--url", m.url(), "--plants", "2", "--machines", "3", "--every", "1s", "--for", "10m")
	if err := publish.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = publish.Process.Kill(); _ = publish.Wait() })
	host, port := hostPort(t, m.url())
	run(t, "mosquitto_sub", "-h", host, "-p", port, "-t", "factory/+/+/+/heartbeat", "-C", "6") // it has begun
	out, err := exec.Command(binary, "doctor", "--listen", "4s", "--config", config, "--data_dir", filepath.Join(dir, "none")).Output()
	if err != nil {
		t.Fatalf("doctor --listen: %v", err)
	}
	sources, plants, ok := strings.Cut(string(out), "# plants.yaml\n")
	if !ok || !strings.Contains(sources, `{topic: "factory/{plant}/{line}/{machine}/heartbeat", profile: json}`) {
		t.Fatalf("proposed\n%s", out)
	}
	pasted := strings.Replace(sources, "mqtt:\n", fmt.Sprintf("mqtt:\n  servers: [{name: floor, url: %q}]\n", m.url()), 1)
	config = write("heartline.yaml", pasted)
	registry := write("plants.yaml", plants)
	if text, err := exec.Command(binary, "check", "--config", config).CombinedOutput(); err != nil {
		t.Fatalf("check of the proposal: %v\n%s\n%s", err, text, out)
	}
	h := serve(t, filepath.Join(dir, "data"), "--config", config)
	var first struct {
		ID    string
		Lines []struct{ ID, State string }
	}
	eventually(t, "the proposed lines are shown as not commissioned", func() bool {
		var all struct {
			Plants []json.RawMessage
		}
		h.get("/api/v1/plants", &all)
		return len(all.Plants) == 2 && json.Unmarshal(all.Plants[0], &first) == nil && len(first.Lines) > 0 && first.Lines[0].State == "commissioning"
	})
	name := first.ID + "/" + first.Lines[0].ID
	if text, err := exec.Command(binary, "confirm", name, "--config", config, "--yes").CombinedOutput(); err != nil {
		t.Fatalf("confirm: %v\n%s", err, text)
	}
	h.awaitLog("the changed configuration holds")
	eventually(t, "the line counts", func() bool {
		h.get("/api/v1/plants/"+first.ID, &first)
		return first.Lines[0].State != "commissioning"
	})
	text, err := os.ReadFile(registry)
	if err != nil || strings.Count(string(text), "commissioned: true") != 1 || !strings.Contains(string(text), "# heartline confirm") {
		t.Errorf("the registry now: %v\n%s", err, text)
	}
	health, err := exec.Command(binary, "doctor", "--config", config, "--data_dir", filepath.Join(dir, "data")).CombinedOutput()
	if err != nil || !strings.Contains(string(health), "max_queued_messages 0") || !strings.Contains(string(health), "ok       influxdb") {
		t.Errorf("doctor: %v\n%s", err, health)
	}
	h.stop()
}
