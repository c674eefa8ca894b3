package influxadmin

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// onEvery runs test with what starts a fresh server, for each version.
func onEvery(t *testing.T, test func(t *testing.T, start func(...string) string)) {
	t.Run("1.8", func(t *testing.T) { test(t, startV1(t)) })
	t.Run("2.7", func(t *testing.T) { test(t, startV2(t)) })
}

// startV1 returns what starts a 1.8; setting is a key of [http] and its value.
func startV1(t *testing.T) func(setting ...string) string {
	return func(setting ...string) string {
		dir, address := t.TempDir(), freeAddress(t)
		if len(setting) == 0 {
			setting = []string{"auth-enabled", "true"}
		}
		text := fmt.Sprintf("reporting-disabled = true\nbind-address = \"127.0.0.1:0\"\n[meta]\ndir = %q\n[data]\ndir = %q\nwal-dir = %q\n[http]\nbind-address = %q\n%s = %s\n[monitor]\nstore-enabled = false\n",
			dir+"/meta", dir+"/data", dir+"/wal", address, setting[0], setting[1])
		if err := os.WriteFile(dir+"/conf", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return start(t, "influxd", address, "-config", dir+"/conf")
	}
}

func startV2(t *testing.T) func(...string) string {
	return func(...string) string {
		dir, address := t.TempDir(), freeAddress(t)
		return start(t, "influxd2", address, "--reporting-disabled", "--log-level", "error", "--http-bind-address", address,
			"--bolt-path", dir+"/bolt", "--sqlite-path", dir+"/sqlite", "--engine-path", dir+"/engine")
	}
}

// start runs a program until the test ends, and waits until it answers.
func start(t *testing.T, name, address string, args ...string) string {
	t.Helper()
	cmd := exec.Command(find(t, name), args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	url := "http://" + address
	for range 1200 {
		if resp, err := http.Get(url + "/ping"); err == nil {
			_ = resp.Body.Close()
			return url
		}
		select {
		case <-ended:
			t.Fatalf("%s ended", name)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not answer at %s", name, url)
	return ""
}

func find(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path, err := filepath.Abs("../../bin/" + name)
	if err == nil {
		_, err = os.Stat(path)
	}
	switch {
	case err == nil:
	case name == "influxd2":
		t.Skip("no influxd2, which needs cargo to build: run make influxd2")
	default:
		t.Fatal("no " + name + ": run make " + name)
	}
	return path
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func page(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	t.Cleanup(server.Close)
	return server.URL
}
