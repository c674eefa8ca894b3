package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/internal/freeport"
)

const (
	binary = "../../bin/heartline"
	// patience is how long anything may take before the test gives up; it
	// is no measure of how long it should.
	patience = 3 * time.Minute
)

// instance is a running heartline.
type instance struct {
	t      *testing.T
	dir    string // its data directory
	cmd    *exec.Cmd
	addr   addresses
	exited chan struct{}
	err    error // of Wait; set before exited is closed

	mu    sync.Mutex // guards what follows: written by the log's reader
	lines []string
	said  chan struct{} // closed and replaced with every line
}

type addresses struct{ MQTT, InfluxDB, HTTP string }

// launch starts `heartline args...` on dir with free ports and does not wait.
func launch(t *testing.T, dir string, args ...string) *instance {
	t.Helper()
	return launchBy(t, dir, nil, args...)
}

const fluxEnabled = "INFLUXDB_HTTP_FLUX_ENABLED="

// withFlux, for launchBy, has influxd answer Flux, as it does outside of tests:
// that costs it seconds of work at every start.
var withFlux = []string{"env", fluxEnabled + "true"}

// launchBy is launch under another command, like strace.
func launchBy(t *testing.T, dir string, by []string, args ...string) *instance {
	t.Helper()
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("%s is not built; run make build influxd", binary)
	}
	whole := append(append([]string{}, by...), binary, args[0], "--data_dir", dir, "--mqtt.listen", freeport.Address(t),
		"--influxdb.listen", freeport.Address(t), "--influxdb.binary", "../../bin/influxd",
		"--http.listen", "127.0.0.1:0", "--min_free_disk", "16MiB")
	whole = append(whole, args[1:]...)
	h := &instance{t: t, dir: dir, exited: make(chan struct{}), said: make(chan struct{})}
	h.cmd = exec.Command(whole[0], whole[1:]...)
	h.cmd.Env = append(os.Environ(), "HEARTLINE_SHARED=", fluxEnabled+"false")
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log, err := h.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() { defer close(read); h.read(log) }()
	go func() { <-read; h.err = h.cmd.Wait(); close(h.exited) }()
	t.Cleanup(func() {
		h.kill()
		if t.Failed() {
			t.Logf("the log of heartline in %s:\n%s", dir, h.log())
		}
	})
	return h
}

// serve starts `heartline serve` and waits until everything answers.
func serve(t *testing.T, dir string, args ...string) *instance {
	t.Helper()
	h := launch(t, dir, append([]string{"serve"}, args...)...)
	h.ready()
	return h
}

func (h *instance) read(r io.Reader) {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		h.mu.Lock()
		h.lines = append(h.lines, scan.Text())
		close(h.said)
		h.said = make(chan struct{})
		h.mu.Unlock()
	}
}

func (h *instance) log() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.lines, "\n")
}

// awaitLog waits for a line of the log that holds all words.
func (h *instance) awaitLog(words ...string) string {
	h.t.Helper()
	late := time.After(patience)
	for i := 0; ; {
		h.mu.Lock()
		said := h.said
		for ; i < len(h.lines); i++ {
			if holds(h.lines[i], words) {
				line := h.lines[i]
				h.mu.Unlock()
				return line
			}
		}
		h.mu.Unlock()
		select {
		case <-said:
		case <-h.exited:
			if !holds(h.log(), words) {
				h.t.Fatalf("heartline ended (%v) without a word of %q:\n%s", h.err, words, h.log())
			}
		case <-late:
			h.t.Fatalf("nothing in the log says %q", words)
		}
	}
}

func holds(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// ready waits until everything answers, and reads where.
func (h *instance) ready() {
	h.t.Helper()
	h.awaitLog("everything answers")
	data, err := os.ReadFile(filepath.Join(h.dir, "addresses.json"))
	if err != nil {
		h.t.Fatal(err)
	}
	if err := json.Unmarshal(data, &h.addr); err != nil {
		h.t.Fatal(err)
	}
}

// kill is kill -9, and waits for the end.
func (h *instance) kill() {
	_ = h.cmd.Process.Kill()
	<-h.exited
}

// stop is SIGTERM; the exit status must be 0, which it is not after a stop that
// took too long, and nothing may be left behind.
func (h *instance) stop() {
	h.t.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.t.Fatal(err)
	}
	select {
	case <-h.exited:
	case <-time.After(patience):
		h.t.Fatal("heartline did not end at SIGTERM")
	}
	if h.err != nil {
		h.t.Fatalf("heartline ended with %v", h.err)
	}
	if _, err := os.Stat(filepath.Join(h.dir, "addresses.json")); !errors.Is(err, os.ErrNotExist) {
		h.t.Error("addresses.json is still there")
	}
	if left := processesOn(h.t, h.dir); len(left) > 0 {
		h.t.Errorf("still running: %q", left)
	}
}

// wait waits for the end and returns the exit status.
func (h *instance) wait() int {
	h.t.Helper()
	select {
	case <-h.exited:
	case <-time.After(patience):
		h.t.Fatalf("heartline did not end:\n%s", h.log())
	}
	return h.cmd.ProcessState.ExitCode()
}

// processesOn returns the command lines of the processes that name dir.
func processesOn(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range all {
		line, err := os.ReadFile(name)
		if err == nil && bytes.Contains(line, []byte(dir)) {
			out = append(out, string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	}
	return out
}

// get fetches path from the console and decodes its JSON into v.
func (h *instance) get(path string, v any) {
	h.t.Helper()
	resp, err := http.Get(h.addr.HTTP + path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
		h.t.Fatalf("%s: %v", path, err)
	}
}

// awaitADayWithRoom returns at once but in the last minutes of a day of UTC, where
// it returns once the next has begun: what follows asks for one day's figures.
func awaitADayWithRoom() {
	if left := 24*time.Hour - time.Duration(time.Now().UnixNano())%(24*time.Hour); left < 3*time.Minute {
		time.Sleep(left)
	}
}

// eventually asks until ok says yes; for what cannot be awaited, like what
// another program's server answers.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(late) {
			t.Fatalf("it never came true that %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
