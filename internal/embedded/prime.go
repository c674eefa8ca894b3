package embedded

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"github.com/seed-00829101/heartline/plant"
)

// primed remembers what our session subscribed to, in a file beside the
// streams, so that later starts need not ask.
type primed struct {
	ClientID string   `json:"client_id"`
	Filters  []string `json:"filters"`
	MaxBytes int64    `json:"max_bytes"`
}

func (n *NATS) primedPath() string { return filepath.Join(n.cfg.Dir, "mqtt-session.json") }

// prime makes our session and its subscriptions stand before the public port
// opens: what a broker acknowledges before anybody subscribed is delivered to
// nobody. It runs the broker on a private port, subscribes there and leaves;
// the session stays. Where it stood already, nothing is done.
func (n *NATS) prime(ctx context.Context) error {
	want := primed{ClientID: n.cfg.ClientID, Filters: slices.Compact(slices.Sorted(slices.Values(n.cfg.Filters))),
		MaxBytes: n.cfg.MQTTStoreMaxBytes}
	var had primed
	if exists(filepath.Join(n.storeDir(factoryAccount), mqttMessages)) {
		// A file that is not there or not ours means: prime.
		if data, err := os.ReadFile(n.primedPath()); err == nil && json.Unmarshal(data, &had) != nil {
			had = primed{}
		}
		if had.ClientID == want.ClientID && slices.Equal(had.Filters, want.Filters) && had.MaxBytes == want.MaxBytes {
			return nil
		}
	}
	if err := n.serve(ctx, "127.0.0.1:0"); err != nil {
		return err
	}
	defer n.halt()
	url := fmt.Sprintf("tcp://127.0.0.1:%d", n.privatePort())
	if had.ClientID != "" && had.ClientID != want.ClientID {
		// Nobody comes back for the old session: left alone it would keep
		// every message until the broker's store is full.
		if err := n.session(ctx, url, had.ClientID, true, func(mqtt.Client) error { return nil }); err != nil {
			return err
		}
		had.Filters = nil
	}
	err := n.session(ctx, url, want.ClientID, false, func(c mqtt.Client) error {
		return resubscribe(ctx, c, had.Filters, want.Filters)
	})
	if err != nil {
		return err
	}
	if err := n.boundStore(ctx); err != nil {
		return err
	}
	data, err := json.Marshal(want)
	if err != nil {
		return fmt.Errorf("remember the MQTT session: %w", err)
	}
	if err := os.WriteFile(n.primedPath(), data, 0o600); err != nil {
		return notWritable(n.cfg.Dir, err)
	}
	return nil
}

func (n *NATS) privatePort() int {
	v, err := n.server().Varz(nil)
	if err != nil {
		return 0
	}
	return v.MQTT.Port
}

// session connects as our own client, does, and leaves.
func (n *NATS) session(ctx context.Context, url, id string, clean bool, do func(mqtt.Client) error) error {
	user, password := n.InternalLogin()
	opts := mqtt.NewClientOptions().AddBroker(url).SetClientID(id).SetUsername(user).SetPassword(password).
		SetCleanSession(clean).SetAutoReconnect(false).SetConnectTimeout(10 * time.Second).SetProtocolVersion(4).
		SetAutoAckDisabled(true). // what a session of ours is owed stays owed
		SetDefaultPublishHandler(func(mqtt.Client, mqtt.Message) {})
	c := mqtt.NewClient(opts)
	if err := await(ctx, c.Connect()); err != nil {
		return plant.Errorf(plant.CodeUnavailable, "the embedded broker does not take our own session %q: %w", id, err)
	}
	defer c.Disconnect(250)
	return do(c)
}

// resubscribe takes a session from the filters it had to those it shall have.
func resubscribe(ctx context.Context, c mqtt.Client, had, want []string) error {
	var gone []string
	for _, f := range had {
		if !slices.Contains(want, f) {
			gone = append(gone, f)
		}
	}
	if len(gone) > 0 {
		if err := await(ctx, c.Unsubscribe(gone...)); err != nil {
			return plant.Errorf(plant.CodeUnavailable, "the embedded broker does not drop the filters %q: %w", gone, err)
		}
	}
	for _, f := range want {
		token := c.Subscribe(f, 1, nil)
		err := await(ctx, token)
		if code, ok := token.(*mqtt.SubscribeToken).Result()[f]; err == nil && ok && code > 2 {
			err = fmt.Errorf("it answers with code %#x", code)
		}
		if err != nil {
			return plant.Errorf(plant.CodeInvalid, "mqtt.sources: the embedded broker does not take the filter %q: %w", f, err)
		}
	}
	return nil
}

// await waits for a token as long as ctx allows.
func await(ctx context.Context, t mqtt.Token) error {
	select {
	case <-t.Done():
		return t.Error()
	case <-ctx.Done():
		return ctx.Err()
	}
}
