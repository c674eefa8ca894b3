package mqtt

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/internal/freeport"
)

// patience is how long tests wait for an event before they call it lost.
const patience = 2 * time.Minute

// broker is a real Mosquitto in a directory of the test's.
type broker struct {
	t    testing.TB
	dir  string
	port int
	cmd  *exec.Cmd
	log  chan string // closed when it has ended
}

// newBroker starts a Mosquitto that keeps what it acknowledged, with more
// lines of configuration at the end of its listener's.
func newBroker(t testing.TB, lines ...string) *broker {
	t.Helper()
	b := &broker{t: t, dir: t.TempDir(), port: freeport.Take(t)}
	conf := fmt.Sprintf(`persistence true
persistence_location %s/
autosave_interval 0
max_queued_messages 0
max_inflight_messages 1000
user root
listener %d 127.0.0.1
`, b.dir, b.port) + strings.Join(lines, "\n") + "\n"
	if !strings.Contains(conf, "password_file") {
		conf += "allow_anonymous true\n"
	}
	b.write("mosquitto.conf", conf)
	b.start()
	t.Cleanup(b.kill)
	return b
}

// write puts a file beside the broker's and returns its path.
func (b *broker) write(name, content string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

func (b *broker) url() string { return fmt.Sprintf("tcp://127.0.0.1:%d", b.port) }

// start returns once the broker takes connections.
func (b *broker) start() {
	b.t.Helper()
	b.cmd = exec.Command("mosquitto", "-c", filepath.Join(b.dir, "mosquitto.conf"))
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := b.cmd.StderrPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		b.t.Fatalf("mosquitto must be installed for these tests (apt-get install mosquitto mosquitto-clients): %v", err)
	}
	up := make(chan struct{})
	b.log = make(chan string, 10000)
	go func() {
		defer close(b.log)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.HasSuffix(lines.Text(), " running") {
				close(up)
			}
			select {
			case b.log <- lines.Text():
			default:
			}
		}
	}()
	select {
	case <-up:
	case <-time.After(patience):
		b.t.Fatal("mosquitto did not start")
	}
	b.answer()
}

// answer waits until the broker answers anything to a CONNECT: a SIGTERM that
// comes between its word that it runs and its loop would be forgotten.
func (b *broker) answer() {
	b.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(b.url(), "tcp://"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, _ = c.Write([]byte("\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05probe"))
	if _, err := c.Read(make([]byte, 4)); errors.Is(err, os.ErrDeadlineExceeded) {
		b.t.Fatal("mosquitto does not answer")
	}
}

// stop ends the broker with SIGTERM, as its unit file does.
func (b *broker) stop() {
	b.t.Helper()
	_ = b.cmd.Process.Signal(syscall.SIGTERM)
	b.wait()
}

func (b *broker) kill() {
	_ = b.cmd.Process.Kill()
	b.wait()
}

func (b *broker) wait() {
	for range b.log {
	}
	_ = b.cmd.Wait()
}

// pub publishes with mosquitto_pub, which returns once the broker has
// acknowledged.
func (b *broker) pub(topic, payload string, args ...string) {
	b.t.Helper()
	args = append([]string{"-p", fmt.Sprint(b.port), "-q", "1", "-t", topic, "-m", payload}, args...)
	if out, err := exec.Command("mosquitto_pub", args...).CombinedOutput(); err != nil {
		b.t.Fatalf("mosquitto_pub: %v: %s", err, out)
	}
}

// pubLines publishes each line as a message of its own.
func (b *broker) pubLines(topic string, lines []string) {
	b.t.Helper()
	cmd := exec.Command("mosquitto_pub", "-p", fmt.Sprint(b.port), "-q", "1", "-t", topic, "-l")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("mosquitto_pub: %v: %s", err, out)
	}
}
