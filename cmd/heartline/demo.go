package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/configs"
	"github.com/seed-00829101/heartline/internal/app"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/sim"
)

func newDemo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run everything on this machine, with simulated plants",
		Long: `Runs a broker, the queue, InfluxDB, the rules and the page on this machine, with
five simulated plants whose rules use windows of seconds: within 90 s one goes
from stopped over ramping up to resumed, and a line stalls.

What it stores is kept for the next demo. Ctrl-C ends it.`,
		Example: `  heartline demo
  heartline demo --http.listen 127.0.0.1:0 --data_dir /tmp/demo`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := config.LoadFrom(configs.FS, "demo/heartline.yaml", cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			return runDemo(cmd.Context(), loaded, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	config.AddFlags(cmd.Flags())
	return cmd
}

// runDemo runs Heartline, and the simulated plants once it answers.
func runDemo(ctx context.Context, loaded *config.Loaded, out, errs io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	log := newLog(loaded, errs)
	fmt.Fprintln(out, "Starting the broker, the queue, InfluxDB and the page ...")
	ready := make(chan app.Addresses, 1)
	heartline := app.New(app.Options{
		Loaded: loaded, Log: log, Clock: time.Now, Version: version,
		Ready:   func(a app.Addresses) { ready <- a },
		Decided: func(ts []plant.Transition) { printTransitions(out, ts) },
	})
	plants := make(chan error, 1)
	go func() {
		defer cancel() // without its plants the demo is over
		select {
		case a := <-ready:
			fmt.Fprint(out, welcome(a))
			_, err := sim.Publish(ctx, sim.PublishConfig{URL: a.MQTT, Clock: time.Now, Log: log}, sim.NewDemo(time.Now()))
			plants <- err
		case <-ctx.Done():
			plants <- nil
		}
	}()
	err := heartline.Run(ctx)
	cancel()
	if failed := <-plants; failed != nil && !errors.Is(failed, context.Canceled) {
		err = errors.Join(err, fmt.Errorf("the simulated plants: %w", failed))
	}
	return err
}

// welcome says where everything is, and what to try, to be pasted as it is.
func welcome(a app.Addresses) string {
	host, port, _ := strings.Cut(strings.TrimPrefix(a.MQTT, "tcp://"), ":")
	return fmt.Sprintf(`
Heartline is running. Ctrl-C ends it; what it stored is kept for the next time.

  page, API, /metrics   %[1]s
  MQTT                  %[2]s
  InfluxDB              %[3]s

Publish a heartbeat of your own, with any MQTT client:
  mosquitto_pub -h %[4]s -p %[5]s -q 1 -t factory/my-plant/line-1/m1/heartbeat -m '{"seq":1,"state":"running","good":17}'

Query it:
  curl -sG %[3]s/query --data-urlencode db=factory --data-urlencode "q=SELECT good, state FROM heartbeat WHERE plant='my-plant'"

What the rules decide, as it happens:
`, a.HTTP, a.MQTT, a.InfluxDB, host, port)
}

// printTransitions writes one line each.
func printTransitions(out io.Writer, ts []plant.Transition) {
	for _, t := range ts {
		what := "plant " + t.Plant
		switch t.Kind {
		case plant.KindAlert:
			what = "alert " + t.Alert.Rule + " of " + strings.Join(slices.DeleteFunc([]string{t.Plant, t.Line, t.Machine}, func(s string) bool { return s == "" }), "/")
		case plant.KindLine:
			what = "line " + t.Plant + "/" + t.Line
		}
		line := fmt.Sprintf("%s  %-28s %s", t.At.Time().Local().Format("15:04:05"), what, strings.ReplaceAll(t.To, "_", " "))
		if t.Relapsed {
			line += ", relapsed"
		}
		if v := t.Verdict; v != nil && v.Recovery != nil {
			line += fmt.Sprintf(" (%.0f %% of normal output)", 100**v.Recovery)
		} else if t.Reason != "" {
			line += " (" + strings.ReplaceAll(t.Reason, "_", " ") + ")"
		}
		fmt.Fprintln(out, line)
	}
}
