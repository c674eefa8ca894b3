package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/report"
	"github.com/seed-00829101/heartline/rules"
	"github.com/seed-00829101/heartline/rules/calendar"
)

// reporting is what `heartline report` was asked for.
type reporting struct {
	backtesting // from, to, samples, csv, format, output
	remote
	by     []string
	replay bool
	lang   string
}

func newReport() *cobra.Command {
	r := new(reporting)
	cmd := &cobra.Command{
		Use:   "report",
		Short: "What share of the plants produced again, day by day",
		Long: `Prints the resumption rate of each day with its bounds and coverage, output
recovery and activity index; of all plants and by label; where every plant
stands at the end; and what the figures mean (docs/fleet.md).

Without a file the running Heartline is asked, which remembers 60 days, and
InfluxDB for what was reported earlier. With --replay, what InfluxDB holds is
played through the rules: what is known now, late samples included, of any time.
With --samples or --csv, as for rules backtest, a file is. Every enrolled plant
counts from the first record on, whether anything was recorded of it or not.

--output html is one page with charts that needs no network and prints well;
csv is a row for each day and segment; json has everything.`,
		Example: `  heartline report
  heartline report --from 2026-03-01 --to 2026-03-31 --by region,size --output html > march.html
  heartline report --replay --from 2025-10-01 --to 2025-12-31 --output csv
  heartline report --samples history.ndjson.gz --by region --output csv
  heartline report --csv export.csv --csv-format configs/steel.csv-format.yaml --lang zh --output html > report.html`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&r.from, "from", "", "first day, like 2026-03-01; default: a file's first, else 30 days back")
	f.StringVar(&r.to, "to", "", "last day; default: a file's last, else today")
	f.StringSliceVar(&r.by, "by", nil, "labels to tell plants apart by, like region,size")
	f.BoolVar(&r.replay, "replay", false, "play what InfluxDB holds through the rules, instead of asking what was reported")
	f.StringVar(&r.samples, "samples", "", "NDJSON file of samples")
	f.StringVar(&r.csv, "csv", "", "historian's export")
	f.StringVar(&r.format, "csv-format", "", "file that says how the export is to be read; see configs/steel.csv-format.yaml")
	f.StringVar(&r.output, "output", "text", "text, csv, json or html")
	f.StringVar(&r.lang, "lang", "en", "en or zh")
	addRemoteFlags(cmd, &r.remote)
	return cmd
}

func (r *reporting) check() error {
	switch {
	case !slices.Contains([]string{"text", "csv", "json", "html"}, r.output):
		return usageError{fmt.Errorf("--output %q is none of text, csv, json and html", r.output)}
	case !slices.Contains(report.Languages, r.lang):
		return usageError{fmt.Errorf("--lang %q is none of %s", r.lang, strings.Join(report.Languages, ", "))}
	case r.samples != "" && r.csv != "":
		return usageError{fmt.Errorf("name one file: either --samples FILE or --csv FILE")}
	case (r.csv == "") != (r.format == ""):
		return usageError{fmt.Errorf("--csv and --csv-format go together")}
	case r.url != "" && (r.replay || r.samples+r.csv != ""):
		return usageError{fmt.Errorf("--url asks a running Heartline, --replay plays what InfluxDB holds, --samples and --csv read a file: name one of them")}
	case r.replay && r.samples+r.csv != "":
		return usageError{fmt.Errorf("--replay plays what InfluxDB holds, --samples and --csv read a file: name one of them")}
	}
	for _, at := range []struct{ flag, text string }{{"--from", r.from}, {"--to", r.to}} {
		if _, err := date(at.flag, at.text); err != nil {
			return err
		}
	}
	return nil
}

// date reads a day; the empty text is none.
func date(flag, text string) (d plant.Date, err error) {
	if text == "" {
		return d, nil
	}
	if err := d.UnmarshalText([]byte(text)); err != nil {
		return d, usageError{fmt.Errorf("%s: %q is no day; write it like 2026-03-01", flag, text)}
	}
	return d, nil
}

