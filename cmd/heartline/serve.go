package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/internal/app"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/internal/doctor"
)

func newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run Heartline until it is interrupted",
		Long: `Runs Heartline: takes heartbeats off MQTT, keeps them, writes them to InfluxDB,
decides phases, and serves the page, the API and /metrics. Without other
settings the broker, the queue and InfluxDB are started beside it, all on
loopback, with everything under data_dir.

Registry, rules, calendars and profiles are read again when their files change,
or at SIGHUP: all of it or nothing. Other changes need a restart.

Ctrl-C or SIGTERM ends it cleanly within 10 s; a second one at once.`,
		Example: `  heartline serve
  heartline serve --config /etc/heartline/heartline.yaml
  HEARTLINE_DATA_DIR=/var/lib/heartline heartline serve`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := config.Load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			log := newLog(loaded, cmd.ErrOrStderr())
			for _, w := range loaded.Warnings {
				log.Warn(w.String())
			}
			for _, f := range doctor.Limits(loaded) {
				if f.Severity != doctor.OK && f.What != "registry" {
					log.Warn(f.What+" "+f.Words, "do", f.Do)
				}
			}
			hangup := make(chan os.Signal, 1)
			signal.Notify(hangup, syscall.SIGHUP)
			return app.New(app.Options{
				Loaded: loaded, Log: log, Clock: time.Now, Version: version, Hangup: hangup,
				Reload: func() (*config.Loaded, error) { return config.Load(cmd.Flags(), os.Environ()) },
			}).Run(cmd.Context())
		},
	}
	config.AddFlags(cmd.Flags())
	return cmd
}
