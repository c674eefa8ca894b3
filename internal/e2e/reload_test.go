package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Registry, rules and profiles change while messages come: the new ones hold
// from the next message on, a file with a mistake changes nothing, and nothing
// is lost meanwhile.
func TestTheConfigurationIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("heartline.yaml", "profiles: [mine.yaml]\nmqtt: {sources: [{topic: 'factory/{plant}/{line}/{machine}/heartbeat', profile: mine}]}\n")
	write("mine.yaml", "name: mine\nformat: json\n")
	write("plants.yaml", "plants:\n- {id: p, lines: [{id: l, normal: 500/h, machines: [m]}]}\n")
	write("rules.yaml", "resume: {window: 15m, hold: 1h}\n")
	h := serve(t, filepath.Join(dir, "data"), "--config", filepath.Join(dir, "heartline.yaml"))
	const good = "heartline_config_last_reload_successful"
	first := h.definition()
	n := uint64(0)
	send := func(payload string) {
		t.Helper()
		pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", payload)
		n++
	}
	sample := func() { send(fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, time.Now().UnixMilli(), n, n)) }
	sample()

	write("rules.yaml", "resume: {window: 15m, hold: 2h}\n")
	eventually(t, "the new rules hold", func() bool { return h.definition() != first })
	second := h.definition()
	sample()

	write("rules.yaml", "resume: {window: soon}\n")
	h.awaitLog("the changed configuration is not used", "rules.yaml", "soon")
	eventually(t, "the metric says so", func() bool { return h.metric(good) == 0 })
	if h.definition() != second {
		t.Error("a file with a mistake changed the definition")
	}
	sample()

	write("rules.yaml", "resume: {window: 15m, hold: 2h}\n")
	eventually(t, "it is mended", func() bool { return h.metric(good) == 1 })
	h.awaitLog("say again what holds")
	send(`{"ts":1700000000,"seq":900,"good":1}`) // seconds, not milliseconds
	eventually(t, "it is a dead letter", func() bool { return h.metric("heartline_dead_letters") == 1 })
	write("mine.yaml", "name: mine\nformat: json\ntime: {unit: ms, or: [s]}\n")
	h.awaitLog("the changed configuration holds")
	eventually(t, "the mended profile reads it", func() bool {
		send(fmt.Sprintf(`{"ts":%d,"seq":%d,"good":1}`, time.Now().Unix(), 900+n))
		return h.settled(n).Stored > 3
	})

	write("plants.yaml", "plants:\n- {id: p, lines: [{id: l, normal: 500/h, machines: [m]}]}\n- {id: q, lines: [{id: l, machines: [m]}]}\n")
	if err := h.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new plant is enrolled", func() bool {
		var all struct {
			Plants []struct {
				ID       string
				Enrolled bool
			}
		}
		h.get("/api/v1/plants", &all)
		return len(all.Plants) == 2 && all.Plants[1].Enrolled
	})
	sample()

	// A source waits for a restart; rules that are changed with it do not.
	third := h.definition()
	source := "profiles: [mine.yaml]\nmqtt: {sources: [{topic: '%s/{plant}/{line}/{machine}/heartbeat', profile: mine}]}\n"
	write("heartline.yaml", fmt.Sprintf(source, "other"))
	write("rules.yaml", "resume: {window: 15m, hold: 3h}\n")
	h.awaitLog("needs a restart", "registry and rules", "mqtt.sources")
	eventually(t, "the rules hold", func() bool { return h.definition() != third })
	var state struct {
		Ready bool
		Waits []string `json:"restart_needed_for"`
	}
	waits := func(n int) func() bool {
		return func() bool {
			h.get("/-/ready", &state)
			return state.Ready && len(state.Waits) == n && h.metric("heartline_config_restart_needed") == float64(n)
		}
	}
	eventually(t, "what waits is named", waits(1))
	if state.Waits[0] != "mqtt.sources" {
		t.Errorf("%q waits", state.Waits)
	}
	sample()
	write("heartline.yaml", fmt.Sprintf(source, "factory"))
	eventually(t, "it is taken back", waits(0))
	if got := h.settled(n); got.Received != n {
		t.Errorf("the ledger has %+v, want %d received", got, n)
	}
	h.stop()
}
