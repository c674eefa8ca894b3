package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// maxTopics bounds how many topics are told apart while listening.
	maxTopics = 20_000
	inbox     = 10_000
	refused   = 0x80 // a broker's answer to a subscription
)

// Heard is what was heard of one shape of topic.
type Heard struct {
	topics   map[string]*heardTopic
	messages int
}

// heardTopic is what came on one topic.
type heardTopic struct {
	payload     []byte // the newest
	messages    int
	first, last time.Time // arrivals
}

// Listen hears every broker for a while. Our own topics and the brokers' are
// left out.
func Listen(ctx context.Context, brokers []Broker, length time.Duration, progress func(messages int)) (*Heard, error) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	messages := make(chan paho.Message, inbox)
	for _, b := range brokers {
		client, err := connect(b)
		if err != nil {
			return nil, plant.Errorf(plant.CodeUnavailable, "broker %s: %w", b.Name, err)
		}
		defer client.Disconnect(100)
		err = hearAll(client, func(_ paho.Client, m paho.Message) {
			select {
			case messages <- m:
			default: // it only listens: what there is no room for comes again
			}
		})
		if err != nil {
			return nil, plant.Errorf(plant.CodeRefused, "broker %s: %w", b.Name, err)
		}
	}
	h := &Heard{topics: map[string]*heardTopic{}}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case m := <-messages:
			h.take(m.Topic(), m.Payload(), time.Now())
		case <-tick.C:
			if progress != nil {
				progress(h.messages)
			}
		case <-ctx.Done():
			return h, nil
		}
	}
}

// hearAll subscribes to everything.
func hearAll(client paho.Client, handle paho.MessageHandler) error {
	token := client.Subscribe("#", 0, handle)
	if !token.WaitTimeout(patience) {
		return fmt.Errorf("no answer to our subscription within %s", patience)
	}
	if t, ok := token.(*paho.SubscribeToken); ok && t.Result()["#"] == refused {
		return fmt.Errorf("our login may not subscribe to #: allow it to for as long as you listen")
	}
	return token.Error()
}

// Messages is how many were heard.
func (h *Heard) Messages() int { return h.messages }

func (h *Heard) take(topic string, payload []byte, at time.Time) {
	if strings.HasPrefix(topic, "heartline/v1/") || strings.HasPrefix(topic, "$") {
		return
	}
	t := h.topics[topic]
	if t == nil {
		if len(h.topics) >= maxTopics {
			return
		}
		t = &heardTopic{first: at}
		h.topics[topic] = t
	}
	h.messages++
	t.messages++
	t.payload, t.last = payload, at
}
