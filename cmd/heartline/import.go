package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

// importing is what `heartline import` was asked for.
type importing struct {
	remote
	csv, samples     []string
	format, from, to string
	influx           foreign
	maxBad           int
	begin, end       plant.Instant // of samples; 0: no bound
}

func newImport() *cobra.Command {
	i := new(importing)
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Take history: a historian's export, or recorded samples",
		Long: `Takes history into a running Heartline: through the same queue to InfluxDB, to
output, and so to baselines; never into live phases. Taking it twice changes
nothing.

--csv reads historians' exports, as --csv-format says; --samples reads NDJSON,
as heartline rules backtest does. Files that end in .gz are unpacked; - is
standard input. --influxdb reads the heartbeats of another Heartline's InfluxDB
or, with --query, whatever InfluxQL answers there, as --csv-format says. Give
the files of one line together, in their order: a quarter of an hour that two
imports share has what the later one says of it.

Every file is read through first. A row that cannot be read, or whose machine
is not in the registry, becomes a dead letter with its line number
(heartline deadletter list --reason row); the rest goes in. Samples older than
influxdb.retention make output only, and the ledger counts them as expired.

It waits wherever InfluxDB or the rules are behind, so that live samples are
not kept waiting.

Exit status: 0 good, 1 some rows could not be read, or it was cut off (import
again), 2 bad usage, or nothing of it can be imported.`,
		Example: `  heartline import --csv export.csv --csv-format configs/steel.csv-format.yaml
  heartline import --csv 2018.csv.gz --csv 2019.csv.gz --csv-format mine.yaml --from 2018-03-01
  zcat history.ndjson.gz | heartline import --samples -
  heartline import --influxdb http://old:8086 --db factory
  heartline import --influxdb http://old:8086 --db scada --csv-format mine.yaml \
    --query "SELECT sum(parts) AS parts FROM presses GROUP BY time(15m), machine fill(none)"`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return i.run(cmd) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&i.csv, "csv", nil, "historian's export; may be given several times")
	f.StringVar(&i.format, "csv-format", "", "file that says how the exports are to be read; see configs/steel.csv-format.yaml")
	f.StringArrayVar(&i.samples, "samples", nil, "NDJSON file of samples; may be given several times")
	f.StringVar(&i.influx.url, "influxdb", "", "InfluxDB to read from")
	f.StringVar(&i.influx.db, "db", "factory", "its bucket (1.8: its database)")
	f.StringVar(&i.influx.query, "query", "", "InfluxQL whose answer is read as an export; its tags of GROUP BY are columns")
	f.StringVar(&i.influx.tokenFile, "token-file", "", "file with a token that may read there (1.8: user:password)")
	f.StringVar(&i.from, "from", "", "only what is later than this day's beginning (2018-01-01) or time (RFC 3339)")
	f.StringVar(&i.to, "to", "", "only what is not later than this day's end, or this time")
	f.IntVar(&i.maxBad, "max-bad", 10_000, "take nothing where more rows than this cannot be read")
	addRemoteFlags(cmd, &i.remote)
	return cmd
}

// source is one thing to import.
type source struct {
	name string
	kind string // of its counters; empty: as the registry says
	open func() (history.Reader, io.Closer, error)
}

func (i *importing) run(cmd *cobra.Command) error {
	ctx, errs := cmd.Context(), cmd.ErrOrStderr()
	sources, zone, done, err := i.sources(ctx, cmd.InOrStdin())
	if err != nil {
		return err
	}
	defer done()
	if i.begin, i.end, err = bounds(i.from, i.to, zone); err != nil {
		return err
	}
	if err := i.find(cmd); err != nil {
		return err
	}
	found, err := i.scan(ctx, sources, progressOn(errs))
	if err != nil {
		return err
	}
	return i.send(ctx, sources, found, cmd.OutOrStdout(), errs)
}

