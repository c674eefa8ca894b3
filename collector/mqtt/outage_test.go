package mqtt

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// publisher publishes 0, 1, 2, ... at QoS 1, each until it was acknowledged,
// until stop is closed; it returns how many were.
func publisher(b *broker, topic string, stop <-chan struct{}) int {
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	for n := 0; ; {
		lost := make(chan struct{})
		o := paho.NewClientOptions().AddBroker(b.url()).SetClientID("publisher").SetAutoReconnect(false).
			SetWriteTimeout(time.Second).SetConnectionLostHandler(func(paho.Client, error) { close(lost) })
		c := paho.NewClient(o)
		if t := c.Connect(); t.Wait() && t.Error() != nil {
			lost = nil
		}
		for connected := lost != nil; connected; {
			token := c.Publish(topic, 1, false, fmt.Sprint(n))
			select {
			case <-token.Done():
				if connected = token.Error() == nil; connected {
					n++
				}
			case <-lost:
				connected = false
			}
			select {
			case <-stop:
				c.Disconnect(100)
				return n
			case <-pace.C:
			}
		}
		select {
		case <-stop:
			return n
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestNothingIsLostWhileTheBrokerRestartsTenTimes(t *testing.T) {
	t.Parallel() // it waits, most of the time
	b := newBroker(t)
	inbox := newRecorder(t)
	c := run(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, inbox)
	stop, acked := make(chan struct{}), make(chan int, 1)
	go func() { acked <- publisher(b, "factory/p/l/m/heartbeat", stop) }()
	inbox.acknowledge()
	for range 10 {
		before := inbox.count()
		eventually(t, "messages to flow", func() bool { return inbox.count() >= before+20 })
		b.stop()
		eventually(t, "the loss to be noticed", func() bool { return !c.States()[0].Connected })
		b.start()
		c.awaitUp()
	}
	close(stop)
	n := <-acked
	inbox.awaitEach(n)
	if got := c.States()[0].Reconnects; got != 10 {
		t.Errorf("Reconnects = %d, want 10", got)
	}
	for i, e := range inbox.allLinks() {
		if e.Up != (i%2 == 0) {
			t.Errorf("link event %d says up: %v", i, e.Up)
		}
	}
}

// Mosquitto 2.0.11 sends more than max_inflight_messages once acknowledgements
// come in: with a backlog, any bound of ours is passed.
func TestABacklogBeyondTheWindowIsDrained(t *testing.T) {
	b := newBroker(t)
	inbox := newRecorder(t)
	cfg := Config{Servers: servers(b.url()), Sources: sources(t, heartbeats), MaxInflight: 700}
	run(t, cfg, inbox).stop()
	b.pubLines("factory/p/l/m/heartbeat", numbered(5000))
	c := runAnyway(t, cfg, inbox)
	eventually(t, "the bound to be passed", func() bool { return c.States()[0].Refused > 0 })
	inbox.acknowledge()
	inbox.awaitEach(5000)
	eventually(t, "all acknowledgements", func() bool { return c.States()[0].InFlight == 0 })
}

func TestTwoBrokersAtOnce(t *testing.T) {
	a, b := newBroker(t), newBroker(t)
	inbox := newRecorder(t)
	cfg := Config{Servers: servers(a.url(), b.url()), Sources: sources(t, heartbeats)}
	cfg.Servers[0].Name, cfg.Servers[1].Name = "east", "west"
	c := run(t, cfg, inbox)
	a.pub("factory/p/l/m/heartbeat", "from a")
	inbox.await(1)
	b.pub("factory/p/l/m/heartbeat", "from b")
	got := inbox.await(2)
	if got[0].Broker != "east" || got[1].Broker != "west" {
		t.Errorf("brokers %q, %q; want east, west", got[0].Broker, got[1].Broker)
	}
	a.stop()
	eventually(t, "the loss of east", func() bool { return !c.States()[0].Connected })
	b.pub("factory/p/l/m/heartbeat", "still b")
	if got := inbox.await(3)[2]; got.Broker != "west" || !c.States()[1].Connected {
		t.Errorf("west was disturbed by east's end: %+v", c.States())
	}
	for _, want := range []string{`msg="connected to the broker" broker=east`, `is lost; trying on" broker=east`} {
		if !strings.Contains(c.log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, c.log)
		}
	}
}

func TestABrokerThatIsNotThereYet(t *testing.T) {
	b := newBroker(t)
	b.stop()
	inbox := newRecorder(t)
	c := runAnyway(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, inbox)
	eventually(t, "several tries", func() bool { return strings.Contains(c.States()[0].LastError, "refused") })
	b.start()
	c.awaitUp()
	if got := c.States()[0]; got.LastError != "" || got.Reconnects != 0 {
		t.Errorf("LastError %q, Reconnects %d; want none", got.LastError, got.Reconnects)
	}
	if got := strings.Count(c.log.String(), "nothing listens there"); got != 1 {
		t.Errorf("the log says %d times that nothing listens, want once:\n%s", got, c.log)
	}
}

// A server that takes the connection and then says nothing must not keep Run
// from ending.
func TestStopsWhileABrokerIsSilent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := make(chan net.Conn, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			taken <- c
		}
	}()
	c := runAnyway(t, Config{Servers: servers("tcp://" + l.Addr().String()), Sources: sources(t, heartbeats)}, newRecorder(t))
	defer (<-taken).Close()
	c.stop()
}

// Two of one name throw each other out, until one of them steps back, says why,
// and leaves the other to work.
func TestOfTwoClientsOfTheSameNameOneStepsBack(t *testing.T) {
	t.Parallel() // it waits, most of the time
	b := newBroker(t)
	cfg := Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}
	in := []*recorder{newRecorder(t), newRecorder(t)}
	both := []*running{run(t, cfg, in[0]), runAnyway(t, cfg, in[1])}
	loser := func() int {
		for i, c := range both {
			if strings.Contains(c.log.String(), "stepping back") {
				return i
			}
		}
		return -1
	}
	eventually(t, "one to step back", func() bool { return loser() >= 0 })
	winner := 1 - loser()
	eventually(t, "the other to be connected", func() bool { return both[winner].States()[0].Connected })
	b.pub("factory/p/l/m/heartbeat", "x")
	in[winner].await(1)[0].Ack()
	if got := both[1-winner].States()[0]; got.Connected || !strings.Contains(got.LastError, "client id") {
		t.Errorf("the loser's state is %+v", got)
	}
	if strings.Contains(both[winner].log.String(), "stepping back") {
		t.Errorf("both stepped back:\n%s", both[winner].log)
	}
}

func TestNothingRunsAfterTheEnd(t *testing.T) {
	b := newBroker(t)
	before := runtime.NumGoroutine()
	for range 3 {
		inbox := newRecorder(t)
		c := run(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, inbox)
		b.pub("factory/p/l/m/heartbeat", "x")
		inbox.await(1)[0].Ack()
		c.stop()
	}
	eventually(t, "every goroutine to end", func() bool { return runtime.NumGoroutine() <= before })
}
