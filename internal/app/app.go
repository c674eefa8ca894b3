package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/collector/mqtt"
	"github.com/seed-00829101/heartline/collector/queue"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/internal/embedded"
	"github.com/seed-00829101/heartline/internal/renew"
	"github.com/seed-00829101/heartline/logins"
	"github.com/seed-00829101/heartline/plant"
)

// stopTimeout bounds a clean stop of everything together.
const stopTimeout = 9 * time.Second

// Options are what an App needs.
type Options struct {
	Loaded  *config.Loaded
	Log     *slog.Logger
	Clock   collector.Clock
	Version string
	// Reload reads the configuration again; nil: it never changes. It is
	// called when its files change, and for each Hangup.
	Reload func() (*config.Loaded, error)
	Hangup <-chan os.Signal
	// Ready is called once, when everything answers; nil ok.
	Ready func(Addresses)
	// Decided is called with every transition, by one goroutine; it must
	// not block. nil ok.
	Decided func([]plant.Transition)
}

// App is one Heartline. Its fields are set while it starts and only read
// afterwards.
type App struct {
	opt  Options
	cfg  *config.Config
	log  *slog.Logger
	life *lifecycle

	nats     *embedded.NATS              // nil: a queue of the user's own
	influxd  *embedded.Influx            // nil: an InfluxDB of the user's own
	users    *renew.Files[*logins.Users] // nil: everybody may publish to our broker
	room     *room
	queue    *queue.Queue
	influx   *influx.Client
	token    func() string // of InfluxDB, as its file says now
	store    *influx.Store
	verdicts *influx.Verdicts
	loop     *collector.Loop
	mqtt     *mqtt.Client
	console  *console.Server
	probe    probe
	keeper   keeper
	books    books
	current  atomic.Pointer[config.Loaded]
	reloaded atomic.Pointer[reloadStats]
	watch    *watch
	lost     atomic.Uint64 // entries of the queue that were gone before they were stored
	worker   workerStats
	flags    flagCount
	alerts   alertCount
	past     past
	imports  importer
	baseline baselines
	declarer declarer
	timings  *timings
	registry *prometheus.Registry
	addr     Addresses
	started  atomic.Bool // all of the above is set
}

// New returns an App that is not running.
func New(opt Options) *App {
	a := &App{opt: opt, cfg: &opt.Loaded.Config, log: opt.Log, life: newLifecycle(opt.Log)}
	a.current.Store(opt.Loaded)
	a.imports.turn = make(chan struct{}, 1)
	a.imports.app, a.baseline.app, a.baseline.wanted = a, a, make(chan struct{}, 1)
	a.declarer.app = a
	return a
}

// loaded is the configuration that holds now. Safe for concurrent use.
func (a *App) loaded() *config.Loaded { return a.current.Load() }

// Run starts everything, says so, and stops it when ctx ends or a part fails.
// It returns nil after a clean stop. It can be called once.
func (a *App) Run(ctx context.Context) error {
	err := a.start(ctx)
	if err == nil {
		err = a.life.wait(ctx)
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil // asked to stop while starting
	}
	if err == nil {
		a.log.Info("stopping")
	}
	return errors.Join(err, a.life.stop(stopTimeout))
}

// start brings up one part after the other; what stop will end is registered
// as soon as it stands.
func (a *App) start(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		a.startDirectory, a.startServers, a.startQueue, a.startStore,
		a.startConsole, a.startIngest, a.startRules, a.startReloading, a.startAnnouncing,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) startDirectory(context.Context) error {
	dir := a.cfg.DataDir
	unlock, err := embedded.LockDir(dir)
	if err != nil {
		return err
	}
	a.life.onStop("the lock", func(context.Context) error { return unlock() })
	a.room = &room{dir: dir, least: int64(a.cfg.MinFreeDisk), clock: a.opt.Clock}
	return errors.Join(removeAddresses(dir), removeListenLogin(dir)) // left behind by a kill
}

// startServers starts influxd and the embedded NATS side by side.
func (a *App) startServers(ctx context.Context) error {
	// The page listens later; that it cannot is said before seconds are spent on these.
	if err := embedded.CanListen(a.cfg.HTTP.Listen, "http.listen"); err != nil {
		return err
	}
	influxd := make(chan error, 1)
	go func() { influxd <- a.startInfluxd(ctx) }()
	err := a.startNATS(ctx)
	err = errors.Join(err, <-influxd)
	// Registered here, by one goroutine, in a fixed order.
	if a.influxd != nil {
		a.life.onStop("influxd", a.influxd.Stop)
	}
	if a.nats != nil {
		a.life.onStop("the embedded NATS server", a.nats.Stop)
	}
	return err
}

