package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/klauspost/compress/gzip"
	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/sim"
)

func newSpring() *cobra.Command {
	var dir string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "spring-2020",
		Short: "Write a simulated spring of 2020: a thousand plants that stop and return",
		Long: `Writes the heartbeats of a thousand small plants from 13 January to 15 April
2020, simulated: through lockdown and return, with noise, gaps, late deliveries,
silent plants, and some whose machines run without output. What is true of each
day was decided first: 29.6 % produce on 23 February, 71.7 % on 24 March, as was
published of small firms then. All else is made up.

The directory gets plants.yaml, rules.yaml and heartline.yaml, samples.ndjson.gz
for report and rules backtest, and truth.csv: the true share of each day.`,
		Example: `  heartline simulate spring-2020 --dir spring
  cd spring
  heartline report --samples samples.ndjson.gz --from 2020-01-14 --to 2020-04-15 --by region --output html > spring.html`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return writeSpring(sim.NewSpring(seed), dir, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "spring-2020", "directory to write into; what it has of the same name is replaced")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "the same seed gives the same spring")
	return cmd
}

func writeSpring(s *sim.Spring, dir string, out, errs io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return plant.Errorf(plant.CodeInvalid, "--dir: %w", err)
	}
	samples := s.Samples()
	samples.Progress = progressOn(errs)
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"heartline.yaml", text("# A simulated spring of 2020.\nregistry: plants.yaml\nrules: rules.yaml\n")},
		{"rules.yaml", text(sim.SpringRules)},
		{"plants.yaml", func(w io.Writer) error { return sim.WriteRegistry(w, s.Registry()) }},
		{"truth.csv", func(w io.Writer) error { return writeTruth(w, s) }},
		{"samples.ndjson.gz", func(w io.Writer) error {
			zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
			if err != nil {
				return err
			}
			_, err = samples.WriteTo(zip)
			return errors.Join(err, zip.Close())
		}},
	} {
		if err := writeTo(filepath.Join(dir, f.name), f.write); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "%s holds a simulated spring of 2020; next:\n  cd %s && heartline report --samples samples.ndjson.gz --from 2020-01-14 --to 2020-04-15 --by region\n", dir, dir)
	return err
}

func text(t string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, t); return err }
}

func writeTo(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(write(w), w.Flush(), f.Close())
}

func writeTruth(w io.Writer, s *sim.Spring) error {
	rows := [][]string{{"date", "producing"}}
	for n := sim.SpringFrom.Number(); n <= sim.SpringTo.Number(); n++ {
		date := plant.DateNumber(n)
		rows = append(rows, []string{date.String(), strconv.FormatFloat(s.Truth(date), 'f', 3, 64)})
	}
	return csv.NewWriter(w).WriteAll(rows)
}
