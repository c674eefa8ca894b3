package sim

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"github.com/seed-00829101/heartline/internal/freeport"
)

// broker is a real mosquitto on a port of its own.
type broker struct {
	t    *testing.T
	dir  string
	port string
	url  string
	cmd  *exec.Cmd
}

func startBroker(t *testing.T, config string) *broker {
	t.Helper()
	port := strconv.Itoa(freeport.Take(t))
	b := &broker{t: t, dir: t.TempDir(), port: port, url: "tcp://127.0.0.1:" + port}
	text := fmt.Sprintf("listener %s 127.0.0.1\npersistence true\npersistence_location %s/\nmax_queued_messages 0\n%s\n", port, b.dir, config)
	if err := os.WriteFile(filepath.Join(b.dir, "mosquitto.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *broker) start() {
	b.t.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		b.t.Fatalf("these tests need mosquitto (apt-get install mosquitto): %v", err)
	}
	b.cmd = exec.Command(path, "-c", filepath.Join(b.dir, "mosquitto.conf"))
	if os.Getuid() == 0 { // mosquitto changes to a user that cannot read t.TempDir()
		text, _ := os.ReadFile(filepath.Join(b.dir, "mosquitto.conf"))
		if !strings.Contains(string(text), "\nuser root") {
			_ = os.WriteFile(filepath.Join(b.dir, "mosquitto.conf"), append(text, "\nuser root\n"...), 0o600)
		}
	}
	if err := b.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	for until := time.Now().Add(2 * time.Minute); ; {
		c, err := net.Dial("tcp", "127.0.0.1:"+b.port)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(until) {
			b.t.Fatalf("mosquitto does not answer: %v", err)
		}
		time.Sleep(5 * time.Millisecond) // nothing tells when a foreign process listens
	}
}

func (b *broker) stop() {
	if b.cmd != nil {
		_ = b.cmd.Process.Signal(os.Interrupt)
		_ = b.cmd.Wait()
		b.cmd = nil
	}
}

// listener keeps every payload that arrives, by topic and text.
type listener struct {
	mu   sync.Mutex
	seen map[string]int
	more chan struct{}
}

func (b *broker) listen(clean bool) *listener {
	b.t.Helper()
	l := &listener{seen: map[string]int{}, more: make(chan struct{}, 1)}
	take := func(_ mqtt.Client, m mqtt.Message) {
		l.mu.Lock()
		l.seen[m.Topic()+" "+string(m.Payload())]++
		l.mu.Unlock()
		select {
		case l.more <- struct{}{}:
		default:
		}
	}
	subscribed := make(chan struct{}, 100)
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker(b.url).SetClientID("listener").SetCleanSession(clean).
		SetDefaultPublishHandler(take).SetMaxReconnectInterval(200 * time.Millisecond).
		SetOnConnectHandler(func(c mqtt.Client) {
			if token := c.Subscribe("factory/#", 1, take); token.Wait() && token.Error() == nil {
				subscribed <- struct{}{}
			}
		}))
	if token := c.Connect(); token.Wait() && token.Error() != nil {
		b.t.Fatal(token.Error())
	}
	<-subscribed
	b.t.Cleanup(func() { c.Disconnect(50) })
	return l
}

// await returns once every one of want was seen.
func (l *listener) await(t *testing.T, want []Message) {
	t.Helper()
	timeout := time.After(2 * time.Minute)
	for {
		missing := 0
		l.mu.Lock()
		for _, m := range want {
			if l.seen[m.Topic+" "+string(m.Payload)] == 0 {
				missing++
			}
		}
		l.mu.Unlock()
		if missing == 0 {
			return
		}
		select {
		case <-l.more:
		case <-timeout:
			t.Fatalf("%d of %d messages never arrived", missing, len(want))
		}
	}
}
