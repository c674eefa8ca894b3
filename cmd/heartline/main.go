// Command heartline takes the heartbeats of machines off MQTT, keeps every
// one of them, writes them to InfluxDB, and says which plants are producing
// again.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // plants have time zones, also where the machine knows none

	"github.com/seed-00829101/heartline/internal/embedded"
)

// version is set by the linker; see the Makefile.
var version = "unknown"

// patience is how long a clean end may take after a signal.
const patience = 9500 * time.Millisecond

func main() {
	embedded.Guard() // does not return in the process that guards influxd
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		cancel() // a second signal ends the process at once
		time.Sleep(patience)
		fmt.Fprintln(os.Stderr, "heartline: did not end within "+patience.String()+" of the signal; ended by force: what was not acknowledged comes again")
		os.Exit(1)
	}()
	os.Exit(exec(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// exec runs one command line and returns its exit status: 0 good, 1 failed,
// 2 bad usage or bad config.
func exec(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	return status(root.ExecuteContext(ctx), errs)
}
