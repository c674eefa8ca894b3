package embedded

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// maxRestartWait bounds the back-off between two starts of influxd.
	maxRestartWait = 30 * time.Second
	// steadyAfter is how long influxd must have run for the back-off to begin
	// anew.
	steadyAfter = time.Minute
	// healthEvery is how often a starting influxd is asked whether it answers.
	healthEvery = 50 * time.Millisecond
)

// InfluxConfig says how to run influxd.
type InfluxConfig struct {
	Binary string // path of an influxd, 1.8 or 2.x; see FindInfluxd
	Dir    string // its data; made with mode 0700
	Listen string // host:port of its HTTP API; port 0: any free one, kept across restarts

	Org           string        // 2.x: the organisation of the buckets
	Bucket        string        // bucket, or database, of the heartbeats
	Retention     time.Duration // how long Bucket keeps them, at least 1 h; 0: for ever
	VerdictBucket string        // that of the verdicts, kept for ever

	Log *slog.Logger
}

// maxPicks is how many free ports are tried before giving up.
const maxPicks = 5

// Influx is a running influxd. Its methods are safe for concurrent use.
type Influx struct {
	cfg    InfluxConfig
	listen string
	major  int      // version of InfluxDB
	args   []string // of influxd
	token  string
	out    *influxLog
	client http.Client

	mu    sync.Mutex // guards child: replaced at restarts, read by tests and Stop
	child *child

	cancel context.CancelFunc
	done   chan struct{} // closed once the watcher has ended
}

// StartInflux starts influxd under a guard and returns once it answers and has
// its databases. From then on it is started again, with back-off, whenever it
// ends. ctx bounds the start only; end it with Stop.
//
// Errors: CodeConflict where the address is taken, CodeInvalid where the
// configuration is wrong or the binary is no influxd of 1.x or 2.x, CodeUnavailable
// where it does not come up.
func StartInflux(ctx context.Context, cfg InfluxConfig) (*Influx, error) {
	major, err := majorOf(ctx, cfg.Binary)
	if err != nil {
		return nil, err
	}
	if cfg.Retention != 0 && cfg.Retention < time.Hour {
		return nil, plant.Errorf(plant.CodeInvalid,
			"influxdb.retention is %s: InfluxDB keeps data for at least 1h; 0 keeps it for ever", cfg.Retention)
	}
	x := &Influx{cfg: cfg, major: major, out: newInfluxLog(cfg.Log), done: make(chan struct{})}
	x.client.Timeout = 10 * time.Second
	c, err := x.begin(ctx)
	if err != nil {
		return nil, err
	}
	if x.token, err = x.provide(ctx); err != nil {
		_ = c.stop(ctx)
		return nil, err
	}
	run, cancel := context.WithCancel(context.Background())
	x.cancel = cancel
	go x.watch(run, c)
	return x, nil
}

// begin starts influxd for the first time. A port that was free when we picked
// it may be taken before influxd, which needs seconds, listens on it: then
// another one is picked.
func (x *Influx) begin(ctx context.Context) (*child, error) {
	for try := 1; ; try++ {
		listen, err := x.address(ctx)
		if err != nil {
			return nil, err
		}
		if x.args, err = x.arguments(listen); err != nil {
			return nil, err
		}
		x.listen = listen
		c, err := x.launch(ctx)
		if err == nil || try == maxPicks || listen == x.cfg.Listen || !strings.Contains(err.Error(), "address already in use") {
			return c, err
		}
	}
}

