package mqtt

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// Defaults and bounds of a Config.
const (
	DefaultKeepAlive = 30 * time.Second
	// MaxInflight is the most a connection can hold un-acknowledged: the
	// number of MQTT's packet ids. An inbox that has room for this many
	// messages per server refuses none of QoS 1.
	MaxInflight = 65535
)

// Server is one broker to be connected to.
type Server struct {
	// Name is what logs, metrics and Message.Broker call it; by default the
	// URL's host and port. No two servers share one.
	Name string
	// URL is tcp:// or mqtt:// (port 1883), or with TLS ssl://, tls:// or
	// mqtts:// (port 8883). It holds no password.
	URL            string
	User, Password string
	// TLS is used with the TLS schemes; nil: the system's authorities.
	TLS *tls.Config
	// Renew, where not nil, returns Password and TLS as their files say now: it
	// is called before each connection but the first.
	Renew func() (password string, conf *tls.Config, err error)
}

// Source is one configured source; its index is Message.Source.
type Source struct{ Template collector.Template }

// Will is the topic on which a gateway's last will, and its word that it is
// back, are published.
type Will struct {
	Broker         string // on this server only; empty: on any
	Plant, Gateway string
	Topic          string // without wildcards; empty: the gateway has none
}

// Config is what a Client needs. Servers, ClientID, Sources, Clock and Log
// are required; zero numbers mean the defaults.
type Config struct {
	Servers  []Server
	ClientID string // names the session at the brokers; the same at every start
	Sources  []Source
	Wills    []Will
	// Own is the prefix of topics we publish ourselves: a message under it
	// is never delivered, whatever the sources say. Empty: none.
	Own string
	// Forget holds filters that an earlier start subscribed to: those no
	// longer used are unsubscribed, since a resumed session keeps them.
	// See Client.Filters.
	Forget []string

	KeepAlive   time.Duration // 1 s to 18 h; a dead link is noticed in this and 10 s
	MaxInflight int           // messages held per server; at most MaxInflight
	Clock       collector.Clock
	Log         *slog.Logger
	Seed        uint64 // of the jitter between tries
}

// check fills in defaults and reports what cannot work, as plant.Problems.
func (c *Config) check() error {
	var ps plant.Problems
	add := func(path, what string) { ps = append(ps, plant.Problem{Path: path, What: what}) }
	if c.KeepAlive <= 0 {
		c.KeepAlive = DefaultKeepAlive
	}
	c.KeepAlive = min(max(c.KeepAlive.Round(time.Second), time.Second), 65535*time.Second)
	if c.MaxInflight <= 0 || c.MaxInflight > MaxInflight {
		c.MaxInflight = MaxInflight
	}
	if c.ClientID == "" {
		add("mqtt.client_id", "is empty: the broker keeps messages for a client by this name while it is away")
	}
	if len(c.Servers) == 0 {
		add("mqtt.servers", "is empty: name at least one broker")
	}
	if len(c.Sources) == 0 {
		add("mqtt.sources", "is empty: name at least one topic")
	}
	for i, s := range c.Sources {
		if s.Template.Filter() == "" {
			add(fmt.Sprintf("mqtt.sources[%d].topic", i), "is empty; write a topic like factory/{plant}/{line}/{machine}/heartbeat")
		}
	}
	c.Servers = append([]Server(nil), c.Servers...)
	names := map[string]bool{}
	for i := range c.Servers {
		s := &c.Servers[i]
		u, what := s.address()
		if what != "" {
			add(fmt.Sprintf("mqtt.servers[%d].url", i), what)
			continue
		}
		if s.Name == "" {
			s.Name = u.Host
		}
		if names[s.Name] {
			add("mqtt.servers["+s.Name+"]", "names two servers; one connection to each broker is enough")
		}
		names[s.Name] = true
		if s.Password != "" && s.User == "" {
			add("mqtt.servers["+s.Name+"].user", "is empty although there is a password; MQTT sends a password only with a user")
		}
	}
	return ps.Err()
}

// address returns the server's URL with its port, or what is wrong with it.
func (s *Server) address() (u *url.URL, what string) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, "cannot be read; write it like tcp://broker.example:1883"
	}
	port := "1883"
	switch u.Scheme {
	case "tcp", "mqtt":
		if s.TLS != nil {
			return nil, "says " + u.Scheme + ":// although TLS files are given; write mqtts:// for an encrypted connection"
		}
	case "ssl", "tls", "mqtts":
		port = "8883"
	default:
		return nil, fmt.Sprintf("begins with %q; tcp:// and mqtts:// are supported", u.Scheme+"://")
	}
	if u.Hostname() == "" {
		return nil, "names no host; write it like tcp://broker.example:1883"
	}
	if u.User != nil {
		return nil, "holds a user or password; write them as user and password_file, so that they show in no log"
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	return u, ""
}

// encrypted reports whether u's scheme means TLS.
func encrypted(u *url.URL) bool { return u.Scheme != "tcp" && u.Scheme != "mqtt" }

// loopback reports whether u stays on this machine.
func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
