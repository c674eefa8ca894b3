package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// account is what the API says of one plant and source, or of all.
type account struct {
	Plant        string `json:"plant"`
	Received     uint64 `json:"received"`
	Stored       uint64 `json:"stored"`
	Duplicate    uint64 `json:"duplicate"`
	Expired      uint64 `json:"expired"`
	DeadLettered uint64 `json:"dead_lettered"`
	InFlight     uint64 `json:"in_flight"`
	Gaps         int64  `json:"gaps"`
}

// settled waits until at least so many samples were received, some of them again
// perhaps, and nothing is in flight any more, and returns the sum of the ledger,
// which must add up.
func (h *instance) settled(received uint64) account {
	h.t.Helper()
	return h.settledWhen(func(a account) bool { return a.Received >= received })
}

// settledOnce is settled for so many samples that came for the first time.
func (h *instance) settledOnce(received uint64) account {
	h.t.Helper()
	return h.settledWhen(func(a account) bool { return a.Received-a.Duplicate >= received })
}

func (h *instance) settledWhen(ok func(account) bool) account {
	h.t.Helper()
	var all struct {
		Ledger   []account
		Sum      account
		Complete bool
	}
	eventually(h.t, "the ledger is settled", func() bool {
		h.get("/api/v1/ledger", &all)
		for _, a := range append(all.Ledger, all.Sum) {
			if a.Received != a.Stored+a.Duplicate+a.Expired+a.DeadLettered+a.InFlight {
				h.t.Fatalf("the ledger does not add up: %+v", a)
			}
		}
		return all.Complete && all.Sum.InFlight == 0 && ok(all.Sum)
	})
	return all.Sum
}

// ofSeveral is a topic of one of five machines. After a kill the broker delivers
// again what came last; of each machine eight samples are known again.
func ofSeveral(n uint64) string { return fmt.Sprintf("factory/p/l/m%d/heartbeat", n%5) }

// What is acknowledged is in the ledger, through restarts and a kill: nothing
// is counted twice, and nothing forgotten.
func TestTheLedgerOutlivesRestartsAndKills(t *testing.T) {
	dir := t.TempDir()
	n, base := uint64(0), uint64(time.Now().UnixMilli())
	for _, kill := range []bool{false, true, false, true} {
		h := serve(t, dir)
		if got := h.settledOnce(n); got.Received-got.Duplicate != n || got.Stored != n {
			t.Fatalf("at the start %+v, want %d stored", got, n)
		}
		for range 20 {
			n++
			pub(t, h.addr.MQTT, ofSeveral(n), fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, base+n, n, n))
		}
		if kill {
			h.kill()
			continue
		}
		h.stop()
	}
	h := serve(t, dir)
	if got := h.settledOnce(n); got.Received-got.Duplicate != n || got.Stored != n {
		t.Errorf("at the end %+v, want %d received and stored", got, n)
	}
	out, err := exec.Command(binary, "ledger", "--data_dir", dir).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "received") || !strings.Contains(string(out), fmt.Sprintf(" %d ", n)) {
		t.Errorf("heartline ledger: %v\n%s", err, out)
	}
	h.stop()
}