// address is where influxd shall listen. After a kill -9 of ours the influxd before
// it may be there still, until its guard has ended it.
func (x *Influx) address(ctx context.Context) (string, error) {
	late := time.After(guardGrace + time.Second)
	for said := false; ; said = true {
		listen, err := freeAddress(x.cfg.Listen, "influxdb.listen")
		if plant.CodeOf(err) != plant.CodeConflict {
			return listen, err
		}
		if !said {
			x.cfg.Log.Info("influxdb.listen is taken; waiting for an influxd that may be ending", "listen", x.cfg.Listen)
		}
		select {
		case <-time.After(healthEvery):
		case <-late:
			return "", err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// URL returns where influxd answers, such as http://127.0.0.1:8086. It never
// changes.
func (x *Influx) URL() string { return "http://" + reachable(x.listen) }

// Token is what our own client shows: "" on 1.8, which asks nobody.
func (x *Influx) Token() string { return x.token }

// Stop ends influxd and the watching over it. At the end of ctx it is killed,
// and ctx's error returned. No process is left when Stop returns.
func (x *Influx) Stop(ctx context.Context) error {
	x.cancel()
	c := x.current()
	err := c.stop(ctx)
	<-x.done
	// The watcher may have started another one just before it saw the end.
	if last := x.current(); last != c {
		err = last.stop(ctx)
	}
	if err != nil {
		return fmt.Errorf("influxd had to be killed: %w", err)
	}
	return nil
}

func (x *Influx) current() *child {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.child
}

// launch starts influxd and returns once it answers.
func (x *Influx) launch(ctx context.Context) (*child, error) {
	x.out.tail()
	c, err := startChild(x.out.line, x.cfg.Binary, x.args...)
	if err != nil {
		return nil, plant.Errorf(plant.CodeInternal, "%w", err)
	}
	x.mu.Lock()
	x.child = c
	x.mu.Unlock()
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		if x.healthy(ctx) {
			return c, nil
		}
		select {
		case <-c.done:
			return nil, plant.Errorf(plant.CodeUnavailable,
				"influxd on %s (influxdb.listen) ended with exit status %d before it answered; its last lines: %s",
				x.listen, c.code, x.out.tail())
		case <-ctx.Done():
			over, cancel := context.WithTimeout(context.Background(), guardGrace+time.Second)
			_ = c.stop(over)
			cancel()
			return nil, plant.Errorf(plant.CodeUnavailable, "influxd on %s (influxdb.listen) does not answer: %w; its last lines: %s",
				x.listen, ctx.Err(), x.out.tail())
		case <-tick.C:
		}
	}
}

func (x *Influx) healthy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.URL()+"/health", nil)
	if err != nil {
		return false
	}
	resp, err := x.client.Do(req)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// watch starts influxd again whenever it has ended, until ctx ends.
func (x *Influx) watch(ctx context.Context, c *child) {
	defer close(x.done)
	wait := backoff.NewExponentialBackOff() // 0.5 s, times 1.5, each +-50 %
	wait.MaxInterval = maxRestartWait * 2 / 3
	for began := time.Now(); ; began = time.Now() {
		select {
		case <-c.done:
		case <-ctx.Done():
			return
		}
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > steadyAfter {
			wait.Reset()
		}
		err := fmt.Errorf("exit status %d; its last lines: %s", c.code, x.out.tail())
		for err != nil {
			if ctx.Err() != nil {
				return
			}
			pause := wait.NextBackOff()
			x.cfg.Log.Warn("influxd ended and is started again", "address", x.listen, "in", pause.Round(time.Millisecond), "err", err)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return
			}
			c, err = x.launch(ctx)
		}
		x.cfg.Log.Info("influxd answers again", "address", x.listen)
	}
}

// freeAddress picks the port where listen leaves it open, and makes sure that
// nobody else listens there. key is the configuration key to name.
func freeAddress(listen, key string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", plant.Errorf(plant.CodeInvalid, "%s is %q: write host:port, such as 127.0.0.1:8086", key, listen)
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return "", cannotListen(listen, key, err)
	}
	defer func() { _ = l.Close() }()
	if port == "0" {
		_, port, _ = net.SplitHostPort(l.Addr().String())
	}
	return net.JoinHostPort(host, port), nil
}

// reachable turns an address to listen on into one to connect to.
func reachable(listen string) string {
	host, port, _ := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
