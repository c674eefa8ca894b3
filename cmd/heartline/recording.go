package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

// recording is what is played; it can be read again.
type recording struct {
	open backtest.Open
	zone *time.Location
	// store is what holds it; nil: a file.
	store *store
	// sort: the rows of an export are not in order of time.
	sort bool
	// output: of what lines made, which knows no line states.
	output bool
}

// stored is what InfluxDB holds. Days of --from and --to are the first plant's.
func (b *backtesting) stored(ctx context.Context, loaded *config.Loaded, errs io.Writer) (*recording, error) {
	rec := &recording{zone: zoneOf(loaded)}
	from, to, err := bounds(b.from, b.to, rec.zone)
	if err != nil {
		return nil, err
	}
	if rec.store, err = openStore(loaded); err != nil {
		return nil, err
	}
	h, err := rec.store.choose(ctx, from)
	if err != nil {
		return nil, err
	}
	what := "heartbeats"
	if rec.output = h.output; h.output {
		what = "output, which knows no line states: the heartbeats do not reach back as far"
	}
	fmt.Fprintf(errs, "playing InfluxDB's %s (%s to %s)\n", what, max(h.from, from), h.to)
	rec.open = func() (history.Reader, io.Closer, error) { return rec.store.open(ctx, h, from, to) }
	return rec, nil
}

// zoneOf is the first plant's: that of days where nothing says more.
func zoneOf(loaded *config.Loaded) *time.Location {
	if ps := loaded.Registry.Plants; len(ps) > 0 {
		return ps[0].Location()
	}
	return time.UTC
}

// counterOf returns the field that the registry's lines count; "" where it does
// not know the line.
func counterOf(loaded *config.Loaded) func(plant, line string) string {
	return func(plant, line string) string {
		if p := loaded.Registry.Plant(plant); p != nil && p.Line(line) != nil {
			return p.Line(line).Counter.Field
		}
		return ""
	}
}

func (b *backtesting) recording(in io.Reader, loaded *config.Loaded) (*recording, error) {
	name := b.samples + b.csv
	var kept []byte
	if name == "-" {
		var err error
		if kept, err = io.ReadAll(in); err != nil {
			return nil, err
		}
	}
	file := func() (io.Reader, io.Closer, error) {
		if name == "-" {
			return strings.NewReader(string(kept)), io.NopCloser(nil), nil
		}
		return openFile(name)
	}
	if b.samples != "" {
		return &recording{zone: zoneOf(loaded), open: func() (history.Reader, io.Closer, error) {
			r, c, err := file()
			if err != nil {
				return nil, nil, err
			}
			return history.NewSamples(r), c, nil
		}}, nil
	}
	format, zone, err := readFormat(b.format)
	if err != nil {
		return nil, err
	}
	rec := &recording{zone: zone}
	rec.open = func() (history.Reader, io.Closer, error) {
		r, c, err := file()
		if err != nil {
			return nil, nil, err
		}
		rows, err := history.NewCSVRows(r, format)
		if err != nil {
			return nil, nil, err
		}
		read := history.NewCSV(rows, counterOf(loaded))
		if rec.sort {
			return read.Sorted(), c, nil
		}
		return read.Ordered(), c, nil
	}
	return rec, nil
}

// play plays the recording; an export whose rows are not in order of time is
// put in order first.
func (r *recording) play(ctx context.Context, opts backtest.Options, errs io.Writer) (*backtest.Report, error) {
	report, err := backtest.Run(ctx, r.open, opts)
	if !errors.Is(err, history.ErrOrder) {
		return report, err
	}
	fmt.Fprintf(errs, "%v: they are sorted in memory\n", err)
	r.sort = true
	return backtest.Run(ctx, r.open, opts)
}

// openFile opens a file, unpacking what ends in .gz.
func openFile(name string) (io.Reader, io.Closer, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, plant.Errorf(plant.CodeInvalid, "%w", err)
	}
	buffered := bufio.NewReaderSize(f, 1<<20)
	if !strings.HasSuffix(name, ".gz") {
		return buffered, f, nil
	}
	zip, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, nil, plant.Errorf(plant.CodeInvalid, "%s: %w", name, err)
	}
	return zip, f, nil
}
