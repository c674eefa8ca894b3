package mqtt

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
)

const heartbeats = "factory/{plant}/{line}/{machine}/heartbeat"

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(i)
	}
	return out
}

func TestDeliversInOrderAndNothingComesAgainOnceAcknowledged(t *testing.T) {
	b := newBroker(t)
	inbox := newRecorder(t)
	cfg := Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}
	c := run(t, cfg, inbox)
	want := numbered(500)
	b.pubLines("factory/p/l/m/heartbeat", want)
	got := inbox.await(500)
	if diff := cmp.Diff(want, inbox.payloads()); diff != "" {
		t.Errorf("payloads (-want +got):\n%s", diff)
	}
	m := got[0]
	m.Ack, m.Arrived = nil, m.Arrived.Truncate(0)
	if m.Arrived.IsZero() {
		t.Error("Arrived is not set")
	}
	m.Arrived = got[1].Arrived
	if m.PacketID == 0 || m.PacketID == got[1].PacketID {
		t.Errorf("packet ids %d and %d; want two", m.PacketID, got[1].PacketID)
	}
	first := collector.Message{
		Topic: "factory/p/l/m/heartbeat", Payload: []byte("0"), QoS: 1, PacketID: m.PacketID, Arrived: got[1].Arrived,
		Broker: strings.TrimPrefix(b.url(), "tcp://"), Levels: collector.Levels{Plant: "p", Line: "l", Machine: "m"},
	}
	if diff := cmp.Diff(first, m); diff != "" {
		t.Errorf("first message (-want +got):\n%s", diff)
	}
	slices.Reverse(got) // the order of Ack does not matter to the broker
	ackAll(got)
	eventually(t, "500 acknowledgements", func() bool { s := c.States()[0]; return s.Acked == 500 && s.InFlight == 0 })
	c.stop()

	again := newRecorder(t)
	run(t, cfg, again)
	b.pub("factory/p/l/m/heartbeat", "marker")
	again.await(1)
	if got := again.payloads(); !slices.Equal(got, []string{"marker"}) {
		t.Errorf("after a restart came %q, want only the marker", got)
	}
}

func TestWhatWasNotAcknowledgedComesAgainAfterARestartOfOurs(t *testing.T) {
	b := newBroker(t)
	cfg := Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}
	inbox := newRecorder(t)
	c := run(t, cfg, inbox)
	b.pubLines("factory/p/l/m/heartbeat", numbered(20))
	got := inbox.await(20)
	ackAll(got[:10])
	got[12].Ack() // not before its turn
	c.stop()
	b.pub("factory/p/l/m/heartbeat", "while away")

	again := newRecorder(t)
	run(t, cfg, again)
	again.await(11)
	if want := append(numbered(20)[10:], "while away"); !slices.Equal(again.payloads(), want) {
		t.Errorf("came again %q, want %q", again.payloads(), want)
	}
}

func TestAckDuringALossAcknowledgesTheRedelivery(t *testing.T) {
	b := newBroker(t)
	inbox := newRecorder(t)
	c := run(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, inbox)
	b.pubLines("factory/p/l/m/heartbeat", []string{"1", "1", "1"})
	got := inbox.await(3)
	got[0].Ack()
	c.Publish("status", []byte("x")) // the broker reads it after the acknowledgement
	eventually(t, "an acknowledgement", func() bool { return c.States()[0].Acked == 1 && c.States()[0].Published == 1 })
	b.stop()
	inbox.awaitLinks(2)
	got[1].Ack() // nobody hears it
	b.start()
	c.awaitUp()
	got[2].Ack() // by now it is the redelivery's
	eventually(t, "acknowledgements", func() bool { return c.States()[0].Acked == 3 })
	b.pub("factory/p/l/m/heartbeat", "marker")
	inbox.await(4)
	if got, want := inbox.payloads(), []string{"1", "1", "1", "marker"}; !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
	if got := c.States()[0].Redelivered; got != 2 {
		t.Errorf("Redelivered = %d, want 2", got)
	}
}

func TestRefusedByTheInboxComesAgain(t *testing.T) {
	b := newBroker(t)
	inbox := newRecorder(t)
	c := run(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, inbox)
	b.pubLines("factory/p/l/m/heartbeat", numbered(5))
	first := inbox.await(5)
	inbox.setFull(true)
	b.pubLines("factory/p/l/m/heartbeat", numbered(10)[5:])
	eventually(t, "a refusal", func() bool { return c.States()[0].Refused > 0 })
	inbox.setFull(false)
	inbox.await(10)
	ackAll(first)
	ackAll(inbox.all()[5:])
	eventually(t, "acknowledgements", func() bool { return c.States()[0].Acked == 10 })
	if got, want := inbox.payloads(), numbered(10); !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
	if !strings.Contains(c.log.String(), "no room") {
		t.Errorf("the log does not say why:\n%s", c.log)
	}
}

