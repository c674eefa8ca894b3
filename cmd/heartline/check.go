package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/internal/config"
)

func newCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Read the configuration, say what is wrong with it, or what would run",
		Long: `Reads heartline.yaml, the registry, the rules and the profiles, and says
everything that is wrong with them, each with its file, line and key. Where
nothing is, it says in words what serve would run. It starts nothing.

Exit status: 0 nothing is wrong, 2 something is.`,
		Example: "  heartline check --config heartline.yaml",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := config.Load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			for _, w := range loaded.Warnings {
				fmt.Fprintln(cmd.ErrOrStderr(), "warning: "+w.String())
			}
			loaded.Describe(cmd.OutOrStdout())
			return nil
		},
	}
	config.AddFlags(cmd.Flags())
	return cmd
}
