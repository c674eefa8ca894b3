package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/sim"
)

// simulation is what `heartline simulate` was asked for.
type simulation struct {
	url, user, passwordFile string

	plants, machines int
	every, length    time.Duration
	seed             uint64
	registry         string

	csv, format string
	from, to    string
	speed       float64
}

func newSimulate() *cobra.Command {
	s := new(simulation)
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Publish the heartbeats of simulated plants, or of a historian's export",
		Long: `Publishes heartbeats over MQTT: those of simulated plants, each machine with
counters that roll over, faults and shift starts, the same for the same seed;
or, with --csv, the rows of a historian's export, restamped from now on and
--speed times as fast, days aligned to the rules' windows.`,
		Example: `  heartline simulate --plants 200 --machines 50 --every 10s
  heartline simulate --plants 3 --write-registry plants.yaml
  heartline simulate --csv export.csv --csv-format configs/steel.csv-format.yaml --from 2018-02-12 --to 2018-02-24 --speed 17280`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags().Changed("speed")); err != nil {
				return usageError{err}
			}
			return s.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.url, "url", "tcp://127.0.0.1:1883", "broker to publish to")
	f.StringVar(&s.user, "user", "", "user at the broker")
	f.StringVar(&s.passwordFile, "password-file", "", "file that holds the user's password")
	f.IntVar(&s.plants, "plants", 1, "simulated plants")
	f.IntVar(&s.machines, "machines", 5, "machines of each plant")
	f.DurationVar(&s.every, "every", 10*time.Second, "time between two heartbeats of a machine")
	f.DurationVar(&s.length, "for", 0, "how long to publish; 0: until it is interrupted")
	f.Uint64Var(&s.seed, "seed", 1, "the same seed gives the same plants")
	f.StringVar(&s.registry, "write-registry", "", "write the registry of the simulated plants into this file, and publish nothing")
	f.StringVar(&s.csv, "csv", "", "historian's export to replay instead")
	f.StringVar(&s.format, "csv-format", "", "file that says how the export is to be read; see configs/steel.csv-format.yaml")
	f.StringVar(&s.from, "from", "", "first day of the export (2018-02-12), or a time (RFC 3339)")
	f.StringVar(&s.to, "to", "", "last day of the export, or a time")
	cmd.AddCommand(newSpring())
	f.Float64Var(&s.speed, "speed", 1, "times as fast as life; 17280 is a day in 5 s")
	return cmd
}

// check refuses numbers that mean nothing.
func (s *simulation) check(speedGiven bool) error {
	switch {
	case s.plants < 1:
		return fmt.Errorf("--plants %d: simulate at least one", s.plants)
	case s.machines < 1:
		return fmt.Errorf("--machines %d: a plant has at least one", s.machines)
	case s.every <= 0:
		return fmt.Errorf("--every %s: the time between two heartbeats is more than 0", s.every)
	case s.length < 0:
		return fmt.Errorf("--for %s: is negative; 0 publishes until it is interrupted", s.length)
	case s.csv == "" && speedGiven:
		return errors.New("--speed belongs to --csv, which is missing")
	case s.csv != "" && !(s.speed > 0):
		return fmt.Errorf("--speed %v: is how many times as fast as life, more than 0", s.speed)
	}
	return nil
}

func (s *simulation) run(ctx context.Context, out, errs io.Writer) error {
	if s.registry != "" {
		return s.writeRegistry(out)
	}
	source, err := s.source(time.Now(), out)
	if err != nil {
		return err
	}
	cfg := sim.PublishConfig{URL: s.url, User: s.user, Clock: time.Now}
	if s.passwordFile != "" {
		if cfg.Password, err = config.ReadSecret(s.passwordFile); err != nil {
			return err
		}
	}
	if terminal(errs) {
		cfg.Progress = func(p sim.PublishStats) {
			fmt.Fprintf(errs, "\r%d published, %d acknowledged, %s behind ", p.Sent, p.Acked, p.Behind.Round(time.Millisecond))
		}
	}
	stats, err := sim.Publish(ctx, cfg, source)
	if cfg.Progress != nil {
		fmt.Fprintln(errs)
	}
	if errors.Is(err, context.Canceled) {
		err = nil // interrupted: that is how it ends
	}
	fmt.Fprintf(out, "%d messages published, %d acknowledged, %d connections lost\n", stats.Sent, stats.Acked, stats.Reconnects)
	return err
}

// terminal reports whether a person is likely to be at the other end of
// stream, a reader or writer.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (s *simulation) fleet(now time.Time) (*sim.Fleet, error) {
	cfg := sim.FleetConfig{Plants: s.plants, Machines: s.machines, Every: s.every, Seed: s.seed, Start: now}
	if s.length > 0 {
		cfg.End = now.Add(s.length)
	}
	return sim.NewFleet(cfg)
}

func (s *simulation) writeRegistry(out io.Writer) error {
	fleet, err := s.fleet(time.Now())
	if err != nil {
		return err
	}
	file, err := os.OpenFile(s.registry, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "--write-registry: %w", err)
	}
	if err := errors.Join(fleet.WriteRegistry(file), file.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s enrols %d plants\n", s.registry, s.plants)
	return err
}

// source is the fleet, or the export.
func (s *simulation) source(now time.Time, out io.Writer) (sim.Source, error) {
	if s.csv == "" {
		if s.format != "" || s.from != "" || s.to != "" {
			return nil, usageError{errors.New("--csv-format, --from and --to belong to --csv, which is missing")}
		}
		return s.fleet(now)
	}
	if s.format == "" {
		return nil, usageError{errors.New("--csv-format is missing: it says how the export is to be read; configs/steel.csv-format.yaml is an example")}
	}
	return s.export(now, out)
}

func (s *simulation) export(now time.Time, out io.Writer) (sim.Source, error) {
	mapping, err := os.Open(s.format)
	if err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "--csv-format: %w", err)
	}
	defer mapping.Close()
	format, err := history.LoadCSVFormat(mapping)
	if err != nil {
		return nil, err
	}
	opts := sim.CSVOptions{Speed: s.speed, Start: now}
	zone, err := time.LoadLocation(format.Zone)
	if err != nil {
		return nil, err
	}
	if opts.From, err = dayOrTime("--from", s.from, zone, 0); err != nil {
		return nil, err
	}
	if opts.To, err = dayOrTime("--to", s.to, zone, 1); err != nil {
		return nil, err
	}
	file, err := os.Open(s.csv) // read to its end by Publish, then the process ends
	if err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "--csv: %w", err)
	}
	replay, err := sim.NewCSV(file, format, opts)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "replaying as %s, from %s on, a day in %s\n", sim.Topic(format.Plant, format.Line, format.Machine),
		replay.Begins().Format(time.RFC3339), time.Duration(math.Round(float64(24*time.Hour)/s.speed)))
	return replay, nil
}

// dayOrTime reads a time, or a day of zone; a day that ends a range is its end.
func dayOrTime(flag, text string, zone *time.Location, days int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t.AddDate(0, 0, days), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateTime, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > 1e11 && ms < 1e13 { // as samples have them
		return time.UnixMilli(ms), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, usageError{fmt.Errorf("%s: %q is neither a day like 2018-02-12 nor a time like 2018-02-12T08:00:00+09:00", flag, text)}
	}
	return t, nil
}
