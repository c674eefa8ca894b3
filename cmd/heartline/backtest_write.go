package main

import (
	"context"
	"fmt"
	"io"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

// keepBacktest writes the windows and transitions of a report to InfluxDB, as
// basis backtest of their definition, in place of what an earlier run of the
// same rules said.
func keepBacktest(ctx context.Context, loaded *config.Loaded, report *backtest.Report, errs io.Writer) error {
	s, err := openStore(loaded)
	if err != nil {
		return err
	}
	for _, m := range []string{influx.MeasurementPlantPhase, influx.MeasurementTransition} {
		// The version is a hash: nothing in it wants quoting.
		gone := fmt.Sprintf(`DELETE FROM "%s" WHERE basis = '%s' AND definition = '%s'`, m, plant.BasisBacktest, loaded.Version)
		if err := s.Exec(ctx, s.verdicts, gone); err != nil {
			return err
		}
	}
	client, err := influx.New(influx.Config{URL: s.URL, Token: s.Token, Org: loaded.Config.InfluxDB.Org, Bucket: s.heartbeats, VerdictBucket: s.verdicts})
	if err != nil {
		return err
	}
	defer client.Close()
	doc := collector.Verdicts{Definition: loaded.Version, Transitions: report.Transitions}
	for i := range report.Windows {
		w := &report.Windows[i]
		out := collector.PlantWindow{Plant: w.Plant, Phase: w.Phase, Relapsed: w.Relapsed, Verdict: w.Verdict}
		if p := loaded.Registry.Plant(w.Plant); p != nil {
			out.Labels = p.Labels
		}
		doc.Windows = append(doc.Windows, out)
	}
	if err := client.WriteBacktest(ctx, &doc); err != nil {
		return fmt.Errorf("the backtest cannot be kept in InfluxDB: %w", err)
	}
	fmt.Fprintf(errs, "%d windows and %d transitions are kept in InfluxDB: basis %s, definition %s\n", len(doc.Windows), len(doc.Transitions), plant.BasisBacktest, loaded.Version)
	return nil
}
