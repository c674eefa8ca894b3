package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What keeps heartline from starting is one clear sentence, and an exit
// status that says whose fault it is.
func TestWhatKeepsItFromStarting(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	file := writeFile(t, "a-file", "x")
	for name, c := range map[string]struct {
		args   []string
		status int
		words  []string
	}{
		"the MQTT port is taken":      {[]string{"--mqtt.listen", address}, 1, []string{address, "mqtt.listen"}},
		"the InfluxDB port is taken":  {[]string{"--influxdb.listen", address}, 1, []string{address, "influxdb.listen"}},
		"the page's port is taken":    {[]string{"--http.listen", address}, 1, []string{address, "http.listen"}},
		"data_dir is a file":          {[]string{"--data_dir", file}, 2, []string{file}},
		"data_dir cannot be made":     {[]string{"--data_dir", "/proc/heartline"}, 2, []string{"/proc/heartline"}},
		"the config does not parse":   {[]string{"--config", writeFile(t, "h.yaml", "mqtt: [")}, 2, []string{"h.yaml:1"}},
		"the config has unknown keys": {[]string{"--config", writeFile(t, "h.yaml", "mqtt:\n  lisen: x\ncolour: red\n")}, 2, []string{"h.yaml:2", "mqtt.lisen", "h.yaml:3", "colour"}},
		"the config is not there":     {[]string{"--config", "/nowhere.yaml"}, 2, []string{"/nowhere.yaml"}},
		"there is no influxd":         {[]string{"--influxdb.binary", "/nowhere/influxd"}, 2, []string{"/nowhere/influxd"}},
		"an unknown flag":             {[]string{"--colour"}, 2, []string{"--colour", "--help"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := launch(t, t.TempDir(), append([]string{"serve"}, c.args...)...)
			if got := h.wait(); got != c.status {
				t.Errorf("exit status %d, want %d", got, c.status)
			}
			if log := h.log(); !holds(log, c.words) {
				t.Errorf("it says\n%s\nwhich lacks one of %q", log, c.words)
			}
			if left := processesOn(t, h.dir); len(left) > 0 {
				t.Errorf("still running: %q", left)
			}
		})
	}
}

func TestASecondProcessOnTheSameDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	first := serve(t, dir)
	second := launch(t, dir, "serve")
	if got := second.wait(); got != 1 || !strings.Contains(second.log(), dir) {
		t.Errorf("exit status %d, saying %s", got, second.log())
	}
	first.stop()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data directory has mode %v (%v), want 0700", info.Mode(), err)
	}
}

func TestKilledHeartlineLeavesNoChild(t *testing.T) {
	h := serve(t, t.TempDir())
	h.kill()
	eventually(t, "influxd and its guard are gone", func() bool { return len(processesOn(t, h.dir)) == 0 })
}

func TestASecondSignalEndsItAtOnce(t *testing.T) {
	h := serve(t, t.TempDir())
	_ = h.cmd.Process.Signal(syscall.SIGINT)
	_ = h.cmd.Process.Signal(syscall.SIGINT)
	h.wait()
	eventually(t, "influxd and its guard are gone", func() bool { return len(processesOn(t, h.dir)) == 0 })
}

// One bad message among a thousand good ones is a dead letter; a field whose
// type changes is one with InfluxDB's words. The others are stored.
func TestBadMessagesNeverStopGoodOnes(t *testing.T) {
	h := serve(t, t.TempDir())
	client := connected(t, h.addr.MQTT)
	defer client.Disconnect(250)
	now := time.Now().UnixMilli()
	for i := range 1001 {
		payload := fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d,"temp":61.5}`, now+int64(i), i, i)
		switch i {
		case 500:
			payload = `{"ts":` // truncated
		case 700:
			payload = fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d,"temp":"hot"}`, now+int64(i), i, i)
		}
		if token := client.Publish("factory/p/l/m/heartbeat", 1, false, payload); !token.WaitTimeout(patience) || token.Error() != nil {
			t.Fatal(token.Error())
		}
	}
	eventually(t, "the good ones are stored", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) == 999
	})
	eventually(t, "both bad ones are dead letters", func() bool { return h.metric("heartline_dead_letters") == 2 })
	if got := h.metric(`heartline_dead_letters_total{stage="heartbeats"}`); got != 1 {
		t.Errorf("%v points were refused, want 1", got)
	}
	if got := h.settled(1001); got.Received != 1001 || got.Stored != 999 || got.DeadLettered != 2 {
		t.Errorf("the ledger has %+v", got)
	}
	h.stop()
}

// A heartbeat that was acknowledged while influxd is dead arrives once it is
// back, by itself.
func TestKilledInfluxdLosesNothing(t *testing.T) {
	h := serve(t, t.TempDir())
	pid := childNamed(t, h, "influxd")
	// A 1.8 that is killed while it makes its first shard cannot open it again.
	pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", `{"seq":200,"good":200}`)
	eventually(t, "the first heartbeat is stored", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) == 1
	})
	for i := range 200 {
		pub(t, h.addr.MQTT, "factory/p/l/m/heartbeat", fmt.Sprintf(`{"seq":%d,"good":%d}`, i, i))
		if i == 50 || i == 120 {
			if err := syscall.Kill(pid(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		if i == 100 {
			eventually(t, "influxd is back", func() bool {
				return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) > 0
			})
		}
	}
	eventually(t, "everything is stored once", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) == 201
	})
	if got := h.settled(201); got.Received != 201 || got.Stored != 201 {
		t.Errorf("the ledger has %+v", got)
	}
	h.stop()
}

// childNamed finds the process of that program that works in h's directory.
func childNamed(t *testing.T, h *instance, name string) func() int {
	return func() int {
		all, err := filepath.Glob("/proc/[0-9]*/exe")
		if err != nil {
			t.Fatal(err)
		}
		for _, exe := range all {
			target, err := os.Readlink(exe)
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(exe), "cmdline"))
			if err == nil && filepath.Base(target) == name && strings.Contains(string(line), h.dir) {
				var pid int
				fmt.Sscanf(exe, "/proc/%d/exe", &pid)
				return pid
			}
		}
		t.Fatalf("no %s runs for %s", name, h.dir)
		return 0
	}
}
