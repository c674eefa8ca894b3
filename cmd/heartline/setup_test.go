package main

import (
	"fmt"
	"net"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// freshInfluxd starts an InfluxDB that was never set up, 1.8 with users or 2.7.
func freshInfluxd(t *testing.T, name string) (url string) {
	t.Helper()
	binary, err := filepath.Abs("../../bin/" + name)
	if err == nil {
		_, err = os.Stat(binary)
	}
	if err != nil && name == "influxd2" {
		t.Skip("no influxd2, which needs cargo to build: run make influxd2")
	}
	if err != nil {
		t.Fatalf("no %s: run make %s", name, name)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, dir := l.Addr().String(), t.TempDir()
	_ = l.Close()
	args := []string{"--reporting-disabled", "--log-level", "error", "--http-bind-address", address,
		"--bolt-path", dir + "/bolt", "--sqlite-path", dir + "/sqlite", "--engine-path", dir + "/engine"}
	if name == "influxd" {
		args = []string{"-config", dir + "/conf"}
		text := fmt.Sprintf("reporting-disabled = true\nbind-address = \"127.0.0.1:0\"\n[meta]\ndir = %q\n[data]\ndir = %q\nwal-dir = %q\n[http]\nbind-address = %q\nauth-enabled = true\n",
			dir+"/meta", dir+"/data", dir+"/wal", address)
		if err := os.WriteFile(dir+"/conf", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := osexec.Command(binary, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return "http://" + address
}

func TestSetupFromNothingToAReadyServer(t *testing.T) {
	for _, name := range []string{"influxd", "influxd2"} {
		t.Run(name, func(t *testing.T) {
			url := freshInfluxd(t, name)
			t.Chdir(t.TempDir())
			if err := os.WriteFile("heartline.yaml", []byte("influxdb: {url: "+url+", token_file: secrets/token}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if status, _, errs := inPlace("", "check"); status != 2 || !strings.Contains(errs, "secrets/token") {
				t.Errorf("check before setup: status %d, %q; want the missing file named", status, errs)
			}
			status, out, errs := inPlace("", "setup", "--wait", "1m", "--dry-run")
			if status != 0 || !strings.Contains(out, "would: first set-up") || !strings.Contains(out, "nothing was changed") {
				t.Fatalf("--dry-run: status %d, %q, %q", status, out, errs)
			}
			for range 2 { // again: nothing left to do
				status, out, errs = inPlace("", "setup")
				if status != 0 || !strings.HasSuffix(out, "Heartline may write to both buckets\n") || errs != "" {
					t.Fatalf("status %d, %q, %q", status, out, errs)
				}
			}
			if strings.Contains(out, "made") {
				t.Errorf("the second time it said:\n%s", out)
			}
			if status, _, errs := inPlace("", "check"); status != 0 {
				t.Errorf("check after setup: status %d, %q", status, errs)
			}
			if err := os.WriteFile("secrets/token", []byte("another:one\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if status, _, errs := inPlace("", "setup"); status != 1 || !strings.Contains(errs, "delete secrets/token") {
				t.Errorf("with a wrong token: status %d, %q", status, errs)
			}
		})
	}
}

func TestSetupSaysWhatIsMissing(t *testing.T) {
	status, _, errs := command(t, "", "setup")
	if status != 2 || !strings.Contains(errs, "influxdb.url") {
		t.Errorf("status %d, %q", status, errs)
	}
	status, _, errs = command(t, "", "setup", "--influxdb.url", "http://127.0.0.1:1")
	if status != 1 || !strings.Contains(errs, "does not answer") {
		t.Errorf("status %d, %q", status, errs)
	}
}
