package sim

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// list is a source of given messages.
type list struct {
	messages []Message
	onNext   func(i int)
	i        int
}

func (l *list) Next() (Message, error) {
	if l.onNext != nil {
		l.onNext(l.i)
	}
	if l.i == len(l.messages) {
		return Message{}, errEnd
	}
	l.i++
	return l.messages[l.i-1], nil
}

var errEnd = errors.New("the list ends here")

func fleetMessages(t *testing.T, n int) []Message {
	messages := all(t, newFleet(t, FleetConfig{Plants: 5, Machines: 10, Start: start, End: start.Add(24 * time.Hour)}))
	return messages[:n]
}

func TestPublishDeliversEverything(t *testing.T) {
	b := startBroker(t, "allow_anonymous true")
	l := b.listen(true)
	messages := fleetMessages(t, 3000)
	var last PublishStats
	stats, err := Publish(t.Context(), PublishConfig{URL: b.url, Progress: func(s PublishStats) { last = s }}, &list{messages: messages})
	if !errors.Is(err, errEnd) {
		t.Fatalf("got %v, want the source's own error", err)
	}
	if stats.Sent != 3000 || stats.Acked != 3000 || stats.Resent != 0 || stats.Reconnects != 0 || last != stats {
		t.Errorf("got %+v, last progress %+v", stats, last)
	}
	l.await(t, messages)
}

func TestPublishWaitsUntilMessagesAreDue(t *testing.T) {
	b := startBroker(t, "allow_anonymous true")
	l := b.listen(true)
	begin := time.Now()
	f := newFleet(t, FleetConfig{Machines: 2, Every: 100 * time.Millisecond, Start: begin, End: begin.Add(500 * time.Millisecond)})
	var taken []Message
	stats, err := Publish(t.Context(), PublishConfig{URL: b.url}, recorder{f, &taken})
	if err != nil || stats.Acked == 0 || int(stats.Acked) != len(taken) {
		t.Fatalf("%+v of %d, %v", stats, len(taken), err)
	}
	if took, due := time.Since(begin), taken[len(taken)-1].At.Sub(begin); took < due {
		t.Errorf("all was sent after %v, the last was due after %v", took, due)
	}
	l.await(t, taken)
}

type recorder struct {
	Source
	taken *[]Message
}

func (r recorder) Next() (Message, error) {
	m, err := r.Source.Next()
	if err == nil {
		*r.taken = append(*r.taken, m)
	}
	return m, err
}

// What was acknowledged is not the point: everything must arrive, however
// often the broker goes away in between.
func TestPublishOutlivesTheBroker(t *testing.T) {
	b := startBroker(t, "allow_anonymous true")
	l := b.listen(false)
	messages := fleetMessages(t, 4000)
	source := &list{messages: messages, onNext: func(i int) {
		if i%1000 == 500 {
			b.stop()
			b.start()
		}
	}}
	stats, err := Publish(t.Context(), PublishConfig{URL: b.url}, source)
	if !errors.Is(err, errEnd) {
		t.Fatal(err)
	}
	if stats.Sent != 4000 || stats.Acked != 4000 || stats.Reconnects < 4 {
		t.Errorf("got %+v", stats)
	}
	l.await(t, messages)
}

func TestPublishStopsWhenAsked(t *testing.T) {
	b := startBroker(t, "allow_anonymous true")
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	f := newFleet(t, FleetConfig{Start: start})
	stats, err := Publish(ctx, PublishConfig{URL: b.url}, counting{f, func() {
		if n++; n == 1000 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || stats.Acked != stats.Sent || stats.Sent < 999 || stats.Sent > 1001 {
		t.Errorf("got %+v, %v", stats, err)
	}
}

type counting struct {
	Source
	count func()
}

func (c counting) Next() (Message, error) {
	c.count()
	return c.Source.Next()
}

func TestPublishSaysWhyItCannot(t *testing.T) {
	b := startBroker(t, "allow_anonymous false")
	f := newFleet(t, FleetConfig{Start: start})
	_, err := Publish(t.Context(), PublishConfig{URL: b.url, User: "gw", Password: "secret"}, f)
	if plant.CodeOf(err) != plant.CodeRefused || !strings.Contains(err.Error(), `refuses the login of user "gw"`) || strings.Contains(err.Error(), "secret") {
		t.Errorf("wrong login: %v", err)
	}
	b.stop()
	_, err = Publish(t.Context(), PublishConfig{URL: b.url}, f)
	if plant.CodeOf(err) != plant.CodeUnavailable || !strings.Contains(err.Error(), b.url) {
		t.Errorf("no broker: %v", err)
	}
}

// A broker that ends the connection at each PUBLISH, as some do with a topic
// that the login may not use; mosquitto does not.
func TestPublishGivesUpOnABrokerThatRefusesTheTopic(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			packet := make([]byte, 1024)
			_, _ = conn.Read(packet)                          // CONNECT
			_, _ = conn.Write([]byte{0x20, 0x02, 0x00, 0x00}) // CONNACK: accepted
			_, _ = conn.Read(packet)                          // PUBLISH
			_ = conn.Close()
		}
	})
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	stats, err := Publish(t.Context(), PublishConfig{URL: "tcp://" + l.Addr().String(), InFlight: 1}, newFleet(t, FleetConfig{Start: start}))
	if plant.CodeOf(err) != plant.CodeRefused || !strings.Contains(err.Error(), "factory/sim-00001/line-1/m1/heartbeat") {
		t.Errorf("got %v", err)
	}
	if stats.Acked != 0 || stats.Reconnects != maxFruitless-1 {
		t.Errorf("got %+v", stats)
	}
}
