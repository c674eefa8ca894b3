package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/internal/freeport"
	"github.com/seed-00829101/heartline/plant"
)

func influxConfig(t *testing.T, dir string) (InfluxConfig, *logBuffer) {
	log, lines := logTo(t)
	return InfluxConfig{
		Binary: influxd(t), Dir: filepath.Join(dir, "influxdb"), Listen: "127.0.0.1:0",
		Bucket: "factory", Retention: 90 * 24 * time.Hour, VerdictBucket: "verdicts", Log: log,
	}, lines
}

func startInflux(t *testing.T, cfg InfluxConfig) *Influx {
	t.Helper()
	x, err := StartInflux(within(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c := x.current()
		if err := x.Stop(within(t)); err != nil {
			t.Error(err)
		}
		if !gone(c.pid) || !gone(c.guard.Process.Pid) {
			t.Error("a process was left behind")
		}
	})
	return x
}

func writePoint(t *testing.T, base, line string) {
	t.Helper()
	resp, err := http.Post(base+"/write?db=factory", "text/plain", bytes.NewReader([]byte(line)))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("write: %s", resp.Status)
	}
}

// ask returns the rows of one InfluxQL query.
func ask(t *testing.T, base, q string) [][]any {
	t.Helper()
	resp, err := http.Get(base + "/query?" + url.Values{"db": {"factory"}, "q": {q}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Results []struct{ Series []struct{ Values [][]any } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Results) == 0 || len(answer.Results[0].Series) == 0 {
		return nil
	}
	return answer.Results[0].Series[0].Values
}

func rows(t *testing.T, base string) int { return len(ask(t, base, "SELECT good FROM heartbeat")) }

func (x *Influx) answersAnew(t *testing.T, old *child) {
	t.Helper()
	until(t, "influxd is back", func() bool {
		c := x.current()
		return c != old && c.pid != 0 && x.healthy(within(t))
	})
}

func TestInfluxdStartsWithItsDatabasesAndKeepsThemOverAStop(t *testing.T) {
	dir := t.TempDir()
	cfg, _ := influxConfig(t, dir)
	x := startInflux(t, cfg)
	writePoint(t, x.URL(), "heartbeat,machine=m1 good=1i")
	if err := x.Stop(within(t)); err != nil {
		t.Fatal(err)
	}
	cfg.Retention = 24 * time.Hour // shorter than one shard was
	x = startInflux(t, cfg)
	if n := rows(t, x.URL()); n != 1 {
		t.Errorf("%d points after a restart, want 1", n)
	}
	for db, want := range map[string]string{"factory": "24h0m0s", "verdicts": "0s"} {
		var got [][]any
		for _, r := range ask(t, x.URL(), "SHOW RETENTION POLICIES ON "+db) {
			got = append(got, []any{r[0], r[1], r[len(r)-1]})
		}
		if diff := cmp.Diff([][]any{{"autogen", want, true}}, got); diff != "" {
			t.Errorf("%s: %s", db, diff)
		}
	}
	for _, r := range ask(t, x.URL(), "SHOW DATABASES") {
		if r[0] == "_internal" {
			t.Error("influxd stores its own statistics")
		}
	}
}

func TestKilledInfluxdComesBackOnTheSameAddressWithItsData(t *testing.T) {
	cfg, lines := influxConfig(t, t.TempDir())
	x := startInflux(t, cfg)
	base, first := x.URL(), x.current()
	writePoint(t, base, "heartbeat,machine=m1 good=1i")
	if err := syscall.Kill(first.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	x.answersAnew(t, first)
	if x.URL() != base || rows(t, base) != 1 {
		t.Errorf("at %s with %d points, want %s with 1", x.URL(), rows(t, base), base)
	}
	until(t, "the log tells of both", func() bool {
		return lines.has("is started again") && lines.has("answers again")
	})
}

func TestKilledGuardTakesInfluxdAlongAndBothComeBack(t *testing.T) {
	cfg, _ := influxConfig(t, t.TempDir())
	x := startInflux(t, cfg)
	first := x.current()
	if err := first.guard.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "the first influxd is gone", func() bool { return gone(first.pid) })
	x.answersAnew(t, first)
}

func TestGuardDoesNotHeedTheTerminalAndAStopWithoutPatienceKills(t *testing.T) {
	cfg, _ := influxConfig(t, t.TempDir())
	x := startInflux(t, cfg)
	c := x.current()
	// Patience that is over already: Stop kills, and still leaves nothing.
	defer func() {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		_ = x.Stop(over) // an error, or influxd was faster
		if !gone(c.pid) || !gone(c.guard.Process.Pid) {
			t.Error("a process was left behind")
		}
	}()
	group, err := syscall.Getpgid(c.pid)
	if err != nil || group != c.guard.Process.Pid || group == syscall.Getpgrp() {
		t.Errorf("influxd is in group %d (%v), want the guard's, %d", group, err, c.guard.Process.Pid)
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if err := syscall.Kill(c.guard.Process.Pid, s); err != nil {
			t.Fatal(err)
		}
	}
	if gone(c.guard.Process.Pid) || !x.healthy(within(t)) {
		t.Error("the guard or influxd ended")
	}
}

func TestStartWaitsForAnInfluxdThatIsEnding(t *testing.T) {
	cfg, log := influxConfig(t, t.TempDir())
	l, err := net.Listen("tcp", freeport.Address(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen = l.Addr().String()
	go func() {
		defer l.Close()
		for !log.has("waiting for an influxd that may be ending") && t.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
	}()
	if x := startInflux(t, cfg); x.URL() != "http://"+cfg.Listen {
		t.Errorf("it answers at %s, want %s", x.URL(), cfg.Listen)
	}
}

func TestTakenOrBadInfluxAddressIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for listen, code := range map[string]plant.Code{
		l.Addr().String(): plant.CodeConflict, "8086": plant.CodeInvalid,
	} {
		cfg, _ := influxConfig(t, t.TempDir())
		cfg.Listen = listen
		_, err := StartInflux(within(t), cfg)
		if plant.CodeOf(err) != code || !contains(err.Error(), listen, "influxdb.listen") {
			t.Errorf("listen %q: got %v, want %s and a sentence that names it", listen, err, code)
		}
	}
}

func TestInfluxdThatEndsAtOnceIsQuoted(t *testing.T) {
	cfg, _ := influxConfig(t, t.TempDir())
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cfg.Dir, "meta"), nil, 0o600); err != nil { // a file where it wants a directory
		t.Fatal(err)
	}
	_, err := StartInflux(within(t), cfg)
	if plant.CodeOf(err) != plant.CodeUnavailable || !contains(err.Error(), "influxdb.listen", "meta") {
		t.Errorf("got %v, want influxd's own words", err)
	}
}

func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "influxd")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOtherBinariesThanInfluxdAreRefused(t *testing.T) {
	for said, want := range map[string]string{
		"echo 'InfluxDB v3.4.1 (git: abc) build_date: x'": "run it yourself and set influxdb.url",
		"echo hello": "is no influxd",
		"exit 3":     "version` failed",
	} {
		if _, err := majorOf(within(t), script(t, said)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", said, err, want)
		}
	}
	for version, want := range map[string]int{"v1.8.10 (git: 1.8 abc)": 1, "1.8.10": 1, "v2.7.12 (git: abc) build_date: x": 2} {
		if got, err := majorOf(within(t), script(t, "echo 'InfluxDB "+version+"'")); got != want || err != nil {
			t.Errorf("%s: %d, %v; want %d", version, got, err, want)
		}
	}
}

