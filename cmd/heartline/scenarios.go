package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/scenario"
)

// scenarioTest is what `heartline rules test` was asked for.
type scenarioTest struct {
	run, output string
	show        bool
}

func newRulesTest() *cobra.Command {
	t := new(scenarioTest)
	cmd := &cobra.Command{
		Use:   "test FILE...",
		Short: "Test the rules with scenarios",
		Long: `Plays scenario files through the very rules that run live, and says which of
their expectations hold; where one does not, what was expected beside what was
got, and what that was decided on. A directory stands for the .yaml files in it.

A scenario says what plants make over time, and what phases, states and figures
are expected of them:

  name: Four good quarters of an hour
  start: 2026-03-02 08:00
  plants:
    - {id: dye, lines: [{id: dye-1, normal: 500/h, interval: 10s, machines: [m2]}]}
  rules: {resume: {window: 15m, hold: 1h, stop_hold: 15m}}
  output:
    - {machine: m2, counts: "0 until 09:00 400/h until 10:10"}
  expect:
    - {plant: dye, changes: ["08:15 stopped first 0.00", "09:15 ramping up 0.80", "10:00 resumed 0.80"]}

With --show nothing is tested: every change of every plant and line is printed
as it would be expected, to be read, and pasted.

docs/scenarios.md describes the language, configs/scenarios holds examples.

Exit status: 0 all expectations hold, 1 some do not, 2 bad usage or a bad file.`,
		Example: `  heartline rules test configs/scenarios
  heartline rules test --run 'night shift' plants/*.yaml
  heartline rules test --output json my-plant.yaml
  heartline rules test --show my-plant.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.test(cmd.Context(), args, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&t.run, "run", "", "only scenarios whose name matches this regular expression")
	cmd.Flags().StringVar(&t.output, "output", "text", "text or json")
	cmd.Flags().BoolVar(&t.show, "show", false, "print what happens, as it would be expected, and test nothing")
	return cmd
}

func (t *scenarioTest) test(ctx context.Context, args []string, out, errs io.Writer) error {
	if err := checkOutput(t.output); err != nil {
		return err
	}
	if t.show && t.output == "json" {
		return usageError{errors.New("--show prints text; heartline rules backtest --output json prints what happens as JSON")}
	}
	only, err := regexp.Compile(t.run)
	if err != nil {
		return usageError{fmt.Errorf("--run: %w", err)}
	}
	files, err := scenarioFiles(args)
	if err != nil {
		return err
	}
	load := scenario.Load
	if t.show {
		load = scenario.LoadToShow
	}
	sum := scenario.Summary{Reports: []*scenario.Report{}}
	var bad []error // files: the others are played all the same
	for _, name := range files {
		s, err := load(name)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		if !only.MatchString(s.Name) {
			continue
		}
		for _, w := range s.Warnings {
			fmt.Fprintln(errs, "warning: "+w.String())
		}
		s.Progress = progressOn(errs)
		if err := t.play(ctx, s, &sum, out); err != nil {
			return err
		}
	}
	return t.end(&sum, bad, out)
}

// play plays one scenario, to test it or to show what happens.
func (t *scenarioTest) play(ctx context.Context, s *scenario.Scenario, sum *scenario.Summary, out io.Writer) error {
	if t.show {
		sum.Scenarios++
		return s.Show(ctx, out)
	}
	report, err := s.Run(ctx)
	if err != nil {
		return err
	}
	sum.Add(report)
	if t.output == "text" {
		report.Print(out)
	}
	return nil
}

// end prints the summary and says what the exit status is about.
func (t *scenarioTest) end(sum *scenario.Summary, bad []error, out io.Writer) error {
	switch {
	case t.show:
	case t.output == "json":
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(sum); err != nil {
			return err
		}
	case sum.Scenarios > 0:
		sum.Print(out)
	}
	switch {
	case len(bad) > 0:
		return plant.Errorf(plant.CodeInvalid, "%w", errors.Join(bad...))
	case sum.Scenarios == 0:
		return usageError{fmt.Errorf("--run %q matches the name of no scenario", t.run)}
	case sum.Failed > 0:
		return fmt.Errorf("%d of %d scenarios failed", sum.Failed, sum.Scenarios)
	}
	return nil
}

// scenarioFiles are the files that args name; of directories, the YAML files
// in them.
func scenarioFiles(args []string) (files []string, err error) {
	if len(args) == 0 {
		return nil, usageError{fmt.Errorf("name scenario files, or a directory of them, like configs/scenarios; see heartline rules test --help")}
	}
	for _, name := range args {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			files = append(files, name) // reading it tells what is wrong
			continue
		}
		within, err := filepath.Glob(filepath.Join(filepath.Clean(name), "*.yaml"))
		if err != nil {
			return nil, usageError{err}
		}
		if len(within) == 0 {
			return nil, plant.Errorf(plant.CodeInvalid, "%s: there is no .yaml file in it", name)
		}
		files = append(files, within...)
	}
	return files, nil
}
