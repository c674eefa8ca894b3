//go:build storm

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A full disk: nothing is acknowledged that is not kept, /-/ready says so, and
// it goes on by itself when there is room.
func TestStormFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=160m"); err != nil {
		t.Fatalf("a small file system cannot be mounted (%v); run this as root", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	m := startMosquitto(t)
	data := filepath.Join(dir, "data")
	h := serve(t, data, "--config", m.config(t, ""))
	pub(t, m.url(), "factory/p/l/m/heartbeat", `{"seq":0,"good":1}`)
	eventually(t, "the first is stored", func() bool { return stored(t, h) == 1 })

	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	eventually(t, "/-/ready says that the disk is full", func() bool { return ready(t, h) == http.StatusServiceUnavailable })
	for i := 1; i <= 50; i++ {
		pub(t, m.url(), "factory/p/l/m/heartbeat", fmt.Sprintf(`{"seq":%d,"good":1}`, i))
	}
	h.awaitLog("nothing is being acknowledged")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it goes on by itself", func() bool { return ready(t, h) == http.StatusOK })
	eventually(t, "nothing was lost", func() bool { return stored(t, h) == 51 })
	if got := h.settledOnce(51); got.Received-got.Duplicate != 51 || got.Stored != 51 {
		t.Errorf("the ledger has %+v", got)
	}
	h.stop()
}

func stored(t *testing.T, h *instance) int {
	return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`)
}

func ready(t *testing.T, h *instance) int {
	t.Helper()
	resp, err := http.Get(h.addr.HTTP + "/-/ready")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// fill writes until there is no room left.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 4096; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}