// sources are what is imported, in order; done removes what they left behind.
func (i *importing) sources(ctx context.Context, in io.Reader) (out []source, zone *time.Location, done func(), err error) {
	done, zone = func() {}, time.UTC
	if err := i.checkSources(); err != nil {
		return nil, nil, nil, err
	}
	var format history.CSVFormat
	if i.format != "" {
		if format, zone, err = readFormat(i.format); err != nil {
			return nil, nil, nil, err
		}
	}
	if i.influx.url != "" {
		s, err := i.influx.source(ctx, format)
		return []source{s}, zone, done, err
	}
	for _, name := range append(i.csv, i.samples...) {
		path := name
		if name == "-" {
			if path, err = spool(in); err != nil {
				return nil, nil, nil, err
			}
			done = func() { _ = os.Remove(path) }
		}
		s := source{name: filepath.Base(name), kind: format.Kind}
		s.open = func() (history.Reader, io.Closer, error) {
			r, c, err := openFile(path)
			if err != nil || i.format == "" {
				return history.NewSamples(r), c, err
			}
			rows, err := history.NewCSVRows(r, format)
			return history.NewCSV(rows, nil), c, err
		}
		out = append(out, s)
	}
	return out, zone, done, nil
}

func (i *importing) checkSources() error {
	kinds := 0
	for _, given := range []bool{len(i.csv) > 0, len(i.samples) > 0, i.influx.url != ""} {
		if given {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return usageError{errors.New("name what to import: one of --csv FILE, --samples FILE, --influxdb URL")}
	case i.influx.url == "" && i.influx.query != "":
		return usageError{errors.New("--query belongs to --influxdb, which is missing")}
	case (len(i.csv) > 0 || i.influx.query != "") != (i.format != ""):
		return usageError{errors.New("--csv-format says how --csv or --query is to be read: they go together")}
	}
	return nil
}

// readFormat reads how an export is written.
func readFormat(name string) (history.CSVFormat, *time.Location, error) {
	f, err := os.Open(name)
	if err != nil {
		return history.CSVFormat{}, nil, plant.Errorf(plant.CodeInvalid, "--csv-format: %w", err)
	}
	defer f.Close()
	format, err := history.LoadCSVFormat(f)
	if err != nil {
		return format, nil, err
	}
	zone, err := time.LoadLocation(format.Zone)
	return format, zone, err
}

// spool writes standard input to a file, as it is read twice.
func spool(in io.Reader) (string, error) {
	f, err := os.CreateTemp("", "heartline-import-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, in)
	return f.Name(), errors.Join(err, f.Close())
}

// each reads all samples of the sources, in order: good ones within the
// bounds, and rows that cannot be read.
func (i *importing) each(ctx context.Context, sources []source, good func(*source, *history.Record) error, bad func(*source, *history.BadRow) error) error {
	for k := range sources {
		if err := i.eachOf(ctx, &sources[k], good, bad); err != nil {
			return fmt.Errorf("%s: %w", sources[k].name, err)
		}
	}
	return nil
}

func (i *importing) eachOf(ctx context.Context, s *source, good func(*source, *history.Record) error, bad func(*source, *history.BadRow) error) error {
	r, closer, err := s.open()
	if err != nil {
		return err
	}
	defer closer.Close()
	latest := plant.InstantOf(time.Now().Add(24 * time.Hour))
	for n := 0; ; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		rec, err := r.Next()
		var row *history.BadRow
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &row):
			err = bad(s, row)
		case err != nil:
			return err
		case rec.Kind != history.Sample:
		case rec.Sample.Stamp > latest || rec.Sample.Stamp < earliest:
			err = bad(s, &history.BadRow{Line: rec.Line, Plant: rec.Plant, Text: rec.Sample.Machine + " " + rec.Sample.Stamp.String(),
				Err: fmt.Errorf("its time %s is not between 1990 and now", rec.Sample.Stamp)})
		case i.begin != 0 && rec.Sample.Stamp <= i.begin || i.end != 0 && rec.Sample.Stamp > i.end:
		default:
			err = good(s, &rec)
		}
		if err != nil {
			return err
		}
	}
}

// earliest is the oldest time that is no mistake.
var earliest = plant.InstantOf(time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC))

// names lists the sources.
func names(sources []source) string {
	var out []string
	for _, s := range sources {
		out = append(out, s.name)
	}
	return strings.Join(out, ", ")
}