func TestInfluxdIsFoundByFlagThenPathThenBin(t *testing.T) {
	onPath, named := script(t, ""), script(t, "")
	t.Setenv("PATH", filepath.Dir(onPath))
	if got, err := FindInfluxd(named); got != named {
		t.Errorf("flag: %q, %v", got, err)
	}
	if got, err := FindInfluxd(""); got != onPath {
		t.Errorf("PATH: %q, %v", got, err)
	}
	t.Setenv("PATH", "")
	work, _ := filepath.EvalSymlinks(t.TempDir())
	t.Chdir(work)
	if _, err := FindInfluxd(""); plant.CodeOf(err) != plant.CodeNotFound || !contains(err.Error(), "make influxd") {
		t.Errorf("nowhere: %v", err)
	}
	if _, err := FindInfluxd("/nowhere/influxd"); plant.CodeOf(err) != plant.CodeInvalid {
		t.Errorf("bad flag: %v", err)
	}
	inBin := filepath.Join(work, "bin", "influxd")
	_ = os.Mkdir(filepath.Dir(inBin), 0o700)
	if err := os.Rename(named, inBin); err != nil {
		t.Fatal(err)
	}
	if got, err := FindInfluxd(""); got != inBin {
		t.Errorf("bin: %q, %v", got, err)
	}
}

func TestLogfmtIsRead(t *testing.T) {
	got := parseLogfmt(`ts=2026 lvl=error msg="cannot \"open\" x" log_id=1 error="a b" loose empty=`)
	want := map[string]string{"ts": "2026", "lvl": "error", "msg": `cannot "open" x`, "log_id": "1", "error": "a b", "empty": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
