package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

func newConfirm() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "confirm PLANT/LINE",
		Short: "Commission a line: from now on it counts",
		Long: `Changes commissioned: false of one line in the registry to true, and nothing
else in the file. It shows the change and asks. A running Heartline reads the
registry again by itself.

A line that is not commissioned is stored and shown with what was seen of it
(/api/v1/plants/PLANT/machines), in no figure and no alert.`,
		Example: `  heartline confirm shaoxing-07/dye-3
  heartline confirm shaoxing-07/dye-3 --yes --config /etc/heartline/heartline.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			plantID, lineID := "", ""
			if len(args) == 1 {
				plantID, lineID, _ = strings.Cut(args[0], "/")
			}
			if plantID == "" || lineID == "" {
				return usageError{fmt.Errorf("name one line as PLANT/LINE; see %s --help", cmd.CommandPath())}
			}
			loaded, err := config.Load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			edit, err := loaded.Confirm(plantID, lineID)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s:%d\n- %s\n+ %s\n", edit.File, edit.Line, edit.Old, edit.New)
			if !yes {
				fmt.Fprint(cmd.OutOrStdout(), "Write this? [y/N] ")
				answer, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
				if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
					return plant.Errorf(plant.CodeConflict, "nothing was written")
				}
			}
			return edit.Write()
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	config.AddFlags(cmd.Flags())
	return cmd
}
