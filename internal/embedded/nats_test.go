package embedded

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/internal/freeport"
	"github.com/seed-00829101/heartline/plant"
)

func natsConfig(t *testing.T, dir string) (NATSConfig, *logBuffer) {
	log, lines := logTo(t)
	return NATSConfig{
		Dir: dir, MQTTListen: freeport.Address(t), ClientID: "heartline-test",
		Filters: []string{"factory/+/+/+/heartbeat"}, Log: log,
	}, lines
}

func startNATS(t *testing.T, cfg NATSConfig) *NATS {
	t.Helper()
	n, err := StartNATS(within(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(within(t)); err != nil {
			t.Error(err)
		}
	})
	return n
}

func finish(t *testing.T, token mqtt.Token) {
	t.Helper()
	if err := await(within(t), token); err != nil {
		t.Fatal(err)
	}
}

type received struct{ Topic, Payload string }

// client connects; what it receives comes out of the channel.
func client(t *testing.T, n *NATS, id, user, password string, clean bool) (mqtt.Client, chan received) {
	t.Helper()
	got := make(chan received, 1024)
	opts := mqtt.NewClientOptions().AddBroker(n.MQTTURL()).SetClientID(id).SetCleanSession(clean).
		SetUsername(user).SetPassword(password).SetAutoReconnect(false).SetConnectTimeout(patience).
		SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { got <- received{m.Topic(), string(m.Payload())} })
	c := mqtt.NewClient(opts)
	finish(t, c.Connect())
	t.Cleanup(func() { c.Disconnect(0) })
	return c, got
}

func ours(t *testing.T, n *NATS) (mqtt.Client, chan received) {
	user, password := n.InternalLogin()
	return client(t, n, "heartline-test", user, password, false)
}

func next(t *testing.T, from chan received) received {
	t.Helper()
	select {
	case r := <-from:
		return r
	case <-time.After(patience):
		t.Fatal("nothing was received")
		return received{}
	}
}

