package main

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

func newLetterReplay() *cobra.Command {
	r, s := new(remote), new(selection)
	var all bool
	cmd := &cobra.Command{
		Use:   "replay [ID...]",
		Short: "Take dead letters as if their messages came now",
		Long: `Takes dead letters as if their messages came now, each once, also through a
kill in between: mend the profile, restart or reload, and replay. What still
cannot be read stays, with the reason.

Name them by their numbers, or select them; --all is needed where nothing
else narrows the choice.

Exit status: 0 all were taken, 1 some were not, 2 bad usage.`,
		Example: `  heartline deadletter replay 17 18
  heartline deadletter replay --plant shaoxing-07 --reason time
  heartline deadletter replay --all`,
		RunE: func(cmd *cobra.Command, args []string) error {
			narrowed := s.reason != "" || s.plant != "" || s.from != "" || s.to != ""
			if len(args) > 0 && (narrowed || all) || len(args) == 0 && !narrowed && !all {
				return usageError{fmt.Errorf("name dead letters by number, or select them by --reason, --plant, --from, --to, or --all; see %s --help", cmd.CommandPath())}
			}
			if err := r.find(cmd); err != nil {
				return err
			}
			return replay(cmd, r, s, args)
		},
	}
	s.addFlags(cmd, 0)
	cmd.Flags().BoolVar(&all, "all", false, "every dead letter")
	addRemoteFlags(cmd, r)
	return cmd
}

// replay takes the dead letters called ids, or those selected. Those are
// listed first and taken oldest first, as they came.
func replay(cmd *cobra.Command, r *remote, s *selection, ids []string) error {
	for _, id := range ids {
		if _, err := letterNumber(cmd, []string{id}); err != nil {
			return err
		}
	}
	if len(ids) == 0 {
		err := s.each(cmd, r, func(l console.Letter) error {
			ids = append([]string{strconv.FormatUint(l.ID, 10)}, ids...)
			return nil
		})
		if err != nil {
			return err
		}
	}
	failed := 0
	progress := progressOn(cmd.ErrOrStderr())
	for i, id := range ids {
		var done struct{ Replayed bool }
		if err := r.ask(cmd.Context(), http.MethodPost, "/api/v1/deadletters/"+id+"/replay", &done); err != nil {
			if plant.CodeOf(err) == plant.CodeUnavailable || cmd.Context().Err() != nil {
				return err
			}
			failed++
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", id, clean(err.Error()))
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d of %d dead letters were taken\n", len(ids)-failed, len(ids))
	if failed > 0 {
		return fmt.Errorf("%d dead letters stay as they are", failed)
	}
	return nil
}
