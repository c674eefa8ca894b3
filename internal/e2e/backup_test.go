package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A copy of the data directory, as docs/operations.md takes it, is a whole
// Heartline in another place: whether Heartline was stopped for it, or ended as
// in a power cut, like the snapshot of a file system holds it.
func TestARestoredBackupGoesOn(t *testing.T) {
	for name, end := range map[string]func(*instance){"stopped": (*instance).stop, "killed": (*instance).kill} {
		t.Run(name, func(t *testing.T) {
			dir, elsewhere := filepath.Join(t.TempDir(), "heartline-data"), t.TempDir()
			n, base := uint64(0), uint64(time.Now().UnixMilli())
			beat := func(h *instance) {
				n++
				pub(t, h.addr.MQTT, ofSeveral(n), fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, base+n, n, n))
			}
			h := serve(t, dir)
			pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", "{")
			for range 10 {
				beat(h)
			}
			h.settled(n + 1)
			for range 10 { // some are still in the queue at the end
				beat(h)
			}
			end(h)
			eventually(t, "nothing writes to the directory any more", func() bool { return len(processesOn(t, dir)) == 0 })
			tar(t, "-czf", filepath.Join(elsewhere, "backup.tar.gz"), "-C", filepath.Dir(dir), filepath.Base(dir))
			tar(t, "-xzpf", filepath.Join(elsewhere, "backup.tar.gz"), "-C", elsewhere)

			h = serve(t, filepath.Join(elsewhere, filepath.Base(dir)))
			beat(h)
			got := h.settledOnce(n + 1)
			if got.Received-got.Duplicate != n+1 || got.Stored != n || got.DeadLettered != 1 {
				t.Errorf("the ledger is %+v, want %d stored and a dead letter", got, n)
			}
			eventually(t, "every heartbeat is in InfluxDB", func() bool {
				return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) == int(n)
			})
			var letters struct{ Deadletters []struct{ Reason string } }
			h.get("/api/v1/deadletters", &letters)
			if len(letters.Deadletters) != 1 {
				t.Errorf("dead letters: %+v, want one", letters)
			}
			h.stop()
		})
	}
}

func tar(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("tar", args...).CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
}
