//go:build storm

package e2e

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startDemo runs `heartline demo` and returns what it prints, line by line,
// and how to end it as Ctrl-C does.
func startDemo(t *testing.T, dir string) (lines chan string, addr addresses, end func()) {
	t.Helper()
	cmd := exec.Command(binary, "demo", "--data_dir", dir, "--mqtt.listen", "127.0.0.1:0", "--influxdb.listen", "127.0.0.1:0",
		"--http.listen", "127.0.0.1:0", "--influxdb.binary", "../../bin/influxd", "--min_free_disk", "16MiB")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines = make(chan string, 10_000)
	go func() {
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
		close(lines)
	}()
	awaitStories(t, lines, [][]string{{`Publish a heartbeat of your own`}})
	data, err := os.ReadFile(filepath.Join(dir, "addresses.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &addr); err != nil {
		t.Fatal(err)
	}
	return lines, addr, func() {
		t.Helper()
		_ = cmd.Process.Signal(syscall.SIGINT)
		for range lines { // until it is closed
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the demo ended with %v", err)
		}
		if left := processesOn(t, dir); len(left) > 0 {
			t.Errorf("still running: %q", left)
		}
	}
}

// awaitStories returns once each story was told in its own order. Which of two
// comes first hangs on where in a window of the clock the demo began.
func awaitStories(t *testing.T, lines chan string, stories [][]string) {
	t.Helper()
	for late := time.After(2 * patience); len(stories) > 0; {
		select {
		case line, open := <-lines:
			if !open {
				t.Fatalf("the demo ended without %q", stories)
			}
			for i, left := range stories {
				if regexp.MustCompile(left[0]).MatchString(line) {
					stories[i] = left[1:]
				}
			}
			stories = slices.DeleteFunc(stories, func(left []string) bool { return len(left) == 0 })
		case <-late:
			t.Fatalf("not told: %q", stories)
		}
	}
}

// The demo tells its story, ends at Ctrl-C, and keeps what it stored for the
// next one.
func TestStormDemo(t *testing.T) {
	dir := t.TempDir()
	lines, addr, end := startDemo(t, dir)
	awaitStories(t, lines, [][]string{
		{`plant shaoxing-07 +stopped`, `plant shaoxing-07 +ramping up`, `plant shaoxing-07 +resumed`},
		{`line pune-11/press-2 +stalled`},
	})
	if left := transitions(t, addr); !strings.Contains(left, `"resumed"`) {
		t.Errorf("the API does not know: %s", left)
	}
	stored := count(t, addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`)
	end()
	_, addr, end = startDemo(t, dir)
	if again := count(t, addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`); stored == 0 || again < stored {
		t.Errorf("the second start has %d points, the first had %d", again, stored)
	}
	if !strings.Contains(transitions(t, addr), `"resumed"`) {
		t.Error("the second start does not show what the first decided")
	}
	end()
}

func transitions(t *testing.T, addr addresses) string {
	t.Helper()
	h := &instance{t: t, addr: addr}
	var raw json.RawMessage
	h.get("/api/v1/transitions?kind=phase", &raw)
	return string(raw)
}
