package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

// startConsole opens the page and the API. They answer while the rest starts,
// and say what is not ready yet.
func (a *App) startConsole(ctx context.Context) error {
	a.console = console.New(console.Options{
		Log: a.log.With("component", "http"), Clock: a.opt.Clock, Version: a.opt.Version, Ready: a.problems, Waits: a.waits,
		Watched: a.watched, Ledger: a.ledger, Letters: letters{a.queue, a}, Imports: &a.imports, Baselines: &a.baseline, Resumption: figures{a},
		Declarations: &a.declarer,
		Metrics:      promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}),
	})
	a.registry.MustRegister(newMetrics(a))
	if err := a.showEarlier(ctx); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", a.cfg.HTTP.Listen)
	if err != nil {
		return plant.Errorf(plant.CodeConflict, "cannot listen on http.listen %s: %w; stop what uses the port, or choose another (port 0 takes a free one)", a.cfg.HTTP.Listen, err)
	}
	a.addr.HTTP = "http://" + ln.Addr().String()
	server := &http.Server{
		Handler: a.console.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	a.life.run("the console", func(ctx context.Context) error {
		served := make(chan error, 1)
		go func() { served <- server.Serve(ln) }()
		select {
		case err := <-served:
			return err
		case <-ctx.Done():
		}
		a.console.Close()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(closing) != nil {
			_ = server.Close() // who is slow to read waits for nobody
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

// showEarlier fills the board with what was decided before this start.
func (a *App) showEarlier(ctx context.Context) error {
	var newest []plant.Transition
	err := a.queue.ReadResults(ctx, console.DefaultRecent, func(_ uint64, doc []byte) bool {
		v, err := collector.UnmarshalVerdicts(doc)
		if err != nil {
			a.log.Warn("an earlier verdict cannot be read and is not shown", "err", err)
			return true
		}
		newest = append(v.Transitions, newest...)
		return len(newest) < console.DefaultRecent
	})
	a.console.Transitions(newest)
	return err
}
