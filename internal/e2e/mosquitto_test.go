package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/internal/freeport"
)

// mosquitto is a real broker that keeps what it acknowledged, also at SIGTERM.
type mosquitto struct {
	t    *testing.T
	conf string
	port int
	cmd  *exec.Cmd
}

func startMosquitto(t *testing.T) *mosquitto {
	t.Helper()
	dir := t.TempDir()
	m := &mosquitto{t: t, conf: filepath.Join(dir, "mosquitto.conf"), port: freeport.Take(t)}
	conf := fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location %s/\n"+
		"max_queued_messages 0\nmax_inflight_messages 1000\nuser root\n", m.port, dir)
	if err := os.WriteFile(m.conf, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	m.start()
	t.Cleanup(m.stop)
	return m
}

func (m *mosquitto) url() string { return fmt.Sprintf("tcp://127.0.0.1:%d", m.port) }

// start returns once the broker accepts connections.
func (m *mosquitto) start() {
	m.t.Helper()
	name, err := exec.LookPath("mosquitto")
	if err != nil {
		name = "/usr/sbin/mosquitto"
	}
	m.cmd = exec.Command(name, "-c", m.conf)
	if err := m.cmd.Start(); err != nil {
		m.t.Fatalf("%v; install Mosquitto", err)
	}
	eventually(m.t, "mosquitto accepts connections", func() bool {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", m.port), time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// stop is SIGTERM: the broker saves what it holds.
func (m *mosquitto) stop() {
	_ = m.cmd.Process.Signal(syscall.SIGTERM)
	_ = m.cmd.Wait()
}

// outside writes a configuration that uses m instead of the embedded broker.
func (m *mosquitto) config(t *testing.T, more string) string {
	t.Helper()
	return writeFile(t, "heartline.yaml", fmt.Sprintf("mqtt:\n  servers:\n    - {name: floor, url: %q}\n%s", m.url(), more))
}

// writeFile writes text into a new directory and returns the file's name.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
