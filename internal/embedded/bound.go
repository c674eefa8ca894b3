package embedded

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/plant"
)

// mqttMessages is the broker's stream of messages that sessions are owed.
const mqttMessages = "$MQTT_msgs"

// boundStore bounds the broker's store: full, it refuses what is new, and
// publishers keep it, instead of dropping what was acknowledged. The bound is
// the stream's and not the account's: with the account's used up not even our
// own subscriber could connect to make room.
func (n *NATS) boundStore(ctx context.Context) error {
	conn, err := n.dial(brokerUser, n.auth.broker)
	if err != nil {
		return plant.Errorf(plant.CodeUnavailable, "cannot reach the embedded broker's store: %w", err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return plant.Errorf(plant.CodeInternal, "reach the embedded broker's store: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	stream, err := js.Stream(ctx, mqttMessages)
	if err != nil {
		return plant.Errorf(plant.CodeUnavailable, "the embedded broker has no store %s: %w", mqttMessages, err)
	}
	cfg := stream.CachedInfo().Config
	if cfg.MaxBytes == n.cfg.MQTTStoreMaxBytes && cfg.Discard == jetstream.DiscardNew {
		return nil
	}
	cfg.MaxBytes, cfg.Discard = n.cfg.MQTTStoreMaxBytes, jetstream.DiscardNew
	if _, err := js.UpdateStream(ctx, cfg); err != nil {
		return plant.Errorf(plant.CodeUnavailable, "cannot bound the embedded broker's store to %d bytes: %w", cfg.MaxBytes, err)
	}
	return nil
}
