// Package influxdtest runs real InfluxDBs for tests, 1.8 and 2.7 alike: start,
// kill, start again on the same data.
package influxdtest

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/internal/freeport"
)

// The versions, as they are spoken of.
const (
	V1 = "1.8"
	V2 = "2.7"
)

// Versions are all of them, in order.
var Versions = []string{V1, V2}

// Server is an InfluxDB in a directory of its own. Its fields may be changed
// between Kill and Start. It is used by one goroutine.
type Server struct {
	Version string
	URL     string
	// Auth has 1.8 ask who one is; 2.7 always does.
	Auth bool
	// Flux has 1.8 answer Flux, which costs it seconds of work at every start;
	// 2.7 always does.
	Flux bool
	// MaxValuesPerTag is a limit of 1.8; 0: none.
	MaxValuesPerTag int

	binary, dir string
	pid         int
	stdin       io.Closer // closed: the guard kills influxd
	guard       *exec.Cmd
}

// New returns a server that is not running and keeps its data in dir. Where
// 2.7 was not built, t is skipped.
func New(t testing.TB, version, dir string) *Server {
	t.Helper()
	return &Server{Version: version, URL: "http://" + freeport.Address(t), binary: find(t, version), dir: dir}
}

// Run starts a server that ends with t.
func Run(t testing.TB, version string, change ...func(*Server)) *Server {
	t.Helper()
	s := New(t, version, t.TempDir())
	for _, c := range change {
		c(s)
	}
	t.Cleanup(s.Kill)
	s.Start(t)
	return s
}

// find finds the program on PATH, or where make puts it.
func find(t testing.TB, version string) string {
	t.Helper()
	name := "influxd"
	if version == V2 {
		name = "influxd2"
	}
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for dir := "."; ; dir = filepath.Join(dir, "..") {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			path, err := filepath.Abs(filepath.Join(dir, "bin", name))
			if err == nil {
				_, err = os.Stat(path)
			}
			if err == nil {
				return path
			}
			break
		}
		if abs, err := filepath.Abs(dir); err != nil || abs == "/" {
			break
		}
	}
	if version == V2 {
		t.Skip("no influxd2, which needs cargo to build: run make influxd2")
	}
	t.Fatal("no influxd: run make influxd")
	return ""
}

// Start runs influxd under a shell that kills it when this process ends,
// however it ends, and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.guard = exec.Command("sh", "-c", `log=$0; "$@" 2>>"$log" </dev/null >/dev/null & echo $!; cat >/dev/null; kill -9 $!; wait`)
	s.guard.Args = append(append(s.guard.Args, filepath.Join(s.dir, "log"), s.binary), s.args(t)...)
	stdin, err := s.guard.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := s.guard.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.guard.Start(); err != nil {
		t.Fatal(err)
	}
	s.stdin = stdin
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if s.pid, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		t.Fatal(err)
	}
	for range 1200 {
		resp, err := http.Get(s.URL + "/health")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	t.Fatalf("InfluxDB %s does not answer at %s:\n%s", s.Version, s.URL, log)
}

// Kill ends influxd with SIGKILL. It may be started again.
func (s *Server) Kill() {
	if s.pid == 0 {
		return
	}
	_ = syscall.Kill(s.pid, syscall.SIGKILL)
	_ = s.stdin.Close()
	_ = s.guard.Wait()
	s.pid = 0
}

func (s *Server) args(t testing.TB) []string {
	t.Helper()
	address := strings.TrimPrefix(s.URL, "http://")
	in := func(name string) string { return filepath.Join(s.dir, name) }
	if s.Version == V2 {
		return []string{"--reporting-disabled", "--log-level", "error", "--http-bind-address", address,
			"--bolt-path", in("influxd.bolt"), "--sqlite-path", in("influxd.sqlite"), "--engine-path", in("engine")}
	}
	index := "tsi1"
	if s.MaxValuesPerTag > 0 {
		index = "inmem" // the only one that knows this limit
	}
	text := fmt.Sprintf(conf, in("meta"), in("data"), in("wal"), index, s.MaxValuesPerTag, address, s.Auth, s.Flux)
	if err := os.WriteFile(in("influxd.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"-config", in("influxd.conf")}
}

const conf = `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = %q
[data]
  dir = %q
  wal-dir = %q
  index-version = %q
  max-series-per-database = 0
  max-values-per-tag = %d
[http]
  bind-address = %q
  auth-enabled = %t
  flux-enabled = %t
  log-enabled = false
[monitor]
  store-enabled = false
`
