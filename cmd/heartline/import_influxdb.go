package main

import (
	"context"
	"io"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/history/influxdb"
	"github.com/seed-00829101/heartline/internal/config"
)

// foreign is an InfluxDB that history is imported from.
type foreign struct{ url, db, query, tokenFile string }

// source is what it holds: heartbeats, or the answer of a query. Its days of
// --from and --to are those of UTC, or of the format's zone.
func (f *foreign) source(ctx context.Context, format history.CSVFormat) (source, error) {
	client := &influxdb.Client{URL: f.url}
	if f.tokenFile != "" {
		var err error
		if client.Token, err = config.ReadSecret(f.tokenFile); err != nil {
			return source{}, err
		}
	}
	if f.query != "" {
		return source{name: "influxdb " + f.db, kind: format.Kind, open: func() (history.Reader, io.Closer, error) {
			text, err := client.CSV(ctx, f.db, f.query)
			if err != nil {
				return nil, nil, err
			}
			format := format
			format.Separator, format.DecimalComma = ",", false // as InfluxDB answers
			rows, err := history.NewCSVRows(text, format)
			return history.NewCSV(rows, nil), text, err
		}}, nil
	}
	first, last, err := client.Span(ctx, f.db, collector.Measurement)
	if err != nil {
		return source{}, err
	}
	return source{name: "influxdb " + f.db, open: func() (history.Reader, io.Closer, error) {
		return client.Heartbeats(ctx, f.db, first-1, last)
	}}, nil
}
