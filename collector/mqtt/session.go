package mqtt

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

const (
	maxFilters    = 64               // in one SUBSCRIBE
	maxPublishing = 64               // status values on their way
	blockTimeout  = 2 * time.Second  // of paho's hand-over
	answerTimeout = 20 * time.Second // for SUBACK and PUBACK
	retryEvery    = 30 * time.Second // what the broker refused
	lastTimeout   = time.Second      // for the last status values
	quiesce       = 250              // milliseconds for DISCONNECT to go out
)

// session is one connection of a link; a paho client is good for one.
type session struct {
	*link
	client  paho.Client
	conn    *conn
	resumed bool
	over    chan error // the first reason why it is over

	refused []string // filters the broker refused

	gate   sync.Mutex // guards closed: by the receiver and the link
	closed bool       // nothing more is delivered
}

// open connects to the server.
func (l *link) open(ctx context.Context) (*session, error) {
	l.renew()
	c, err := dial(ctx, l.url, l.server.TLS)
	if err != nil {
		return nil, err
	}
	s := &session{link: l, conn: c, over: make(chan error, 1)}
	c.in.take = s.receive
	l.window.attach(c)
	s.client = paho.NewClient(s.options())
	token := s.client.Connect()
	select {
	case <-token.Done():
	case <-ctx.Done():
		c.Close() // ends the handshake
		<-token.Done()
	}
	if err := token.Error(); err != nil {
		s.close()
		return nil, err
	}
	s.resumed = token.(*paho.ConnectToken).SessionPresent()
	return s, nil
}

func (s *session) options() *paho.ClientOptions {
	o := paho.NewClientOptions()
	o.AddBroker("tcp://" + s.url.Host) // the connection is ours
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return s.conn, nil })
	o.SetClientID(s.cfg.ClientID).SetUsername(s.server.User).SetPassword(s.server.Password)
	o.SetProtocolVersion(4).SetCleanSession(false).SetStore(noStore{})
	o.SetOrderMatters(true)
	o.SetAutoReconnect(false).SetConnectRetry(false)
	o.SetKeepAlive(s.cfg.KeepAlive).SetPingTimeout(dialTimeout)
	o.SetConnectTimeout(dialTimeout).SetWriteTimeout(blockTimeout)
	o.SetConnectionLostHandler(func(_ paho.Client, err error) {
		select {
		case s.over <- err:
		default:
		}
	})
	return o
}

// begin drops old filters and subscribes to ours.
func (s *session) begin(ctx context.Context) error {
	for at := 0; at < len(s.forget) && s.resumed; at += maxFilters {
		part := s.forget[at:min(at+maxFilters, len(s.forget))]
		if err := s.wait(ctx, s.client.Unsubscribe(part...)); err != nil {
			return fmt.Errorf("unsubscribing: %w", err)
		}
	}
	if err := s.subscribe(ctx, s.filters); err != nil {
		return err
	}
	if len(s.refused) == len(s.filters) {
		return errNoFilter
	}
	return nil
}

// subscribe subscribes to filters and keeps in s.refused what was refused.
func (s *session) subscribe(ctx context.Context, filters []string) error {
	s.refused = nil
	for at := 0; at < len(filters); at += maxFilters {
		want := map[string]byte{}
		for _, f := range filters[at:min(at+maxFilters, len(filters))] {
			want[f] = 1
		}
		token := s.client.SubscribeMultiple(want, nil)
		if err := s.wait(ctx, token); err != nil {
			return fmt.Errorf("subscribing: %w", err)
		}
		for f, granted := range token.(*paho.SubscribeToken).Result() {
			switch granted {
			case 0x80:
				s.refused = append(s.refused, f)
			case 0:
				s.cfg.Log.Warn("the broker grants QoS 0 only: it may lose messages; allow QoS 1 there", "broker", s.server.Name, "filter", f)
			}
		}
	}
	return nil
}

// wait waits for token. Paho leaves tokens open when a connection is lost.
func (s *session) wait(ctx context.Context, token paho.Token) error {
	timeout := time.NewTimer(answerTimeout)
	defer timeout.Stop()
	select {
	case <-token.Done():
		return token.Error()
	case err := <-s.over:
		return err
	case <-s.conn.done:
		return s.broken()
	case <-timeout.C:
		return errNoAnswer
	case <-ctx.Done():
		return ctx.Err()
	}
}

// broken returns why the connection ended under us.
func (s *session) broken() error {
	if err := s.conn.failure(); err != nil {
		return err
	}
	return net.ErrClosed
}

// close delivers nothing more, sends what acknowledgements there are, and
// disconnects. The broker keeps the session.
func (s *session) close() {
	s.gate.Lock()
	s.closed = true
	s.gate.Unlock()
	if s.client.IsConnectionOpen() {
		s.conn.lingering()
	}
	s.client.Disconnect(quiesce)
	s.conn.Close()
	s.window.detach()
}