// Numbers that were left out are counted across restarts and kills, once, and
// what is seen of a machine goes on.
func TestGapsAreCountedAcrossRestartsAndKills(t *testing.T) {
	dir := t.TempDir()
	var h *instance
	seq, sent, gaps := 1000, uint64(0), int64(0)
	at := time.Now().Add(-time.Hour).UnixMilli()
	for life, kill := range []bool{false, true, true, false, true} {
		h = serve(t, dir)
		for i := range 6 {
			skip := 0
			if i == 0 && life > 0 || i == 3 { // across the restart, and in between
				skip = life + 1
			}
			seq, at = seq+1+skip, at+1000
			gaps, sent = gaps+int64(skip), sent+1
			pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, at, seq, seq))
		}
		if kill {
			h.kill()
		} else {
			h.stop()
		}
	}
	h = serve(t, dir)
	if got := h.settledOnce(sent); got.Gaps != gaps || got.Stored != sent {
		t.Errorf("%+v, want %d gaps and %d stored", got, gaps, sent)
	}
	var watched struct {
		Machines []struct {
			Samples, Missing, Repeats uint64
			IntervalS                 float64 `json:"interval_s"`
		}
	}
	h.get("/api/v1/plants/p/machines", &watched)
	if len(watched.Machines) != 1 {
		t.Fatalf("machines: %+v", watched)
	}
	if m := watched.Machines[0]; m.Samples != sent || m.Missing != uint64(gaps) || m.Repeats != 0 || m.IntervalS != 1 {
		t.Errorf("after all restarts %+v, want %d samples, one a second, %d missing", m, sent, gaps)
	}
	// A memory that is torn costs what it held, and nothing else.
	h.stop()
	name := filepath.Join(dir, "memory")
	if err := os.Truncate(name, 60); err != nil {
		t.Fatal(err)
	}
	h = serve(t, dir)
	h.awaitLog("what was known of machines at the last stop is not")
	pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", fmt.Sprintf(`{"ts":%d,"seq":%d,"good":1}`, at+1000, seq+1))
	if got := h.settledOnce(sent + 1); got.Gaps != gaps {
		t.Errorf("%+v, want %d gaps", got, gaps)
	}
	h.stop()
}

// A profile is mended, and the dead letters it made are taken: each once.
func TestMendedProfilesMakeOldMessagesGood(t *testing.T) {
	dir := t.TempDir()
	profile := filepath.Join(dir, "mine.yaml")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(profile, "name: mine\nformat: json\n")
	write(filepath.Join(dir, "heartline.yaml"), "profiles: [mine.yaml]\nmqtt: {sources: [{topic: 'factory/{plant}/{line}/{machine}/heartbeat', profile: mine}]}\n")
	data := filepath.Join(dir, "data")
	args := []string{"--config", filepath.Join(dir, "heartline.yaml")}
	h := serve(t, data, args...)
	now := time.Now().Unix()
	for i := range 5 { // seconds, where the profile says milliseconds
		pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, now+int64(i), i, i))
	}
	pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", "{")
	if got := h.settled(6); got.Received != 6 || got.DeadLettered != 6 {
		t.Fatalf("%+v, want 6 dead letters", got)
	}
	run := func(args ...string) (string, error) {
		out, err := exec.Command(binary, append(append([]string{"deadletter"}, args...), "--data_dir", data)...).CombinedOutput()
		return string(out), err
	}
	out, err := run("list", "--reason", "time")
	if err != nil || strings.Count(out, "factory/p/l/m/heartbeat") != 5 {
		t.Errorf("list: %v\n%s", err, out)
	}
	if out, err = run("replay", "--all"); err == nil || !strings.Contains(out, "0 of 6 dead letters were taken") {
		t.Errorf("replay before the profile is mended: %v\n%s", err, out)
	}
	h.stop()
	write(profile, "name: mine\nformat: json\ntime: {unit: ms, or: [s]}\n")
	h = serve(t, data, args...)
	if out, err = run("replay", "--all"); err == nil || !strings.Contains(out, "5 of 6 dead letters were taken") {
		t.Errorf("replay: %v\n%s", err, out)
	}
	if out, err = run("replay", "--reason", "time"); err != nil || !strings.Contains(out, "0 of 0") {
		t.Errorf("replay again: %v\n%s", err, out)
	}
	if got := h.settled(11); got.Received != 11 || got.Stored != 5 || got.DeadLettered != 6 {
		t.Errorf("%+v, want 11 received, 5 of them stored", got)
	}
	eventually(t, "the five are stored once", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) == 5
	})
	if out, err = run("list", "--output", "json"); err != nil || strings.Count(out, "\n") != 1 || !strings.Contains(out, `"reason":"syntax"`) {
		t.Errorf("list: %v\n%s", err, out)
	}
	h.stop()
}
