package main

import (
	"context"
	"io"
	"time"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/history/influxdb"
	"github.com/seed-00829101/heartline/internal/app"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// store is the InfluxDB of a configuration, asked for what it holds.
type store struct {
	influxdb.Client
	heartbeats, verdicts string // buckets
}

// openStore returns the InfluxDB that the configuration names, or that of the
// Heartline that runs on its data_dir.
func openStore(loaded *config.Loaded) (*store, error) {
	c := &loaded.Config
	url, token, err := app.Store(c)
	if err != nil {
		return nil, err
	}
	return &store{influxdb.Client{URL: url, Token: token}, c.InfluxDB.Bucket, c.InfluxDB.VerdictBucket}, nil
}

// held is what of its history is played.
type held struct {
	output   bool
	from, to plant.Instant // of its points
}

// choose looks which history reaches back to from: heartbeats say more than
// the output that was made of them, and are kept for a shorter time.
func (s *store) choose(ctx context.Context, from plant.Instant) (held, error) {
	var heartbeats, output held
	var err error
	if heartbeats.from, heartbeats.to, err = s.Span(ctx, s.heartbeats, collector.Measurement); err != nil {
		return held{}, err
	}
	if output.from, output.to, err = s.Span(ctx, s.verdicts, "output"); err != nil {
		return held{}, err
	}
	output.output = true
	const day = 24 * time.Hour
	switch {
	case heartbeats.to == 0 && output.to == 0:
		return held{}, plant.Errorf(plant.CodeNotFound, "InfluxDB at %s holds neither heartbeats nor output: import some (heartline import), or name a file with --samples or --csv", s.URL)
	case output.to == 0, heartbeats.to != 0 && heartbeats.from <= max(output.from, from).Add(day):
		return heartbeats, nil
	}
	return output, nil
}

// open begins to read what is held in (from, to], and what people declared
// meanwhile; 0: no bound.
func (s *store) open(ctx context.Context, h held, from, to plant.Instant) (history.Reader, io.Closer, error) {
	enrolled := from != 0
	from = max(from, h.from) - 1
	if to == 0 || to > h.to {
		to = h.to
	}
	declared, err := s.Declarations(ctx, s.verdicts, from, to)
	if err != nil {
		return nil, nil, err
	}
	read, bucket := s.Heartbeats, s.heartbeats
	if h.output {
		read, bucket = s.Output, s.verdicts
	}
	r, closer, err := read(ctx, bucket, from, to)
	if err != nil {
		return nil, nil, err
	}
	return history.WithDeclared(r, declared, enrolled), closer, nil
}

// baselines works out of output what def takes from history.
func (s *store) baselines(ctx context.Context, def *rules.Definition) (*rules.Baselines, error) {
	return backtest.Baselines(ctx, def, func(from, to plant.Instant) (history.Reader, io.Closer, error) {
		return s.Output(ctx, s.verdicts, from, to)
	})
}
