package main

import (
	"context"
	"fmt"
	"io"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/influx"
	"github.com/seed-00829101/heartline/fleet"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/report"
	"github.com/seed-00829101/heartline/rules"
)

// keepBacktest writes the windows, transitions and shifts of a report to InfluxDB, and
// the fleet's figures of each day, as basis backtest of their definition, in
// place of what an earlier run of the same rules said.
func keepBacktest(ctx context.Context, loaded *config.Loaded, def *rules.Definition, played *backtest.Report, errs io.Writer) error {
	s, err := openStore(loaded)
	if err != nil {
		return err
	}
	for _, m := range []string{influx.MeasurementPlantPhase, influx.MeasurementTransition, influx.MeasurementShift, influx.MeasurementResumption} {
		// The version is a hash: nothing in it wants quoting.
		gone := fmt.Sprintf(`DELETE FROM "%s" WHERE basis = '%s' AND definition = '%s'`, m, plant.BasisBacktest, def.Version)
		if err := s.Exec(ctx, s.verdicts, gone); err != nil {
			return err
		}
	}
	client, err := influx.New(influx.Config{URL: s.URL, Token: s.Token, Org: loaded.Config.InfluxDB.Org, Bucket: s.heartbeats, VerdictBucket: s.verdicts})
	if err != nil {
		return err
	}
	defer client.Close()
	doc := collector.Verdicts{Definition: def.Version, Transitions: played.Transitions, Shifts: played.Shifts}
	for i := range played.Windows {
		w := &played.Windows[i]
		out := collector.PlantWindow{Plant: w.Plant, Phase: w.Phase, Relapsed: w.Relapsed, Verdict: w.Verdict}
		if p := loaded.Registry.Plant(w.Plant); p != nil {
			out.Labels = p.Labels
		}
		doc.Windows = append(doc.Windows, out)
	}
	if doc.Resumption, err = resumptionOf(loaded, def, played); err != nil {
		return err
	}
	if err := client.WriteBacktest(ctx, &doc); err != nil {
		return fmt.Errorf("the backtest cannot be kept in InfluxDB: %w", err)
	}
	fmt.Fprintf(errs, "%d windows, %d transitions, %d shifts and the fleet's figures of each day are kept in InfluxDB: basis %s, definition %s\n", len(doc.Windows), len(doc.Transitions), len(doc.Shifts), plant.BasisBacktest, def.Version)
	return nil
}

// resumptionOf is what the fleet came to at the end of each day that was played.
func resumptionOf(loaded *config.Loaded, def *rules.Definition, played *backtest.Report) (out []plant.Resumption, err error) {
	from, to, any := span(played.Windows, fleet.Day(loaded.Registry))
	if !any {
		return nil, nil
	}
	made, err := report.Of(&report.Played{Definition: def, Transitions: played.Transitions, Windows: played.Windows}, from, to, fleet.Labels(loaded.Registry))
	if err != nil {
		return nil, err
	}
	for i := range made.Days {
		out = append(out, made.Days[i].Figures...)
	}
	return out, nil
}
