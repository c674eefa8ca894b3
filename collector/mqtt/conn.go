package mqtt

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"sync"
	"time"
)

const (
	readBuffer   = 64 << 10
	maxUnsent    = 8 << 20          // bytes; more means that the broker reads nothing
	writeTimeout = 10 * time.Second // for what is under way to the broker
	closeTimeout = time.Second      // for the last bytes
	dialTimeout  = 10 * time.Second
)

var errSlow = errors.New("the broker stopped reading: 8 MB wait to be sent")

// conn is a buffered connection: reads come from a buffer, without the messages,
// which are the session's, and everything written while a write is under way goes
// out with the next one. Nothing waits for a timer. Write and ack never block.
type conn struct {
	net.Conn
	in   splitter
	wake chan struct{} // one token: there is something to do for the writer
	done chan struct{} // closed when the writer has ended and Conn is closed
	over chan struct{} // closed when a read failed
	once sync.Once     // of closing over

	mu      sync.Mutex // guards all below: shared by paho, the acks and the writer
	out     []byte     // waits for the writer
	closing bool
	linger  bool  // on Close, wait for the broker to close first
	err     error // why it is broken: of the first read or write that failed
}

// newConn takes raw over. Close ends the writer.
func newConn(raw net.Conn) *conn {
	c := &conn{
		Conn: raw, in: splitter{in: bufio.NewReaderSize(raw, readBuffer)},
		wake: make(chan struct{}, 1), done: make(chan struct{}), over: make(chan struct{}),
	}
	go c.writer()
	return c
}

// Read implements net.Conn. Where the writer failed, it is that error that
// counts: paho takes a connection that we closed for a wish of its own, and
// would not say that it was lost.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if err != nil {
		c.once.Do(func() { close(c.over) })
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.err != nil {
			err = c.err
		} else if !c.closing {
			c.err = err
		}
	}
	return n, err
}

// Write implements net.Conn. Paho writes whole packets, so that an
// acknowledgement never lands inside one.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return 0, c.err
	case c.closing:
		return 0, net.ErrClosed
	case len(c.out)+len(p) > maxUnsent && len(c.out) > 0:
		return 0, errSlow
	}
	c.out = append(c.out, p...)
	c.signal()
	return len(p), nil
}

// ack writes a packet that is only a kind and a packet id. On a connection
// that is gone it does nothing.
func (c *conn) ack(kind byte, id uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil && !c.closing {
		c.out = append(c.out, kind, 2, byte(id>>8), byte(id))
		c.signal()
	}
}

// signal wakes the writer; with mu held.
func (c *conn) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *conn) writer() {
	defer close(c.done)
	defer c.Conn.Close()
	var spare []byte
	for range c.wake {
		c.mu.Lock()
		out, closing := c.out, c.closing
		c.out = spare[:0]
		timeout := writeTimeout
		if closing {
			timeout = closeTimeout
		}
		_ = c.Conn.SetWriteDeadline(time.Now().Add(timeout))
		c.mu.Unlock()
		if len(out) > 0 {
			if _, err := c.Conn.Write(out); err != nil {
				c.mu.Lock()
				if c.err == nil {
					c.err = err
				}
				c.mu.Unlock()
				c.cut()
				return
			}
		}
		if closing {
			c.bow()
			return
		}
		if spare = out; cap(out) > 1<<20 {
			spare = nil
		}
	}
}

// Close sends what is still unsent, for a second at most, and closes the
// connection (after lingering, a second later at most). It may be called
// again.
func (c *conn) Close() error {
	c.mu.Lock()
	c.closing = true
	_ = c.Conn.SetWriteDeadline(time.Now().Add(closeTimeout))
	c.signal()
	c.mu.Unlock()
	<-c.done
	return nil
}

// lingering asks for a patient Close.
func (c *conn) lingering() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.linger = true
}

// bow waits, where Close is to be patient, until the broker has read
// everything and closed its side. Mosquitto reads one packet at a time: a new
// connection of the same client would overtake acknowledgements that it has
// not read yet.
func (c *conn) bow() {
	c.mu.Lock()
	linger := c.linger
	c.mu.Unlock()
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !linger || !ok || half.CloseWrite() != nil {
		return
	}
	select {
	case <-c.over:
	case <-time.After(closeTimeout):
	}
}

// cut closes the connection without the farewell of TLS, which could block.
func (c *conn) cut() {
	if t, ok := c.Conn.(*tls.Conn); ok {
		_ = t.NetConn().Close()
	}
}

// failure returns why the connection broke, or nil.
func (c *conn) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// SetDeadline implements net.Conn for reads; the writer has its own.
func (c *conn) SetDeadline(t time.Time) error { return c.Conn.SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn; the writer has its own.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// dialError marks errors that came before the broker could say anything.
type dialError struct{ error }

func (e dialError) Unwrap() error { return e.error }

// dial opens the connection to u, with TLS where its scheme says so.
func dial(ctx context.Context, u *url.URL, conf *tls.Config) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, dialError{err}
	}
	if !encrypted(u) {
		return newConn(raw), nil
	}
	if conf == nil {
		conf = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if conf.ServerName == "" {
		conf = conf.Clone()
		conf.ServerName = u.Hostname()
	}
	secure := tls.Client(raw, conf)
	if err := secure.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, err
	}
	return newConn(secure), nil
}
