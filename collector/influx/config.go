package influx

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// What a Config means where it is silent.
const (
	DefaultLanes        = 4
	DefaultMaxBatch     = 1 << 20
	DefaultTimeout      = 30 * time.Second
	DefaultRetryMin     = 200 * time.Millisecond
	DefaultRetryMax     = 30 * time.Second
	DefaultBlockedRetry = 10 * time.Second
)

// Config says which InfluxDB to write to and how. URL, Bucket and
// VerdictBucket are needed; everything else has a default.
type Config struct {
	URL   string // http://127.0.0.1:8086
	Token string // on 1.8 with users: user:password; empty: none is sent
	// Renew returns the Token as its file says now; nil: it never changes. It is
	// called for each request.
	Renew func() string
	Org   string // 2.x; the others ignore it
	// Bucket takes heartbeats, VerdictBucket all the rest.
	Bucket        string
	VerdictBucket string
	// Retention is how long Bucket has to keep its data at least, 0 for ever;
	// VerdictBucket keeps its for ever. Check holds both against InfluxDB.
	Retention time.Duration

	Lanes    int           // writes in flight; a plant's are always one after another
	MaxBatch int           // bytes of line protocol in one request, before gzip
	Timeout  time.Duration // of one request
	// Waits between attempts grow from RetryMin to RetryMax.
	RetryMin, RetryMax time.Duration
	// BlockedRetry is the wait where only a person can help: a wrong token,
	// a missing bucket, a limit.
	BlockedRetry time.Duration

	TLS   *tls.Config
	Clock collector.Clock // default time.Now
	Log   *slog.Logger    // default: none
	// Observe is told how long a successful write took and how many points
	// it held; called from several goroutines. May be nil.
	Observe func(d time.Duration, points int)
}

func (c *Config) setDefaults() {
	positive(&c.Lanes, DefaultLanes)
	positive(&c.MaxBatch, DefaultMaxBatch)
	positive(&c.Timeout, DefaultTimeout)
	positive(&c.RetryMin, DefaultRetryMin)
	positive(&c.RetryMax, DefaultRetryMax)
	positive(&c.BlockedRetry, DefaultBlockedRetry)
	c.RetryMax = max(c.RetryMax, c.RetryMin)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Observe == nil {
		c.Observe = func(time.Duration, int) {}
	}
}

func positive[T int | time.Duration](v *T, otherwise T) {
	if *v <= 0 {
		*v = otherwise
	}
}

func (c *Config) check() error {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return plant.Errorf(plant.CodeInvalid, "influxdb.url: %q is no address; write it like http://127.0.0.1:8086", redact(c.URL))
	case u.User != nil:
		return plant.Errorf(plant.CodeInvalid, "influxdb.url: holds a user; put user:password, or the token, into influxdb.token_file instead")
	case c.Bucket == "":
		return plant.Errorf(plant.CodeInvalid, "influxdb.bucket: is empty; name the bucket heartbeats are written to, like factory")
	case c.VerdictBucket == "":
		return plant.Errorf(plant.CodeInvalid, "the bucket for results is empty; it is usually %q", c.Bucket+"_verdicts")
	}
	return nil
}

// redact hides what may be a password in a URL that does not parse.
func redact(text string) string {
	if u, err := url.Parse(text); err == nil {
		return u.Redacted()
	}
	return "(cannot be shown)"
}

// Client is one InfluxDB. It is safe for concurrent use.
type Client struct {
	cfg     Config
	api     influxdb2.Client
	http    influxhttp.Service
	web     *http.Client
	bodies  sync.Pool              // of *body
	version atomic.Pointer[string] // as last heard
	unseen  sync.Map               // of bucket: its retention cannot be read, and that was told
}

// New returns a client; it does not connect. A Config that cannot work is a
// CodeInvalid error.
func New(cfg Config) (*Client, error) {
	cfg.setDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Renew == nil {
		cfg.Renew = func() string { return cfg.Token }
	}
	c := &Client{cfg: cfg}
	c.web = &http.Client{
		Transport: &plainErrors{next: &authorized{cfg.Renew, &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSClientConfig:     cfg.TLS,
			TLSHandshakeTimeout: 5 * time.Second,
			MaxIdleConnsPerHost: 2*cfg.Lanes + 1,
			IdleConnTimeout:     90 * time.Second,
		}}},
		// A redirected POST arrives as a GET without a body.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	opts := influxdb2.DefaultOptions().SetApplicationName("heartline")
	opts.HTTPOptions().SetHTTPClient(c.web)
	c.api = influxdb2.NewClientWithOptions(cfg.URL, "", opts) // authorized shows the token
	c.http = c.api.HTTPService()
	c.bodies.New = func() any { return newBody() }
	return c, nil
}

// Close ends idle connections. The writers' Run must have returned.
func (c *Client) Close() {
	c.api.Close()
	c.web.CloseIdleConnections()
}

// Version is what InfluxDB said it is, "" before it said anything.
func (c *Client) Version() string {
	if v := c.version.Load(); v != nil {
		return *v
	}
	return ""
}

// URL is where InfluxDB is, as it was configured.
func (c *Client) URL() string { return c.cfg.URL }
