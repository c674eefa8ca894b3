//go:build storm

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// trace runs heartline under strace, publishes one message and returns the
// system calls.
func trace(t *testing.T, publishTo func(h *instance) string, args ...string) []string {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("strace is missing; install it")
	}
	file := filepath.Join(t.TempDir(), "calls")
	h := launchBy(t, t.TempDir(), []string{"strace", "-f", "-s", "300", "-e", "trace=read,write,pwrite64,writev,sendto,recvfrom,fsync,fdatasync", "-o", file}, append([]string{"serve"}, args...)...)
	h.ready()
	pub(t, publishTo(h), "factory/p/l/tracedmachine/heartbeat", `{"seq":1,"good":1}`)
	eventually(t, "it is stored", func() bool {
		return count(t, h.addr.InfluxDB, "factory", `SELECT count(seq) FROM heartbeat`) == 1
	})
	_ = exec.Command("pkill", "-TERM", "-P", fmt.Sprint(h.cmd.Process.Pid)).Run()
	select {
	case <-h.exited:
	case <-time.After(patience):
		t.Fatal("heartline did not end under strace")
	}
	calls, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(calls), "\n")
}

// index finds the first call from at on that holds all words.
func index(t *testing.T, calls []string, from int, what string, match *regexp.Regexp) int {
	t.Helper()
	for i := from; i < len(calls); i++ {
		if match.MatchString(calls[i]) {
			return i
		}
	}
	t.Fatalf("no call is %s (%s) after call %d", what, match, from)
	return 0
}

var (
	// A block of a stream ends in .blk; strace shows descriptors only, so the
	// write is known by what is written, and the fsync by its descriptor.
	// A PUBACK begins what is written, and is of message 1: elsewhere, or with
	// another number, its bytes are anything's, like the length of a record.
	puback = regexp.MustCompile(`(write|sendto|writev)\(\d+, (\[\{iov_base=)?"@\\2\\0\\(1[^0-9]|001)`)
	synced = regexp.MustCompile(`(fsync|fdatasync)\((\d+)\)\s+= 0|<\.\.\. (fsync|fdatasync) resumed>\)\s+= 0`)
)

// Through Mosquitto: our PUBACK comes after our frame was synced.
func TestStormFsyncComesBeforePuback(t *testing.T) {
	m := startMosquitto(t)
	calls := trace(t, func(*instance) string { return m.url() }, "--config", m.config(t, ""))
	frame := index(t, calls, 0, "the frame's write", regexp.MustCompile(`(write|pwrite64|writev)\(\d+, .*machine=tracedmachine`))
	sync := index(t, calls, frame, "its fsync", synced)
	ack := index(t, calls, 0, "our PUBACK", puback)
	if ack < sync {
		t.Errorf("the PUBACK is call %d, the fsync %d, the frame's write %d:\n%s\n%s\n%s", ack, sync, frame, calls[ack], calls[sync], calls[frame])
	}
}

// Through the embedded broker: the publisher's PUBACK comes after its message
// was synced.
func TestStormFsyncComesBeforeTheEmbeddedBrokersPuback(t *testing.T) {
	calls := trace(t, func(h *instance) string { return h.addr.MQTT })
	received := index(t, calls, 0, "the message", regexp.MustCompile(`(read|recvfrom)\(\d+, .*tracedmachine|<\.\.\. (read|recvfrom) resumed>.*tracedmachine`))
	stored := index(t, calls, received, "its write", regexp.MustCompile(`(write|pwrite64)\(\d+, .*tracedmachine`))
	sync := index(t, calls, stored, "its fsync", synced)
	ack := index(t, calls, received, "the PUBACK", puback)
	if ack < sync {
		t.Errorf("the PUBACK is call %d, the fsync %d:\n%s\n%s", ack, sync, calls[ack], calls[sync])
	}
}

// A disk that refuses to sync stops heartline, loudly, and nothing more is
// acknowledged.
func TestStormFailedFsyncStopsIt(t *testing.T) {
	m := startMosquitto(t)
	h := serve(t, t.TempDir(), "--config", m.config(t, ""))
	inject := exec.Command("strace", "-f", "-p", fmt.Sprint(h.cmd.Process.Pid), "-e", "trace=fsync,fdatasync",
		"-e", "inject=fsync,fdatasync:error=EIO", "-o", filepath.Join(t.TempDir(), "calls"))
	if err := inject.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = inject.Process.Kill(); _ = inject.Wait() }()
	late := time.After(3 * patience) // it starts its server anew first, a few times
	for i := 0; ; i++ {
		select {
		case <-late:
			t.Fatal("heartline goes on though nothing can be synced")
		case <-h.exited:
			if got := h.cmd.ProcessState.ExitCode(); got != 1 {
				t.Errorf("exit status %d, want 1", got)
			}
			if log := h.log(); !strings.Contains(log, "input/output error") {
				t.Errorf("the log does not say why:\n%s", log)
			}
			return
		case <-time.After(100 * time.Millisecond):
			_ = exec.Command("mosquitto_pub", "-p", fmt.Sprint(m.port), "-q", "1", "-t", "factory/p/l/m/heartbeat", "-m", fmt.Sprintf(`{"seq":%d,"good":1}`, i)).Run()
		}
	}
}
