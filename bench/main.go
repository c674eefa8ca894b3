// Command bench measures Heartline beside Telegraf: both subscribe to the same
// Mosquitto, take the same messages and write to the same influxd, one after
// the other in one run.
//
//	bench [--messages 200000] [--machines 2000] [--output text|json] [--quick]
//
// It needs bin/heartline, bin/telegraf, bin/influxd and mosquitto; `make bench`
// builds the first three. Everything it starts ends with it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
)

// options are what a run is about.
type options struct {
	messages, machines, publishers int
	bin, dir                       string
	only                           string
	restart                        int // plants of the restart measurement; 0: none
	backlog                        int // messages of the backlog measurement; 0: none
}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := exec(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

func exec(ctx context.Context, args []string) error {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.IntVar(&o.messages, "messages", 200_000, "messages of the run at full rate; half of them at half rate")
	f.IntVar(&o.machines, "machines", 2000, "machines that send them")
	f.IntVar(&o.publishers, "publishers", 4, "connections that publish")
	f.IntVar(&o.restart, "plants", 10_000, "plants of the restart measurement; 0: none")
	f.IntVar(&o.backlog, "backlog", 200_000, "messages that wait in the queue, and are drained (the figure in docs/performance.md: 20,000,000); 0: none")
	f.StringVar(&o.bin, "bin", "../bin", "directory of heartline, telegraf and influxd")
	f.StringVar(&o.only, "only", "", "measure only a part: heartline, telegraf, backlog or restart")
	output := f.String("output", "text", "text or json")
	quick := f.Bool("quick", false, "a tenth of everything: shows that it works, and nothing else")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *quick {
		o.messages, o.machines, o.restart = o.messages/10, o.machines/10, o.restart/10
		o.backlog /= 10
	}
	if !slices.Contains([]string{"", "heartline", "telegraf", "backlog", "restart"}, o.only) {
		return fmt.Errorf("--only %q: want heartline, telegraf, backlog or restart", o.only)
	}
	var err error
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	if o.dir, err = os.MkdirTemp("", "heartline-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.dir)
	report, err := run(ctx, o)
	if err != nil {
		return err
	}
	if *output == "json" {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(report)
	}
	report.print(os.Stdout)
	return nil
}