func (a *App) startInfluxd(ctx context.Context) error {
	a.addr.InfluxDB = a.cfg.InfluxDB.URL
	if a.addr.InfluxDB != "" {
		return nil
	}
	binary, err := embedded.FindInfluxd(a.cfg.InfluxDB.Binary)
	if err != nil {
		return err
	}
	a.influxd, err = embedded.StartInflux(ctx, embedded.InfluxConfig{
		Binary: binary, Dir: influxDir(a.cfg), Listen: a.cfg.InfluxDB.Listen,
		Org: a.cfg.InfluxDB.Org, Retention: time.Duration(a.cfg.InfluxDB.Retention), Bucket: a.cfg.InfluxDB.Bucket,
		VerdictBucket: a.cfg.InfluxDB.VerdictBucket, Log: a.log,
	})
	if err == nil {
		a.addr.InfluxDB = a.influxd.URL()
	}
	return err
}

func (a *App) startNATS(ctx context.Context) error {
	if a.cfg.Queue.URL != "" && len(a.cfg.MQTT.Servers) > 0 {
		return nil
	}
	listen := a.cfg.MQTT.Listen
	if len(a.cfg.MQTT.Servers) > 0 {
		listen = ""
	}
	var err error
	if a.users, err = a.openUsers(); err != nil {
		return err
	}
	config := embedded.NATSConfig{
		Dir: filepath.Join(a.cfg.DataDir, "nats"), MQTTListen: listen,
		MQTTStoreMaxBytes: int64(a.cfg.MQTT.StoreMaxBytes), ClientID: a.cfg.MQTT.ClientID,
		Filters: mqtt.Filters(a.sources(), a.wills()), TLS: a.brokerTLS(), Topics: func(id string) []string { return LoginTopics(a.loaded())(id) }, Log: a.log,
	}
	if a.users != nil {
		config.Users = a.users.Now
	}
	a.nats, err = embedded.StartNATS(ctx, config)
	return err
}

func (a *App) startQueue(ctx context.Context) error {
	conn, err := a.queueConn()
	if err != nil {
		return err
	}
	a.queue, err = queue.Open(ctx, conn, queue.Config{
		MaxBytes: int64(a.cfg.Queue.MaxBytes), DeadMaxBytes: int64(a.cfg.DeadLetters.MaxBytes),
		DeadMaxAge: time.Duration(a.cfg.DeadLetters.MaxAge), AcceptLoss: a.cfg.Queue.AcceptLoss, Log: a.log.With("component", "queue"),
	})
	if err != nil {
		return err
	}
	a.keeper.queue = a.queue
	a.life.onStop("the queue", a.queue.Close)
	return nil
}

// queueConn is the connection to the embedded server, or to the user's own.
func (a *App) queueConn() (*nats.Conn, error) {
	if a.cfg.Queue.URL == "" {
		return a.nats.Conn(), nil
	}
	conn, err := nats.Connect(a.cfg.Queue.URL, nats.Name("heartline"), nats.MaxReconnects(-1), nats.ReconnectBufSize(-1), nats.SyncQueueLen(queue.SyncQueueLen))
	if err != nil {
		return nil, plant.Errorf(plant.CodeUnavailable, "queue.url %s: %w", a.cfg.Queue.URL, err)
	}
	a.life.onStop("the connection to NATS", func(context.Context) error { conn.Close(); return nil })
	return conn, nil
}

// startAnnouncing writes addresses.json once everything answers, and takes it
// away first of all when stopping.
func (a *App) startAnnouncing(context.Context) error {
	dir := a.cfg.DataDir
	a.started.Store(true)
	a.life.run("the announcement", func(ctx context.Context) error {
		if err := a.answering(ctx); err != nil {
			return err
		}
		if err := errors.Join(a.writeListenLogin(), a.addr.write(dir)); err != nil {
			return err
		}
		a.log.Info("everything answers", "mqtt", a.addr.MQTT, "influxdb", a.addr.InfluxDB, "http", a.addr.HTTP)
		if a.opt.Ready != nil {
			a.opt.Ready(a.addr)
		}
		<-ctx.Done()
		return ctx.Err()
	})
	a.life.onStop("the addresses", func(context.Context) error { return errors.Join(removeAddresses(dir), removeListenLogin(dir)) })
	return nil
}

// answering waits until everything answers and takes what comes. The rules may
// be behind then, and /-/ready says no while they are.
func (a *App) answering(ctx context.Context) error {
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for len(a.unanswered()) > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
	return nil
}
