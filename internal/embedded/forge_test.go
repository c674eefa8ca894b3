package embedded

import (
	"io"
	"net"
	"testing"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/nats-io/nats.go/jetstream"
)

func TestForgedMessagesAreRefusedAndChangeNothing(t *testing.T) {
	cfg, lines := natsConfig(t, t.TempDir())
	n := startNATS(t, cfg)
	stream := homeStream(t, n)
	js, _ := jetstream.New(n.Conn())
	if _, err := js.Publish(within(t), "samples.0", []byte("frame")); err != nil {
		t.Fatal(err)
	}
	user, password := n.InternalLogin()
	status, _ := client(t, n, "status", user, password, true)
	finish(t, status.Publish("heartline/v1/plants/p/phase", 1, true, "resumed"))
	_, heartbeats := ours(t, n)

	forger, seen := client(t, n, "forger", "", "", true)
	finish(t, forger.Subscribe("heartline/v1/#", 1, nil))
	if r := next(t, seen); r.Payload != "resumed" {
		t.Fatalf("an anonymous client reads %v", r)
	}
	for _, topic := range []string{
		"samples/0", "$JS/API/STREAM/PURGE/samples", "$JS/API/STREAM/PURGE/$MQTT_msgs", "$JS/API/STREAM/DELETE/$MQTT_msgs",
		"heartline/v1/plants/p/phase", "heartline/v1", "$MQTT/msgs/factory/p/l/m/heartbeat", "$MQTT/rmsgs/heartline/v1/plants/p/phase",
		"$SYS/REQ/SERVER/PING", "$MQTT/sub/x",
	} {
		for _, qos := range []byte{0, 1, 2} {
			finish(t, forger.Publish(topic, qos, true, "forged"))
		}
		if !lines.has("client=forger") || !lines.has("topic="+topic) {
			t.Errorf("the log does not name %s", topic)
		}
	}
	// What comes after proves that the connection lived, and comes first.
	finish(t, forger.Publish("factory/p/l/m/heartbeat", 1, false, "real"))
	if r := next(t, heartbeats); r.Payload != "real" {
		t.Errorf("our subscriber got %v", r)
	}
	finish(t, status.Publish("heartline/v1/plants/p/phase", 1, true, "stopped"))
	if r := next(t, seen); r.Payload != "stopped" {
		t.Errorf("a forged status went out: %v", r)
	}
	late, seenLate := client(t, n, "late", "", "", true)
	finish(t, late.Subscribe("heartline/v1/#", 1, nil))
	if r := next(t, seenLate); r.Payload != "stopped" {
		t.Errorf("the retained status is %v", r)
	}
	if c := count(t, stream); c != 1 {
		t.Errorf("our stream holds %d messages, want 1", c)
	}
}

func TestLastWillCannotForgeAStatus(t *testing.T) {
	cfg, lines := natsConfig(t, t.TempDir())
	n := startNATS(t, cfg)
	conn, err := net.Dial("tcp", n.mqtt)
	if err != nil {
		t.Fatal(err)
	}
	topic := "heartline/v1/x"
	packet := append([]byte{0x10, byte(10 + 2 + 3 + 2 + len(topic) + 2 + 6), 0, 4, 'M', 'Q', 'T', 'T', 4, 0x26, 0, 60, 0, 3, 'b', 'a', 'd',
		0, byte(len(topic))}, topic...)
	packet = append(append(packet, 0, 6), "forged"...)
	if _, err := conn.Write(packet); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	until(t, "the will is refused", func() bool { return lines.has("topic=" + topic) })
}

func TestOurClientIDAndNamesAreOursAlone(t *testing.T) {
	cfg, lines := natsConfig(t, t.TempDir())
	n := startNATS(t, cfg)
	mine, got := ours(t, n)
	for _, login := range [][2]string{{"", ""}, {"gateway", "secret"}, {internalUser, "guess"}, {queueUser, ""}, {brokerUser, ""}} {
		id := "heartline-test"
		if login[0] != "" && login[0] != "gateway" {
			id = "other"
		}
		c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker(n.MQTTURL()).SetClientID(id).SetCleanSession(true).
			SetUsername(login[0]).SetPassword(login[1]).SetAutoReconnect(false))
		if err := await(within(t), c.Connect()); err == nil {
			t.Errorf("%q got in with client id %q", login[0], id)
		}
	}
	if !lines.has("Heartline's own") {
		t.Error("the log does not say why")
	}
	gateway, _ := client(t, n, "gw-1", "gateway", "secret", true) // any name of its own will do
	finish(t, gateway.Publish("factory/p/l/m/heartbeat", 1, false, "1"))
	if next(t, got); !mine.IsConnected() {
		t.Error("our session was thrown out")
	}
}

func TestTopicWithWhiteSpaceIsNamedInTheLog(t *testing.T) {
	cfg, lines := natsConfig(t, t.TempDir())
	n := startNATS(t, cfg)
	for range 2 {
		gateway, _ := client(t, n, "gw-1", "", "", true)
		gateway.Publish("factory/p/line 1/m/heartbeat", 1, false, "1")
		until(t, "the connection is closed", func() bool { return !gateway.IsConnectionOpen() })
	}
	for _, want := range []string{"client=gw-1", `topic="factory/p/line 1/m/heartbeat"`, "white space"} {
		if !lines.has(want) {
			t.Errorf("the log does not say %s", want)
		}
	}
}
