package embedded

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/seed-00829101/heartline/logins"
	"github.com/seed-00829101/heartline/plant"
)

const (
	// readyWait bounds how long a server may take to read its streams back.
	readyWait = time.Minute
	// defaultStoreMax is MQTTStoreMaxBytes where none is given: 1 GiB.
	defaultStoreMax = 1 << 30
)

// NATSConfig says how to run the embedded server.
type NATSConfig struct {
	Dir string // its streams; made with mode 0700

	// MQTTListen is the host:port of the broker, port 0: any free one, kept
	// across restarts. "": no broker, JetStream only; the fields below are
	// then not used.
	MQTTListen string
	// MQTTStoreMaxBytes bounds what the broker keeps for sessions that are
	// away; at the bound publishers get no PUBACK. 0: 1 GiB.
	MQTTStoreMaxBytes int64
	// ClientID is that of our own persistent MQTT session. Nobody else may
	// connect with it.
	ClientID string
	// Filters are what that session subscribes to, with QoS 1.
	Filters []string
	// TLS is the broker's TLS; nil: it speaks in the clear.
	TLS *BrokerTLS
	// Users returns the logins that are let in, as they are now; nil, or
	// returning nil: everybody is. It is called for each connection.
	Users func() *logins.Users
	// Topics says what a plant's gateways may publish to; used with Users.
	Topics logins.Topics

	Log *slog.Logger
}

// NATS is the embedded server. Its methods are safe for concurrent use.
type NATS struct {
	cfg  NATSConfig
	auth *doorman
	log  *natsLog
	conn *nats.Conn
	mqtt string     // host:port of the broker, its real port; "": none
	tls  *brokerTLS // nil: in the clear

	// restarting lets one Restart or Stop at a time go on.
	restarting sync.Mutex
	mu         sync.Mutex // guards srv: replaced at restarts
	srv        *server.Server
}

// StartNATS starts the server and, with a broker, returns once our own
// session stands, so that no message can be acknowledged that reaches nobody.
// ctx bounds the start only; end it with Stop.
//
// Errors: CodeConflict where the broker's address is taken, CodeInvalid where
// the configuration is wrong, CodeUnavailable where it does not come up.
func StartNATS(ctx context.Context, cfg NATSConfig) (*NATS, error) {
	if err := privateDir(cfg.Dir); err != nil {
		return nil, err
	}
	if cfg.MQTTStoreMaxBytes == 0 {
		cfg.MQTTStoreMaxBytes = defaultStoreMax
	}
	n := &NATS{cfg: cfg, auth: newDoorman(cfg)}
	n.log = &natsLog{log: cfg.Log.With("component", "nats-server"), topic: n.offendingTopic, login: n.loginOf}
	n.auth.account, n.auth.refused = n.account, n.log.refused
	n.auth.certificates = cfg.TLS != nil && cfg.TLS.ClientCAFile != ""
	if cfg.MQTTListen != "" && cfg.TLS != nil {
		var err error
		if n.tls, err = newBrokerTLS(*cfg.TLS, cfg.Log); err != nil {
			return nil, err
		}
	}
	if cfg.MQTTListen != "" {
		listen, err := freeAddress(cfg.MQTTListen, "mqtt.listen")
		if err != nil {
			return nil, err
		}
		n.mqtt = listen
		if err := n.prime(ctx); err != nil {
			return nil, err
		}
	}
	if err := n.serve(ctx, n.mqtt); err != nil {
		return nil, err
	}
	if err := n.connect(ctx); err != nil {
		n.halt()
		return nil, err
	}
	return n, nil
}

// Conn returns a connection, in this process, to the account that holds our
// streams. It connects again by itself after Restart. The caller must not
// close it.
func (n *NATS) Conn() *nats.Conn { return n.conn }

// MQTTURL returns where the broker listens, such as tcp://127.0.0.1:1883, or
// "" where there is none.
func (n *NATS) MQTTURL() string {
	if n.mqtt == "" {
		return ""
	}
	if n.tls != nil {
		return "ssl://" + reachable(n.mqtt)
	}
	return "tcp://" + reachable(n.mqtt)
}

// InternalTLS returns what our own MQTT clients connect with; nil where the
// broker speaks in the clear.
func (n *NATS) InternalTLS() *tls.Config {
	if n.tls == nil {
		return nil
	}
	return n.tls.client()
}

// Refused is how many clients were not let in, and how many of their messages
// were refused, since the start.
func (n *NATS) Refused() (clients, messages uint64) {
	return n.log.clients.Load(), n.log.messages.Load()
}

