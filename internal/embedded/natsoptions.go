package embedded

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// factoryAccount holds the MQTT clients and what the broker keeps for
	// them; homeAccount holds our streams. An MQTT publish to samples/0 or
	// $JS/API/STREAM/PURGE/x can therefore not reach them.
	factoryAccount = "FACTORY"
	homeAccount    = "HEARTLINE"

	// maxPayload bounds one message. It is above what decoders refuse, so that
	// a huge payload becomes a dead letter and not a gateway that is thrown
	// out and comes back for ever.
	maxPayload = 16 << 20
	// ackWait is after how long the broker sends again what was not
	// acknowledged, also on a live connection.
	ackWait = 5 * time.Second
	// maxAckPending is how many messages of one filter may be on their way to
	// a session; near 65535 filters that end in # are denied.
	maxAckPending = 8192
	// abandonedAfter is how long a session that does not come back keeps its
	// messages: what a forgotten client holds would fill the message store,
	// and then nobody's messages are acknowledged. Ours is there while we run.
	abandonedAfter = time.Hour
	// maxAckTotal is the server's limit of the sum over a session's filters.
	maxAckTotal = math.MaxUint16
)

// options are those of a server whose broker listens on mqtt ("": none).
func (n *NATS) options(mqtt string) (*server.Options, error) {
	opts := &server.Options{}
	accounts := fmt.Sprintf("accounts { %s: {jetstream: enabled}, %s: {jetstream: enabled} }", factoryAccount, homeAccount)
	if err := opts.ProcessConfigString(accounts); err != nil {
		return nil, fmt.Errorf("the embedded nats-server's accounts: %w", err)
	}
	opts.ServerName = "heartline"
	opts.DontListen, opts.NoSigs, opts.NoLog = true, true, true
	opts.CustomClientAuthentication = n.auth
	opts.AuthTimeout = 10
	opts.MaxPayload = maxPayload
	opts.JetStream, opts.StoreDir, opts.SyncAlways = true, n.cfg.Dir, true
	// Streams are bounded one by one, and free disk space is watched by the
	// queue: a share of today's disk is no third bound to run into.
	opts.JetStreamMaxStore, opts.JetStreamMaxMemory = math.MaxInt64/4, 256<<20
	if mqtt == "" {
		return opts, nil
	}
	host, port, err := net.SplitHostPort(mqtt)
	if err != nil {
		return nil, fmt.Errorf("mqtt.listen: %w", err)
	}
	opts.MQTT.Host = host
	if opts.MQTT.Port, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("mqtt.listen: %w", err)
	}
	if opts.MQTT.Port == 0 {
		opts.MQTT.Port = server.RANDOM_PORT
	}
	if n.tls != nil && mqtt == n.mqtt {
		opts.MQTT.TLSConfig, opts.MQTT.TLSTimeout = n.tls.server(), 10
	}
	opts.MQTT.AckWait = ackWait
	opts.MQTT.MaxAckPending = ackPending(n.cfg.Filters)
	opts.MQTT.JSAPITimeout = 10 * time.Second
	opts.MQTT.ConsumerInactiveThreshold = abandonedAfter
	return opts, nil
}

// ackPending shares the server's limit out between the filters. One that ends
// in /# counts twice: the server subscribes to the level above it as well.
func ackPending(filters []string) uint16 {
	subscriptions := len(filters)
	for _, f := range filters {
		if strings.HasSuffix(f, "/#") {
			subscriptions++
		}
	}
	return uint16(min(maxAckPending, maxAckTotal/max(subscriptions, 1)))
}
