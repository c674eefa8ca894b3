package app

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/decode"
	"github.com/seed-00829101/heartline/collector/mqtt"
	"github.com/seed-00829101/heartline/internal/config"
)

const (
	// ownTopics is what we publish ourselves, and never take.
	ownTopics = "heartline/v1/"
	// embeddedBroker is what the embedded broker is called in logs.
	embeddedBroker = "embedded"
	filtersFile    = "mqtt-filters.json"
)

// startIngest connects to the brokers and starts the loop. The loop ends
// first, so that what it acknowledges last still reaches the brokers.
func (a *App) startIngest(ctx context.Context) error {
	decoder, err := decode.New(a.opt.Loaded.Profiles)
	if err != nil {
		return err
	}
	servers, err := a.servers()
	if err != nil {
		return err
	}
	names := make([]string, len(servers))
	for i, s := range servers {
		names[i] = s.Name
	}
	a.watch = new(watch)
	a.loop = collector.NewLoop(collector.LoopConfig{
		Queue: a.reviving(), Decoder: decoder, Dead: a.queue, Clock: a.opt.Clock, Log: a.log, Brokers: names, Sources: a.opt.Loaded.Templates,
		Enrolled: a.enrolled, MaxDiscovered: 10_000, Recall: a.recall, Tail: a.tail, Observe: a.watch.observe,
		Inbox:     mqtt.MaxInflight*len(servers) + 1024,
		Room:      a.room.check,
		Committed: func(d time.Duration, _ int) { a.timings.commit.Observe(d.Seconds()) },
	})
	a.watch.loop = a.loop
	a.mqtt, err = mqtt.New(mqtt.Config{
		Servers: servers, ClientID: a.cfg.MQTT.ClientID, Sources: a.sources(), Wills: a.wills(), Own: ownTopics,
		Forget: a.knownFilters(), Clock: a.opt.Clock, Log: a.log.With("component", "mqtt"),
		Seed: uint64(a.opt.Clock().UnixNano()),
	}, a.loop)
	if err != nil {
		return err
	}
	if err := a.keepFilters(a.mqtt.Filters()); err != nil {
		return err
	}
	if err := a.baseline.load(); err != nil {
		return err
	}
	holds := a.baseline.definition(a.opt.Loaded)
	a.life.run("the brokers' connections", a.mqtt.Run)
	a.life.run("the loop", func(ctx context.Context) error {
		definition, err := definitionControl(holds) // takes a while with many machines
		if err != nil {
			return err
		}
		return a.loop.Run(ctx, definition)
	})
	a.life.run("the memory of machines", a.keepMemory)
	a.life.run("the imports", a.imports.run)
	a.life.run("the baselines", a.baseline.run)
	return nil
}

// reviving is the queue, started anew where it is ours and stopped answering.
func (a *App) reviving() collector.Queue {
	if a.cfg.Queue.URL != "" {
		return a.queue
	}
	return &revivingQueue{Queue: a.queue, restart: a.nats.Restart, room: a.room.check, log: a.log}
}

func (a *App) servers() ([]mqtt.Server, error) {
	if len(a.cfg.MQTT.Servers) == 0 {
		a.addr.MQTT = a.nats.MQTTURL()
		user, password := a.nats.InternalLogin()
		return []mqtt.Server{{Name: embeddedBroker, URL: a.addr.MQTT, User: user, Password: password, TLS: a.nats.InternalTLS()}}, nil
	}
	a.addr.MQTT = a.cfg.MQTT.Servers[0].URL
	var out []mqtt.Server
	var errs []error
	for _, s := range a.cfg.MQTT.Servers {
		server, err := outsideServer(s)
		errs = append(errs, err)
		out = append(out, server)
	}
	return out, errors.Join(errs...)
}

func outsideServer(s config.Server) (mqtt.Server, error) {
	out := mqtt.Server{Name: s.Name, URL: s.URL, User: s.User, Renew: func() (string, *tls.Config, error) { return serverSecrets(s) }}
	var err error
	out.Password, out.TLS, err = serverSecrets(s)
	return out, err
}

// serverSecrets reads what is shown to a server.
func serverSecrets(s config.Server) (password string, conf *tls.Config, err error) {
	if s.PasswordFile != "" {
		if password, err = config.ReadSecret(s.PasswordFile); err != nil {
			return "", nil, err
		}
	}
	if s.CAFile != "" || s.CertFile != "" || s.KeyFile != "" {
		conf, err = mqtt.TLSConfig(s.CAFile, s.CertFile, s.KeyFile)
	}
	return password, conf, err
}

func (a *App) sources() []mqtt.Source { return sourcesOf(a.opt.Loaded) }

func sourcesOf(l *config.Loaded) []mqtt.Source {
	var out []mqtt.Source
	for _, t := range l.Templates {
		out = append(out, mqtt.Source{Template: t})
	}
	return out
}

// Filters is what we subscribe to.
func Filters(l *config.Loaded) []string { return mqtt.Filters(sourcesOf(l), willsOf(l)) }

func (a *App) wills() []mqtt.Will { return willsOf(a.opt.Loaded) }

func willsOf(l *config.Loaded) []mqtt.Will {
	var out []mqtt.Will
	for _, p := range l.Registry.Plants {
		for _, g := range p.Gateways {
			if g.WillTopic != "" {
				out = append(out, mqtt.Will{Plant: p.ID, Gateway: g.ID, Topic: g.WillTopic})
			}
		}
	}
	return out
}

// knownFilters are those of the last start; a session at a broker keeps them.
// Where the file cannot be read, nothing is unsubscribed and nothing is lost.
func (a *App) knownFilters() []string {
	data, err := os.ReadFile(filepath.Join(a.cfg.DataDir, filtersFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var out []string
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		a.log.Warn("the filters of the last start are not known; brokers may send messages that nobody wants", "err", err)
	}
	return out
}

func (a *App) keepFilters(filters []string) error {
	data, err := json.Marshal(filters)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(a.cfg.DataDir, filtersFile), data, 0o600)
}
