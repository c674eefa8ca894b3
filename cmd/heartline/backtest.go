package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/rules"
)

// backtesting is what `heartline rules backtest` was asked for.
type backtesting struct {
	from, to, samples, csv, format, output string
	write, shifts                          bool
	definition                             *rules.Definition // that was played first
}

func newBacktest() *cobra.Command {
	b := new(backtesting)
	cmd := &cobra.Command{
		Use:   "backtest",
		Short: "Play recorded samples through the rules",
		Long: `Plays what was recorded through the very rules that run live, and prints every
change of a plant's phase and of a line's state; with --shifts the OEE of each
line and shift as well.

Without a file it plays what InfluxDB holds: heartbeats, where they reach back
to --from, else output, which knows no line states. Baselines are taken from
output.

--samples reads NDJSON, one object a line, in the order of at:
  {"at":ms,"ts":ms,"plant":"p","line":"l","machine":"m","seq":1,"state":"on","quality":"good","good":17}
  {"at":ms,"plant":"p","gateway":"g","link":"down"}
  {"at":ms,"listening":false}
--csv reads a historian's export, as --csv-format says. Files that end in .gz
are unpacked; - is standard input.

A plant is enrolled from --from, else from its first sample; the clock ends with
--to, else with the last line. Days, and times without a zone, are the first
plant's; with --csv those of the export. With --rules, other rules than the
configuration's are played; where the configuration has its own, what they
would have said differently is printed as well.

Exit status: 0 good, 1 some lines could not be read, 2 bad usage or config.`,
		Example: `  heartline rules backtest --from 2026-01-01 --to 2026-03-31
  heartline rules backtest --samples history.ndjson --shifts
  heartline rules backtest --csv export.csv --csv-format configs/steel.csv-format.yaml --from 2018-01-01 --to 2018-06-30
  heartline rules backtest --samples history.ndjson.gz --rules stricter.yaml --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return b.run(cmd.Context(), cmd.Flags(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&b.from, "from", "", "day (2018-01-01) or time (RFC 3339, or milliseconds since 1970) that plants are enrolled from")
	f.StringVar(&b.to, "to", "", "last day, or the time that the clock ends with")
	f.StringVar(&b.samples, "samples", "", "NDJSON file of samples")
	f.StringVar(&b.csv, "csv", "", "historian's export")
	f.StringVar(&b.format, "csv-format", "", "file that says how the export is to be read; see configs/steel.csv-format.yaml")
	f.StringVar(&b.output, "output", "text", "text or json")
	f.BoolVar(&b.shifts, "shifts", false, "print availability, effectiveness, quality and OEE of each line and shift, too")
	f.BoolVar(&b.write, "write", false, "keep the windows, transitions and shifts in InfluxDB, as basis backtest of these rules, in place of those of an earlier run of them")
	config.AddFlags(f)
	return cmd
}

func (b *backtesting) check() error {
	switch {
	case b.output != "text" && b.output != "json":
		return usageError{fmt.Errorf("--output %q is neither text nor json", b.output)}
	case b.samples != "" && b.csv != "":
		return usageError{fmt.Errorf("name one thing to play: --samples FILE or --csv FILE, or neither for what InfluxDB holds")}
	case (b.csv == "") != (b.format == ""):
		return usageError{fmt.Errorf("--csv and --csv-format go together")}
	}
	return nil
}

func (b *backtesting) run(ctx context.Context, flags *pflag.FlagSet, in io.Reader, out, errs io.Writer) error {
	if err := b.check(); err != nil {
		return err
	}
	loaded, err := config.Load(flags, os.Environ())
	if err != nil {
		return err
	}
	for _, w := range loaded.Warnings {
		fmt.Fprintln(errs, "warning: "+w.String())
	}
	read := func() (*recording, error) { return b.recording(in, loaded) }
	if b.samples+b.csv == "" {
		read = func() (*recording, error) { return b.stored(ctx, loaded, errs) }
	}
	rec, err := read()
	if err != nil {
		return err
	}
	report, err := b.play(ctx, rec, loaded, errs)
	if err != nil {
		return err
	}
	if b.write {
		if err := keepBacktest(ctx, loaded, b.definition, report, errs); err != nil {
			return err
		}
	}
	if !b.shifts {
		report.Shifts = nil
	}
	var diff *backtest.Difference
	if old, err := ownRules(flags, loaded); err != nil {
		fmt.Fprintf(errs, "warning: not compared with the configuration's own rules: %v\n", err)
	} else if old != nil {
		before, err := b.play(ctx, rec, old, errs)
		if err != nil {
			return err
		}
		diff = backtest.Compare(&before.Result, &report.Result)
	}
	if err := b.print(out, report, diff); err != nil {
		return err
	}
	return complain(errs, report, loaded)
}

// ownRules is the configuration with the rules it has where --rules does not
// name others; nil where there are none, or --rules is not given.
func ownRules(flags *pflag.FlagSet, loaded *config.Loaded) (*config.Loaded, error) {
	if f := flags.Lookup("rules"); f == nil || !f.Changed {
		return nil, nil
	}
	without := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.AddFlags(without)
	var err error
	flags.Visit(func(f *pflag.Flag) {
		if known := without.Lookup(f.Name); known != nil && f.Name != "rules" && err == nil {
			err = without.Set(f.Name, f.Value.String())
		}
	})
	if err != nil {
		return nil, err
	}
	old, err := config.Load(without, os.Environ())
	if err != nil || old.Version == loaded.Version {
		return nil, err
	}
	if _, err := os.Stat(old.Config.Rules); err != nil {
		return nil, nil // there are no rules to compare with
	}
	return old, nil
}

// play plays the recording by what loaded says.
func (b *backtesting) play(ctx context.Context, rec *recording, loaded *config.Loaded, errs io.Writer) (*backtest.Report, error) {
	from, to, err := bounds(b.from, b.to, rec.zone)
	if err != nil {
		return nil, err
	}
	opts := backtest.Options{
		Definition: &rules.Definition{Version: loaded.Version, Registry: loaded.Registry, Rules: loaded.Rules},
		From:       from, To: to, Progress: progressOn(errs), Keep: b.write, Shifts: b.write || b.shifts, NoLines: rec.output,
	}
	if rec.store != nil {
		found, err := rec.store.baselines(ctx, opts.Definition)
		if err != nil {
			return nil, err
		}
		if opts.Definition = opts.Definition.WithBaselines(found); opts.Definition.Baselines == nil {
			opts.Definition.Baselines = found // none: they are not looked for in the recording
		}
	}
	if b.definition == nil {
		b.definition = opts.Definition
	}
	return rec.play(ctx, opts, errs)
}

func (b *backtesting) print(out io.Writer, report *backtest.Report, diff *backtest.Difference) error {
	if b.output == "json" {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			*backtest.Result
			Difference *backtest.Difference `json:"difference,omitempty"`
		}{&report.Result, diff})
	}
	w := bufio.NewWriter(out)
	report.Result.Print(w)
	if diff != nil {
		diff.Print(w)
	}
	return w.Flush()
}

// complain says what of the recording could not be used, and what was not known
// of its time.
func complain(errs io.Writer, report *backtest.Report, loaded *config.Loaded) error {
	if zone := zoneOf(loaded); report.From != 0 {
		for _, text := range loaded.Registry.HolidaysMissing(report.From.Time().In(zone).Year(), report.To.Time().In(zone).Year()) {
			fmt.Fprintln(errs, "warning: "+text)
		}
	}
	for _, err := range report.Problems {
		fmt.Fprintln(errs, err)
	}
	for _, id := range slices.Sorted(maps.Keys(report.Strange)) {
		what := "plant"
		if strings.Contains(id, "/") {
			what = "machine"
		}
		fmt.Fprintf(errs, "%s %q is not enrolled: %d samples of it were not played\n", what, id, report.Strange[id])
	}
	if report.Records+report.Unread == 0 {
		fmt.Fprintln(errs, "warning: nothing was recorded of that time: no record was played")
	}
	for _, f := range report.Failures {
		of := f.Plant
		for _, id := range []string{f.Line, f.Machine} {
			if id != "" {
				of += "/" + id
			}
		}
		fmt.Fprintf(errs, "custom rule %q cannot be evaluated for %s at %s: %s (%s); not said again\n", f.Rule, of, f.At, f.Why, f.Sample)
	}
	if report.Unread > 0 {
		return fmt.Errorf("%d of %d lines could not be read; the others were played", report.Unread, report.Unread+report.Records)
	}
	return nil
}