func TestOverlappingSourcesDeliverOnceToTheFirst(t *testing.T) {
	b := newBroker(t)
	inbox := newRecorder(t)
	c := run(t, Config{Servers: servers(b.url()), Sources: sources(t,
		"factory/{plant}/+/m1", "factory/p1/{line}/#", "+/{plant}/l1/+")}, inbox)
	if got, want := c.Filters(), []string{"+/+/+/#"}; !slices.Equal(got, want) {
		t.Errorf("Filters() = %q, want %q", got, want)
	}
	for _, topic := range []string{"factory/p1/l1/m1", "factory/p1/l1/m2", "x/p2/l1/m9", "factory/p1/l1/m1", "other/y/z", "factory/p9/l1/m1"} {
		b.pub(topic, topic)
	}
	var got []string
	for _, m := range inbox.await(5) {
		got = append(got, fmt.Sprint(m.Source, " ", m.Topic))
	}
	want := []string{"0 factory/p1/l1/m1", "1 factory/p1/l1/m2", "2 x/p2/l1/m9", "0 factory/p1/l1/m1", "0 factory/p9/l1/m1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	s := c.States()[0]
	if s.Unmatched != 1 {
		t.Errorf("Unmatched = %d, want 1", s.Unmatched)
	}
	ackAll(inbox.all())
	eventually(t, "6 acknowledgements, the unmatched one's among them", func() bool { return c.States()[0].Acked == 6 })
}

func TestRetainedIsFlagged(t *testing.T) {
	b := newBroker(t)
	b.pub("factory/p/l/m/heartbeat", "old", "-r")
	inbox := newRecorder(t)
	run(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, inbox)
	inbox.await(1)
	b.pub("factory/p/l/m/heartbeat", "new", "-r")
	got := inbox.await(2)
	if !got[0].Retained || got[1].Retained {
		t.Errorf("Retained = %v, %v; want true, false", got[0].Retained, got[1].Retained)
	}
}

func TestWhiteSpaceAndEmptyLevelsComeThrough(t *testing.T) {
	b := newBroker(t)
	inbox := newRecorder(t)
	run(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, inbox)
	topics := []string{"factory/my plant/l 1/m  1/heartbeat", "factory////heartbeat", "factory/../l/m/heartbeat", "factory/绍兴/织机/m,1/heartbeat"}
	for _, topic := range topics {
		b.pub(topic, "x")
	}
	want := []collector.Levels{
		{Plant: "my plant", Line: "l 1", Machine: "m  1"}, {}, {Plant: "..", Line: "l", Machine: "m"}, {Plant: "绍兴", Line: "织机", Machine: "m,1"},
	}
	for i, m := range inbox.await(len(topics)) {
		if m.Topic != topics[i] || m.Levels != want[i] {
			t.Errorf("message %d: topic %q levels %+v, want %q %+v", i, m.Topic, m.Levels, topics[i], want[i])
		}
	}
}

func TestQoS0IsDeliveredWithoutAck(t *testing.T) {
	b := newBroker(t)
	inbox := newRecorder(t)
	run(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, inbox)
	b.pub("factory/p/l/m/heartbeat", "x", "-q", "0")
	if m := inbox.await(1)[0]; m.QoS != 0 || m.Ack != nil {
		t.Errorf("QoS %d, Ack set: %v; want 0 and none", m.QoS, m.Ack != nil)
	}
}

func TestForgottenFiltersAreUnsubscribed(t *testing.T) {
	b := newBroker(t)
	c := run(t, Config{Servers: servers(b.url()), Sources: sources(t, "old/{machine}", heartbeats)}, newRecorder(t))
	old := c.Filters()
	c.stop()
	inbox := newRecorder(t)
	c = run(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats), Forget: old}, inbox)
	b.pub("old/m", "x")
	b.pub("factory/p/l/m/heartbeat", "marker")
	inbox.await(1)
	if s := c.States()[0]; s.Unmatched != 0 || s.Received != 1 {
		t.Errorf("received %d, unmatched %d; want 1 and 0", s.Received, s.Unmatched)
	}
}

func TestOwnTopicsAreNotDelivered(t *testing.T) {
	b := newBroker(t)
	inbox := newRecorder(t)
	c := run(t, Config{Servers: servers(b.url()), Sources: sources(t, "#"), Own: "heartline/v1/"}, inbox)
	c.Publish("heartline/v1/plants/p/phase", []byte("{}"))
	eventually(t, "our own topic", func() bool { return c.States()[0].Ignored == 1 })
	b.pub("x", "marker")
	if got := inbox.await(1)[0].Topic; got != "x" {
		t.Errorf("delivered %q, want x", got)
	}
}
