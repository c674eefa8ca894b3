package mqtt

import (
	"net"
	"net/url"
	"testing"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-00829101/heartline/collector"
)

// gateway connects with a last will and returns its connection, to be cut.
func gateway(b *broker, willTopic, will string) net.Conn {
	b.t.Helper()
	var wire net.Conn
	o := paho.NewClientOptions().AddBroker(b.url()).SetClientID("gateway").SetAutoReconnect(false).SetWill(willTopic, will, 1, false)
	o.SetCustomOpenConnectionFn(func(u *url.URL, _ paho.ClientOptions) (net.Conn, error) {
		var err error
		wire, err = net.Dial("tcp", u.Host)
		return wire, err
	})
	if token := paho.NewClient(o).Connect(); token.Wait() && token.Error() != nil {
		b.t.Fatal(token.Error())
	}
	return wire
}

func TestWillTopicBecomesLinkEvents(t *testing.T) {
	b := newBroker(t)
	b.pub("factory/p/gw-1/state", "online", "-r") // proves nothing about now
	b.pub("factory/p/gw-2/state", "offline", "-r")
	inbox := newRecorder(t)
	c := run(t, Config{
		Servers: []Server{{Name: "b", URL: b.url()}},
		Sources: sources(t, "factory/#"),
		Wills: []Will{
			{Plant: "p", Gateway: "gw-1", Topic: "factory/p/gw-1/state"},
			{Plant: "p", Gateway: "gw-2", Topic: "factory/p/gw-2/state"},
			{Plant: "q", Gateway: "gw-9", Topic: "factory/p/gw-1/state", Broker: "another"},
		},
	}, inbox)
	inbox.awaitLinks(2)
	wire := gateway(b, "factory/p/gw-1/state", `{"online": false}`)
	b.pub("factory/p/gw-1/state", `{"online": true}`)
	b.pub("factory/p/gw-1/state", "", "-r") // only clears the retained one
	inbox.awaitLinks(3)
	wire.Close()
	got := inbox.awaitLinks(4)
	for _, e := range got {
		if e.Ack != nil {
			e.Ack()
		}
	}
	if got[0].Gateway == "" { // a retained message comes before or after the SUBACK
		got[0], got[1] = got[1], got[0]
	}
	want := []collector.LinkEvent{
		{Broker: "b", Plant: "p", Gateway: "gw-2"},
		{Broker: "b", Up: true},
		{Broker: "b", Plant: "p", Gateway: "gw-1", Up: true},
		{Broker: "b", Plant: "p", Gateway: "gw-1"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(collector.LinkEvent{}, "Ack")); diff != "" {
		t.Errorf("link events (-want +got):\n%s", diff)
	}
	if len(inbox.all()) != 0 {
		t.Errorf("will topics went to a source: %q", inbox.payloads())
	}
	eventually(t, "acknowledgements, the ignored ones' among them", func() bool {
		s := c.States()[0]
		return s.InFlight == 0 && s.Ignored == 2
	})
}

func TestWillUp(t *testing.T) {
	for payload, want := range map[string]bool{
		"offline": false, " OFFLINE\n": false, `"down"`: false, "0": false, "false": false, "Disconnected": false,
		`{"online":false}`: false, `{"state":"Offline","at":1}`: false, `{"status":"down"}`: false, `{"connected":0}`: false,
		"online": true, "1": true, "true": true, "hello": true, `{"online":true}`: true, `{"state":"running"}`: true,
		`{"at":1}`: true, `{"broken`: true, `{"online":null}`: true,
	} {
		if got := willUp([]byte(payload)); got != want {
			t.Errorf("willUp(%s) = %v, want %v", payload, got, want)
		}
	}
}