func (r *reporting) run(cmd *cobra.Command) error {
	if err := r.check(); err != nil {
		return err
	}
	loaded, err := config.Load(cmd.Flags(), os.Environ())
	if err != nil {
		return err
	}
	made, played, err := (*report.Report)(nil), (*backtest.Report)(nil), error(nil)
	if r.samples+r.csv == "" && !r.replay {
		if err := r.find(cmd); err != nil {
			return err
		}
		made, err = r.asked(cmd.Context(), loaded, cmd.ErrOrStderr(), time.Now())
	} else {
		made, played, err = r.played(cmd.Context(), loaded, cmd.InOrStdin(), cmd.ErrOrStderr(), plant.InstantOf(time.Now()))
	}
	if err != nil {
		return err
	}
	made.Simulated = simulated(made.Plants)
	if err := r.write(cmd.OutOrStdout(), made); err != nil || played == nil {
		return err
	}
	return complain(cmd.ErrOrStderr(), played, loaded)
}

// simulated reports whether any plant is, as its label says.
func simulated(plants []report.Plant) bool {
	return slices.ContainsFunc(plants, func(p report.Plant) bool { return p.Labels["simulated"] == "yes" })
}

func (r *reporting) write(out io.Writer, made *report.Report) error {
	w := bufio.NewWriter(out)
	var err error
	switch r.output {
	case "text":
		err = made.Text(w, r.lang)
	case "csv":
		err = made.CSV(w)
	case "json":
		err = made.JSON(w, r.lang)
	case "html":
		err = made.HTML(w, r.lang)
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

// played plays a recording, from its beginning: what a phase is on the first
// day was decided by what came before.
func (r *reporting) played(ctx context.Context, loaded *config.Loaded, in io.Reader, errs io.Writer, now plant.Instant) (*report.Report, *backtest.Report, error) {
	rec, err := r.source(ctx, loaded, in, errs)
	if err != nil {
		return nil, nil, err
	}
	def := &rules.Definition{Version: loaded.Version, Registry: loaded.Registry, Rules: loaded.Rules}
	days := fleet.Day(loaded.Registry)
	from, _ := date("--from", r.from)
	to, _ := date("--to", r.to)
	opts := backtest.Options{Definition: def, Together: true, Keep: true, Progress: progressOn(errs)}
	if !to.IsZero() { // the last windows close a little after the day
		_, ends := report.Days(days, to, to)
		opts.To = ends[0].Add(report.Lateness(loaded.Rules) + time.Minute)
		if r.replay {
			opts.To = min(opts.To, now)
		}
	}
	if rec.store != nil {
		if def.Baselines, err = rec.store.baselines(ctx, def); err != nil {
			return nil, nil, err
		}
	}
	played, err := rec.play(ctx, opts, errs)
	if err != nil {
		return nil, nil, err
	}
	first, last, any := span(played.Windows, days)
	if from.IsZero() {
		from = first
	}
	if to.IsZero() {
		to = last
	}
	if !any && (from.IsZero() || to.IsZero()) {
		return nil, nil, plant.Errorf(plant.CodeInvalid, "no window of an enrolled plant closed in the recording; does the registry (%s) have its plants?", loaded.Config.Registry)
	}
	if to.Compare(from) < 0 {
		return nil, nil, usageError{fmt.Errorf("the last day, %s, is before the first, %s", to, from)}
	}
	made, err := report.Of(&report.Played{Definition: def, Transitions: played.Transitions, Windows: played.Windows, Views: played.Views}, from, to, r.by)
	if err == nil {
		made.Source = r.samples + r.csv
		if rec.store != nil {
			made.Source = rec.store.URL
		}
	}
	return made, played, err
}

// source is the recording: a file, or all that InfluxDB holds.
func (r *reporting) source(ctx context.Context, loaded *config.Loaded, in io.Reader, errs io.Writer) (*recording, error) {
	if r.replay {
		return (&backtesting{}).stored(ctx, loaded, errs)
	}
	return r.recording(in, loaded)
}

// span is the first and the last day that windows closed on.
func span(windows []rules.Window, days calendar.Days) (first, last plant.Date, any bool) {
	var from, to plant.Instant
	for i := range windows {
		v := &windows[i].Verdict
		if from == 0 || v.To < from {
			from = v.To
		}
		to = max(to, v.To)
	}
	if to == 0 {
		return first, last, false
	}
	return days.Date(from - 1), days.Date(to - 1), true
}
