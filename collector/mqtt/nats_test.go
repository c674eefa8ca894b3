package mqtt

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/nats-io/nats-server/v2/server"
)

// newNATS starts a nats-server with its MQTT gateway and returns its address.
func newNATS(t *testing.T, ackWait time.Duration) string {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		ServerName: "test", DontListen: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir(),
		MQTT: server.MQTTOpts{Host: "127.0.0.1", Port: -1, AckWait: ackWait, MaxAckPending: 8192},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		t.Fatal("nats-server did not start")
	}
	var port int
	eventually(t, "nats-server's MQTT port", func() bool {
		v, err := s.Varz(nil)
		if err != nil {
			t.Fatal(err)
		}
		port = v.MQTT.Port
		return port > 0
	})
	return fmt.Sprintf("tcp://%s", net.JoinHostPort("127.0.0.1", fmt.Sprint(port)))
}

// nats-server redelivers by time on a live connection: what we hold must not
// be delivered twice.
func TestRedeliveryByTimeIsDroppedWhileHeld(t *testing.T) {
	url := newNATS(t, 200*time.Millisecond)
	inbox := newRecorder(t)
	c := run(t, Config{Servers: servers(url), Sources: sources(t, heartbeats)}, inbox)
	o := paho.NewClientOptions().AddBroker(url).SetClientID("publisher")
	p := paho.NewClient(o)
	if token := p.Connect(); token.Wait() && token.Error() != nil {
		t.Fatal(token.Error())
	}
	defer p.Disconnect(100)
	pub := func(payload string) {
		t.Helper()
		if token := p.Publish("factory/p/l/m/heartbeat", 1, false, payload); token.Wait() && token.Error() != nil {
			t.Fatal(token.Error())
		}
	}
	for _, payload := range []string{"1", "1", "2"} {
		pub(payload)
	}
	got := inbox.await(3)
	eventually(t, "redeliveries", func() bool { return c.States()[0].Redelivered >= 6 })
	ackAll(got)
	pub("marker")
	ackAll(inbox.await(4)[3:])
	eventually(t, "acknowledgements", func() bool { return c.States()[0].InFlight == 0 })
	if want := []string{"1", "1", "2", "marker"}; !slices.Equal(inbox.payloads(), want) {
		t.Errorf("delivered %q, want %q", inbox.payloads(), want)
	}
}

func TestUnacknowledgedComesAgainFromNATS(t *testing.T) {
	url := newNATS(t, time.Minute)
	cfg := Config{Servers: servers(url), Sources: sources(t, heartbeats)}
	inbox := newRecorder(t)
	c := run(t, cfg, inbox)
	c.Publish("factory/p/l/m/heartbeat", []byte("a"))
	got := inbox.await(1)
	c.stop()
	got[0].Ack() // too late
	again := newRecorder(t)
	c = run(t, cfg, again)
	ackAll(again.await(1))
	eventually(t, "the acknowledgement", func() bool { return c.States()[0].Acked >= 1 })
}
