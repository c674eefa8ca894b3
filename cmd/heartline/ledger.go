package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/console"
)

func newLedger() *cobra.Command {
	r := new(remote)
	var plantID, output string
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Show what became of every sample, by plant and source",
		Long: `Asks the running Heartline for its ledger: at any moment

  received = stored + duplicate + expired + dead-lettered + in flight

over all time, through restarts and kills. A message that cannot be read counts
as one sample. Gaps are sequence numbers that never came: what was lost before
it reached us.`,
		Example: `  heartline ledger
  heartline ledger --plant shaoxing-07 --output json
  heartline ledger --url http://127.0.0.1:8080`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if err := r.find(cmd); err != nil {
				return err
			}
			query := url.Values{}
			if plantID != "" {
				query.Set("plant", plantID)
			}
			if output == "json" {
				var all json.RawMessage
				if err := r.get(cmd.Context(), "/api/v1/ledger", query, &all); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), string(all))
				return err
			}
			var all struct {
				Ledger   []console.Account
				Sum      console.Account
				Complete bool
			}
			if err := r.get(cmd.Context(), "/api/v1/ledger", query, &all); err != nil {
				return err
			}
			if !all.Complete {
				fmt.Fprintln(cmd.ErrOrStderr(), "what was in the queue at the last start is still being counted: received and in flight are too low")
			}
			all.Sum.Plant = "all"
			return printLedger(cmd.OutOrStdout(), append(all.Ledger, all.Sum))
		},
	}
	cmd.Flags().StringVar(&plantID, "plant", "", "only this plant")
	cmd.Flags().StringVar(&output, "output", "text", "text or json")
	addRemoteFlags(cmd, r)
	return cmd
}

func printLedger(out io.Writer, all []console.Account) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "plant\tsource\treceived\tstored\tduplicate\texpired\tdead-lettered\tin flight\tgaps\t")
	for _, a := range all {
		name := a.Plant
		if name == "" {
			name = "(none)"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, a.Source,
			a.Received, a.Stored, a.Duplicate, a.Expired, a.DeadLettered, a.InFlight, a.Gaps)
	}
	return w.Flush()
}
