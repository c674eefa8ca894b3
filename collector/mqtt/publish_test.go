package mqtt

import (
	"fmt"
	"log/slog"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// retained returns the retained values under status/, sorted.
func retained(b *broker, n int) []string {
	b.t.Helper()
	out, err := exec.Command("mosquitto_sub", "-p", fmt.Sprint(b.port), "-t", "status/#", "-v", "-C", fmt.Sprint(n), "-W", "120").Output()
	if err != nil {
		b.t.Fatalf("mosquitto_sub: %v: %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	return lines
}

func TestPublishKeepsTheNewestValueOnEveryBroker(t *testing.T) {
	a, b := newBroker(t), newBroker(t)
	c := run(t, Config{Servers: servers(a.url(), b.url()), Sources: sources(t, heartbeats)}, newRecorder(t))
	payload := []byte("first")
	c.Publish("status/p", payload)
	copy(payload, "XXXXX") // ours again
	eventually(t, "the first value", func() bool { return c.States()[0].Published >= 1 && c.States()[1].Published >= 1 })
	if got := retained(a, 1); got[0] != "status/p first" {
		t.Errorf("retained %q, want the first value", got)
	}
	for i := range 200 {
		c.Publish(fmt.Sprintf("status/%03d", i%100), fmt.Append(nil, i))
	}
	c.Publish("status/p", []byte("last"))
	var want []string
	for i := range 100 {
		want = append(want, fmt.Sprintf("status/%03d %d", i, i+100))
	}
	want = append(want, "status/p last")
	for _, br := range []*broker{a, b} {
		eventually(t, "all values", func() bool { return slices.Equal(retained(br, 101), want) })
	}
}

func TestPublishesAgainToABrokerThatForgot(t *testing.T) {
	b := newBroker(t)
	b.write("mosquitto.conf", fmt.Sprintf("user root\nallow_anonymous true\nlistener %d 127.0.0.1\n", b.port)) // from now on
	c := runAnyway(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, newRecorder(t))
	b.stop()
	b.start()
	c.Publish("status/p", []byte("resumed")) // connected or not
	c.awaitUp()
	eventually(t, "the value", func() bool { return c.States()[0].Published == 1 })
	b.stop()
	eventually(t, "the loss", func() bool { return !c.States()[0].Connected })
	c.Publish("status/q", []byte("stopped")) // while away
	b.start()
	if diff := cmp.Diff([]string{"status/p resumed", "status/q stopped"}, retained(b, 2)); diff != "" {
		t.Errorf("retained (-want +got):\n%s", diff)
	}
}

func TestPublishBeforeTheEndArrives(t *testing.T) {
	b := newBroker(t)
	c := run(t, Config{Servers: servers(b.url()), Sources: sources(t, heartbeats)}, newRecorder(t))
	c.Publish("status/p", []byte("last words"))
	c.stop()
	if got := retained(b, 1)[0]; got != "status/p last words" {
		t.Errorf("retained %q", got)
	}
}

func TestBoardGivesChangesOnceAndInOrder(t *testing.T) {
	b := newBoard(slog.New(slog.DiscardHandler))
	n := 0
	put := func(topics ...string) {
		for _, topic := range topics {
			n++
			b.put(topic, []byte{byte(n)})
		}
	}
	since := func(version uint64) (topics string, last uint64) {
		for _, v := range b.since(version) {
			topics, last = topics+v.topic, v.version
		}
		return topics, last
	}
	put("a", "b", "c", "a")
	got, last := since(0)
	if got != "bca" || last != 4 {
		t.Errorf("since(0) = %s, %d; want bca, 4", got, last)
	}
	put("c")
	if got, _ := since(last); got != "c" {
		t.Errorf("since(4) = %s, want c", got)
	}
	b.put("c", []byte{byte(n)}) // the value it has
	if got, _ := since(5); got != "" {
		t.Errorf("since(5) = %s, want nothing", got)
	}
}

func TestPublishNeverWaits(t *testing.T) {
	c := runAnyway(t, Config{Servers: servers("tcp://127.0.0.1:1"), Sources: sources(t, heartbeats)}, newRecorder(t))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 100_000 {
			c.Publish(fmt.Sprint("status/", i%1000), []byte("x"))
		}
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("Publish blocks while no broker is there")
	}
}
