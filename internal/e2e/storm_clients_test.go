//go:build storm

package e2e

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/seed-00829101/heartline/internal/freeport"
)

// A gateway connects a thousand times, publishes, and cuts the line without a
// word. The broker may turn one away that comes back so fast; what it
// acknowledged is stored. Another gateway is served all the while, and nothing
// is left in the end.
func TestStormAGatewayThatReconnectsAThousandTimes(t *testing.T) {
	const times = 1000
	h := serve(t, t.TempDir())
	address := strings.TrimPrefix(h.addr.MQTT, "tcp://")
	pub(t, h.addr.MQTT, "factory/p/l/steady/heartbeat", `{"seq":0,"good":0}`)
	h.settled(1)
	before := h.metric("go_goroutines")
	base := time.Now().UnixMilli()
	var steady sync.WaitGroup
	steady.Go(func() {
		publish(t, func() string { return h.addr.MQTT }, "factory/p/l/steady/heartbeat", 1, times, 1, func(int) {})
	})
	acked := 0
	for i := range times {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if flap(c, fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, base+int64(i), i, i)) == nil {
			acked++
		}
		c.Close()
	}
	steady.Wait()
	t.Logf("%d of %d connections came to a PUBACK", acked, times)
	points := func(machine string) int {
		return count(t, h.addr.InfluxDB, "factory", fmt.Sprintf(`SELECT count(seq) FROM heartbeat WHERE machine = '%s'`, machine))
	}
	eventually(t, "what either gateway's messages came to is stored", func() bool {
		return acked > 0 && points("m") >= acked && points("steady") == times+1
	})
	if got := h.settledOnce(uint64(times + acked + 1)); got.Stored < uint64(times+acked+1) || got.DeadLettered > 0 {
		t.Errorf("the ledger has %+v, want %d stored", got, times+acked+1)
	}
	eventually(t, "nothing is left of it", func() bool { return h.metric("go_goroutines") <= before+10 })
	h.stop()
}

// flap is one life of the gateway: connect, publish once, wait for the PUBACK.
func flap(c net.Conn, payload string) error {
	_ = c.SetDeadline(time.Now().Add(patience))
	hello := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	hello.ProtocolName, hello.ProtocolVersion, hello.ClientIdentifier, hello.Keepalive, hello.CleanSession = "MQTT", 4, "flapping", 60, true
	word := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	word.Qos, word.MessageID, word.TopicName, word.Payload = 1, 1, "factory/p/l/m/heartbeat", []byte(payload)
	for _, step := range []struct {
		send packets.ControlPacket
		want string
	}{{hello, "CONNACK"}, {word, "PUBACK"}} {
		if err := step.send.Write(c); err != nil {
			return err
		}
		got, err := packets.ReadPacket(c)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(got.String(), step.want) {
			return fmt.Errorf("the answer is %s, want %s", got, step.want)
		}
	}
	return nil
}

// Two Heartlines have one client id: one of them steps back and says why, the
// other takes everything; what either took adds up in its own ledger.
func TestStormTwoHeartlinesOfOneName(t *testing.T) {
	const messages = 500
	m := startMosquitto(t)
	config := m.config(t, "")
	both := []*instance{serve(t, t.TempDir(), "--config", config), serve(t, t.TempDir(), "--config", config)}
	loser := -1
	eventually(t, "one steps back", func() bool {
		for i, h := range both {
			if holds(h.log(), []string{"stepping back", "mqtt.client_id"}) {
				loser = i
			}
		}
		return loser >= 0
	})
	winner := both[1-loser]
	eventually(t, "the other is connected", func() bool { return winner.metric(`heartline_broker_connected{broker="floor"}`) == 1 })
	publish(t, m.url, "factory/p/l/m/heartbeat", 1, messages, 50, func(int) {})
	if got := winner.settledOnce(messages); got.Stored != messages {
		t.Errorf("the winner's ledger has %+v, want %d stored", got, messages)
	}
	if got := both[loser].settled(0); got.Received != 0 {
		t.Errorf("the loser's ledger has %+v", got)
	}
	if n := strings.Count(both[loser].log(), "stepping back"); n != 1 {
		t.Errorf("it is said %d times, want once:\n%s", n, both[loser].log())
	}
	both[0].stop()
	both[1].stop()
}

// One broker accepts connections and never answers; another works. The log
// says which does not, the other's messages are stored, and it ends in time.
func TestStormABrokerThatNeverAnswers(t *testing.T) {
	for name, answers := range map[string][]byte{
		"not even to CONNECT": nil,
		"only to CONNECT":     {0x20, 2, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = c.Write(answers)
					go func() { _, _ = io.Copy(io.Discard, c) }()
				}
			}()
			m := startMosquitto(t)
			config := writeFile(t, "heartline.yaml", fmt.Sprintf("mqtt:\n  servers:\n    - {name: dumb, url: \"tcp://%s\"}\n    - {name: floor, url: %q}\n", l.Addr(), m.url()))
			http := freeport.Address(t)
			h := launch(t, t.TempDir(), "serve", "--config", config, "--http.listen", http)
			h.awaitLog("connected to the broker", "broker=floor")
			publish(t, m.url, "factory/p/l/m/heartbeat", 1, 200, 50, func(int) {})
			h.awaitLog("broker=dumb", "does not answer")
			h.addr.HTTP = "http://" + http // not everything answers
			if got := h.settledOnce(200); got.Stored != 200 {
				t.Errorf("the ledger has %+v, want 200 stored", got)
			}
			if up := h.metric(`heartline_broker_connected{broker="dumb"}`); up != 0 {
				t.Errorf("the broker that never answers is connected: %v", up)
			}
			h.stop()
		})
	}
}