// ListenLogin returns the login of who may hear all of the broker's topics, and
// publish nothing. It is made anew at each start.
func (n *NATS) ListenLogin() (user, password string) { return listenUser, n.auth.listen }

// InternalLogin returns the login of our own MQTT clients, made anew at each
// start: only it may use our ClientID and publish below heartline/v1/.
func (n *NATS) InternalLogin() (user, password string) {
	return internalUser, n.auth.internal
}

// Restart ends the server and starts it again, at the same address and with
// the same logins: the only cure for a stream whose disk was full. Streams and
// sessions are kept, MQTT clients lose their connection. If it fails it may be
// tried again.
func (n *NATS) Restart(ctx context.Context) error {
	n.restarting.Lock()
	defer n.restarting.Unlock()
	if n.conn.IsClosed() {
		return plant.Errorf(plant.CodeUnavailable, "the embedded nats-server was stopped")
	}
	n.halt()
	if err := n.serve(ctx, n.mqtt); err != nil {
		return err
	}
	n.cfg.Log.Info("the embedded nats-server was restarted")
	return nil
}

// Stop closes the connection and ends the server. It returns ctx's error
// where that takes too long; the server then ends with the process, and what
// was acknowledged is on disk in any case.
func (n *NATS) Stop(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.restarting.Lock()
		defer n.restarting.Unlock()
		n.conn.Close()
		n.halt()
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the embedded nats-server did not end: %w", ctx.Err())
	}
}

// InProcessConn makes NATS the place nats.go dials: the server of the moment.
func (n *NATS) InProcessConn() (net.Conn, error) {
	srv := n.server()
	if srv == nil {
		return nil, errors.New("the embedded nats-server is restarting")
	}
	return srv.InProcessConn()
}

func (n *NATS) server() *server.Server {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.srv
}

// account returns an account of the server of the moment.
func (n *NATS) account(name string) *server.Account {
	if srv := n.server(); srv != nil {
		if acc, err := srv.LookupAccount(name); err == nil {
			return acc
		}
	}
	return nil
}

// serve starts a server whose broker listens on mqtt ("": none).
func (n *NATS) serve(ctx context.Context, mqtt string) error {
	opts, err := n.options(mqtt)
	if err != nil {
		return err
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "the embedded nats-server refuses its configuration: %w", err)
	}
	n.log.fatal.Store(nil)
	srv.SetLoggerV2(n.log, false, false, false)
	n.mu.Lock()
	n.srv = srv
	n.mu.Unlock()
	srv.Start()
	wait := readyWait
	if end, ok := ctx.Deadline(); ok {
		wait = min(wait, max(time.Until(end), time.Millisecond))
	}
	if fatal := n.log.fatal.Load(); fatal == nil && srv.ReadyForConnections(wait) && srv.JetStreamEnabled() {
		return nil
	}
	n.halt()
	if mqtt != "" { // the port may have been taken since we looked
		if err := CanListen(mqtt, "mqtt.listen"); err != nil {
			return err
		}
	}
	why := "it was not ready in time"
	if fatal := n.log.fatal.Load(); fatal != nil {
		why = *fatal
	}
	return plant.Errorf(plant.CodeUnavailable, "the embedded nats-server in %q did not start: %s", n.cfg.Dir, why)
}

// halt ends the server of the moment and waits for it.
func (n *NATS) halt() {
	n.mu.Lock()
	srv := n.srv
	n.srv = nil
	n.mu.Unlock()
	if srv != nil {
		srv.Shutdown()
		srv.WaitForShutdown()
	}
}

// connect opens our own connection, for good.
func (n *NATS) connect(ctx context.Context) error {
	conn, err := n.dial(queueUser, n.auth.queue, nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond),
		nats.ReconnectJitter(50*time.Millisecond, 0), nats.IgnoreAuthErrorAbort())
	if err != nil {
		return plant.Errorf(plant.CodeUnavailable, "cannot reach the embedded nats-server: %w", err)
	}
	n.conn = conn
	return nil
}

// syncQueueLen bounds what a synchronous subscription of ours may have waiting;
// the client's default allocates half a megabyte for each.
const syncQueueLen = 1 << 10

func (n *NATS) dial(user, password string, more ...nats.Option) (*nats.Conn, error) {
	return nats.Connect("", append([]nats.Option{nats.InProcessServer(n), nats.UserInfo(user, password),
		nats.Name("heartline"), nats.Timeout(10 * time.Second), nats.SyncQueueLen(syncQueueLen)}, more...)...)
}

// storeDir is where JetStream keeps an account's streams.
func (n *NATS) storeDir(account string) string {
	return filepath.Join(n.cfg.Dir, server.JetStreamStoreDir, account, "streams")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
