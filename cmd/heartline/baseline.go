package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/rules"
)

func newBaseline() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "What lines normally make, and where that comes from",
		Long: `A line's normal output is a fixed figure (normal: of the registry), or is taken
from output in InfluxDB as the rules say (baseline: reference or learned), and
then frozen: what comes in later does not change it.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newBaselineOf("show", "Show every line's normal output, its origin and period, and what is missing", `Shows every line's normal output, its origin and period, and the lines that have
none, with what to do: without one a line is in no recovery, and a plant without
any is unknown.

Exit status: 0 good, 1 the running Heartline cannot say, 2 bad usage.`,
			http.MethodGet, "/api/v1/baselines"),
		newBaselineOf("freeze", "Work baselines out of InfluxDB's output anew, and have them hold", `Works out of InfluxDB's output what the rules take from history, and has it hold
from now on: after more of the past came in (heartline import), or was corrected.
What is missing is also looked for by itself: at the start, after an import, when
the rules change, and every hour.

The figures are part of the definition: other figures are another version of it.`,
			http.MethodPost, "/api/v1/baselines/freeze"))
	return cmd
}

func newBaselineOf(use, short, long, method, path string) *cobra.Command {
	r := new(remote)
	var output, plantID string
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Args: noArgs,
		Example: "  heartline baseline " + use + "\n  heartline baseline " + use + " --plant shaoxing-07 --output json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if err := r.find(cmd); err != nil {
				return err
			}
			var list console.BaselineList
			if err := r.ask(cmd.Context(), method, path, &list); err != nil {
				return err
			}
			if plantID != "" {
				list = ofPlant(list, plantID)
			}
			if output == "json" {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(list)
			}
			return printBaselines(cmd.OutOrStdout(), &list)
		},
	}
	cmd.Flags().StringVar(&plantID, "plant", "", "show this plant only")
	cmd.Flags().StringVar(&output, "output", "text", "text or json")
	addRemoteFlags(cmd, r)
	return cmd
}

func ofPlant(all console.BaselineList, id string) console.BaselineList {
	out := console.BaselineList{Definition: all.Definition, Baselines: []rules.LineBaseline{}, Missing: []rules.Missing{}}
	for _, b := range all.Baselines {
		if b.Plant == id {
			out.Baselines = append(out.Baselines, b)
		}
	}
	for _, m := range all.Missing {
		if m.Plant == id {
			out.Missing = append(out.Missing, m)
		}
	}
	return out
}

func printBaselines(out io.Writer, list *console.BaselineList) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PLANT\tLINE\tNORMAL\tORIGIN\tPERIOD\tOF\tFROZEN")
	for i := range list.Baselines {
		b := &list.Baselines[i]
		of, frozen := "", ""
		if b.Days > 0 {
			of = strconv.Itoa(b.Days) + " days"
		}
		if b.Frozen != 0 {
			frozen = b.Frozen.String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", b.Plant, b.Line, normalOf(b), strings.ReplaceAll(b.Origin, "_", " "), b.Period(), of, frozen)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, m := range list.Missing {
		fmt.Fprintf(out, "%s/%s has no baseline: %s\n", m.Plant, m.Line, m.Why)
	}
	_, err := fmt.Fprintf(out, "definition %s\n", list.Definition)
	return err
}

// normalOf is a figure in words: of shifts their range.
func normalOf(b *rules.LineBaseline) string {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
	switch {
	case b.PerHour > 0:
		return number(b.PerHour) + " an hour"
	case b.PerDay > 0:
		return number(b.PerDay) + " a day"
	case len(b.Shifts) == 0:
		return ""
	}
	low, high := b.Shifts[0].Normal, b.Shifts[0].Normal
	for _, s := range b.Shifts {
		low, high = min(low, s.Normal), max(high, s.Normal)
	}
	if low == high {
		return number(low) + " a shift"
	}
	return number(low) + " to " + number(high) + " a shift"
}
