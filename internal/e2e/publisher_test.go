package e2e

import (
	"fmt"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// publish publishes n messages with QoS 1, numbered from first on, and keeps
// at it through every loss of the connection until each was acknowledged. It
// has window messages under way, and calls acked with how many are done.
func publish(t *testing.T, address func() string, topic string, first, n, window int, acked func(int)) {
	t.Helper()
	type token struct {
		seq int
		paho.Token
	}
	base := time.Now().UnixMilli()
	payload := func(seq int) string {
		return fmt.Sprintf(`{"ts":%d,"seq":%d,"state":"running","good":%d,"temp":61.5}`, base+int64(seq), seq, seq)
	}
	var client paho.Client
	defer func() {
		if client != nil {
			client.Disconnect(250)
		}
	}()
	todo := make([]int, n)
	for i := range todo {
		todo[i] = first + i
	}
	done := 0
	for late := time.Now().Add(20 * time.Minute); len(todo) > 0; {
		if time.Now().After(late) {
			t.Errorf("%d of %d messages were never acknowledged", len(todo), n)
			return
		}
		if client == nil || !client.IsConnectionOpen() {
			if client != nil {
				client.Disconnect(0)
			}
			client = connect(address())
			continue
		}
		var flying []token
		for _, seq := range todo[:min(window, len(todo))] {
			flying = append(flying, token{seq, client.Publish(topic, 1, false, payload(seq))})
		}
		rest := todo[len(flying):]
		var again []int
		for _, f := range flying {
			// A token can complete without an error across a loss of
			// the connection; this client never reconnects by itself.
			for !f.WaitTimeout(time.Second) && client.IsConnectionOpen() {
			}
			if f.Error() == nil && client.IsConnectionOpen() {
				done++
				continue
			}
			again = append(again, f.seq)
		}
		todo = append(again, rest...)
		acked(done)
	}
}

// connected connects, if need be after some tries.
func connected(t *testing.T, address string) (client paho.Client) {
	t.Helper()
	eventually(t, address+" takes a client", func() bool { client = connect(address); return client != nil })
	return client
}

// connect tries once; nil where nobody answers.
func connect(address string) paho.Client {
	options := paho.NewClientOptions().AddBroker(address).SetClientID(fmt.Sprintf("e2e-%d", time.Now().UnixNano())).
		SetAutoReconnect(false).SetConnectTimeout(2 * time.Second).SetOrderMatters(false)
	client := paho.NewClient(options)
	t := client.Connect()
	if !t.WaitTimeout(3*time.Second) || t.Error() != nil {
		time.Sleep(20 * time.Millisecond) // it restarts: ask again in a moment
		return nil
	}
	return client
}