func homeStream(t *testing.T, n *NATS) jetstream.Stream {
	t.Helper()
	js, err := jetstream.New(n.Conn())
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.CreateOrUpdateStream(within(t), jetstream.StreamConfig{Name: "samples", Subjects: []string{"samples.*"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func count(t *testing.T, s jetstream.Stream) uint64 {
	t.Helper()
	info, err := s.Info(within(t))
	if err != nil {
		t.Fatal(err)
	}
	return info.State.Msgs
}

func TestWhatIsPublishedBeforeOurSubscriberIsThereWaitsForIt(t *testing.T) {
	cfg, _ := natsConfig(t, t.TempDir())
	n := startNATS(t, cfg)
	gateway, _ := client(t, n, "gw-1", "", "", true)
	for i := range 3 { // the port is open, our subscriber never connected yet
		finish(t, gateway.Publish("factory/p/l/m/heartbeat", 1, false, fmt.Sprint(i)))
	}
	_, got := ours(t, n)
	for i := range 3 {
		if r, want := next(t, got), (received{"factory/p/l/m/heartbeat", fmt.Sprint(i)}); r != want {
			t.Errorf("message %d: got %v, want %v", i, r, want)
		}
	}
}

func TestSessionAndStreamsOutliveRestartsOfServerAndProcess(t *testing.T) {
	cfg, _ := natsConfig(t, t.TempDir())
	n, err := StartNATS(within(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	publish := func(n *NATS, payload string) {
		c, _ := client(t, n, "gw-1", "", "", true)
		finish(t, c.Publish("factory/p/l/m/heartbeat", 1, false, payload))
		c.Disconnect(0)
		js, _ := jetstream.New(n.Conn())
		if _, err := js.Publish(within(t), "samples.0", []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	homeStream(t, n)
	publish(n, "1")
	url := n.MQTTURL()
	if err := n.Restart(within(t)); err != nil {
		t.Fatal(err)
	}
	if n.MQTTURL() != url {
		t.Errorf("the broker moved from %s to %s", url, n.MQTTURL())
	}
	until(t, "our connection is back", n.Conn().IsConnected)
	publish(n, "2")
	if err := n.Stop(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(within(t)); plant.CodeOf(err) != plant.CodeUnavailable {
		t.Errorf("Restart after Stop: %v", err)
	}
	n = startNATS(t, cfg)
	publish(n, "3")
	if c := count(t, homeStream(t, n)); c != 3 {
		t.Errorf("our stream holds %d messages, want 3", c)
	}
	_, got := ours(t, n)
	for _, want := range []string{"1", "2", "3"} {
		if r := next(t, got); r.Payload != want {
			t.Errorf("got %q, want %q", r.Payload, want)
		}
	}
}

func TestStoreOfTheBrokerIsBoundedAndRefusesInsteadOfDropping(t *testing.T) {
	cfg, lines := natsConfig(t, t.TempDir())
	cfg.MQTTStoreMaxBytes = 256 << 10
	n := startNATS(t, cfg)
	gateway, _ := client(t, n, "gw-1", "", "", true)
	payload := make([]byte, 16<<10)
	acked := 0
	for ; acked < 100; acked++ {
		token := gateway.Publish("factory/p/l/m/heartbeat", 1, false, payload)
		answered := false
		until(t, "a message is acknowledged or refused", func() bool {
			select {
			case <-token.Done():
				answered = token.Error() == nil && gateway.IsConnectionOpen()
				return true
			default:
				return lines.has("store is full")
			}
		})
		if !answered {
			break
		}
	}
	if acked < 10 || acked > 16 {
		t.Errorf("%d messages of 16 KiB were acknowledged with room for 256 KiB", acked)
	}
	until(t, "the log says that the store is full", func() bool { return lines.has("store is full") })
	_, got := ours(t, n) // can connect, and gets all of them
	for range acked {
		next(t, got)
	}
}

func TestChangedFiltersAndClientIDLeaveNothingBehind(t *testing.T) {
	cfg, _ := natsConfig(t, t.TempDir())
	cfg.Filters = []string{"a/#", "b/#"}
	n, err := StartNATS(within(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	gateway, _ := client(t, n, "gw-1", "", "", true)
	finish(t, gateway.Publish("b/1", 1, false, "kept"))
	if err := n.Stop(within(t)); err != nil {
		t.Fatal(err)
	}
	cfg.Filters = []string{"b/#", "c/#"}
	n, err = StartNATS(within(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := broker(t, n), []string{"$MQTT.msgs.b", "$MQTT.msgs.b.>", "$MQTT.msgs.c", "$MQTT.msgs.c.>"}; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	_, got := ours(t, n)
	if r := next(t, got); r.Payload != "kept" {
		t.Errorf("got %v, want what came while we were away", r)
	}
	if err := n.Stop(within(t)); err != nil {
		t.Fatal(err)
	}
	cfg.ClientID, cfg.Filters = "another", []string{"d/+"}
	n = startNATS(t, cfg)
	if got, want := broker(t, n), []string{"$MQTT.msgs.d.*"}; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}

// broker returns the subjects that the broker keeps messages of.
func broker(t *testing.T, n *NATS) []string {
	t.Helper()
	conn, err := n.dial(brokerUser, n.auth.broker)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, _ := jetstream.New(conn)
	s, err := js.Stream(within(t), mqttMessages)
	if err != nil {
		t.Fatal(err)
	}
	if cfg := s.CachedInfo().Config; cfg.MaxBytes != defaultStoreMax || cfg.Discard != jetstream.DiscardNew {
		t.Errorf("the store is not bounded: %+v", cfg)
	}
	var subjects []string
	list := s.ListConsumers(within(t))
	for c := range list.Info() {
		subjects = append(subjects, c.Config.FilterSubject)
	}
	slices.Sort(subjects)
	return subjects
}

func TestManyFiltersShareTheServersLimit(t *testing.T) {
	cfg, _ := natsConfig(t, t.TempDir())
	cfg.Filters = nil
	for i := range 12 {
		cfg.Filters = append(cfg.Filters, fmt.Sprintf("f%d/#", i))
	}
	n := startNATS(t, cfg)
	if got := broker(t, n); len(got) != 24 {
		t.Errorf("%d subscriptions, want 24: %v", len(got), got)
	}
}

func TestTakenOrBadBrokerAddressIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for listen, code := range map[string]plant.Code{
		l.Addr().String(): plant.CodeConflict, "127.0.0.1": plant.CodeInvalid, "127.0.0.1:http": plant.CodeInvalid, "192.0.2.1:1883": plant.CodeInvalid,
	} {
		cfg, _ := natsConfig(t, t.TempDir())
		cfg.MQTTListen = listen
		_, err := StartNATS(within(t), cfg)
		if plant.CodeOf(err) != code || !contains(err.Error(), listen, "mqtt.listen") {
			t.Errorf("listen %q: got %v, want %s and a sentence that names it and mqtt.listen", listen, err, code)
		}
	}
}

func TestWithoutABrokerThereAreStreamsOnly(t *testing.T) {
	cfg, _ := natsConfig(t, t.TempDir())
	cfg.MQTTListen = ""
	n := startNATS(t, cfg)
	if n.MQTTURL() != "" {
		t.Errorf("MQTTURL = %q, want none", n.MQTTURL())
	}
	if c := count(t, homeStream(t, n)); c != 0 {
		t.Errorf("%d messages in a new stream", c)
	}
}
