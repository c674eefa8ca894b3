package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-00829101/heartline/plant"
)

// usageError is a command line that makes no sense.
type usageError struct{ error }

// checkOutput refuses a form that most commands do not print.
func checkOutput(output string) error {
	if output != "text" && output != "json" {
		return usageError{fmt.Errorf("--output %q is neither text nor json", output)}
	}
	return nil
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "heartline",
		Short: "Keeps every heartbeat of your machines, and says which plants produce again",
		Long: `Heartline takes the heartbeats of machines off MQTT, keeps every one of them,
writes them to InfluxDB, and marks a plant as resumed once its output has
crossed a threshold and held.

Every setting is a key of heartline.yaml, a flag, and an environment variable:
queue.max_bytes is --queue.max_bytes and HEARTLINE_QUEUE_MAX_BYTES.`,
		Example: `  heartline demo                             see it run, with simulated plants
  heartline check --config heartline.yaml    what would run, and what is wrong
  heartline serve --config heartline.yaml    run it`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s --help", flagError(err), cmd.CommandPath())}
	})
	root.AddCommand(newServe(), newDemo(), newCheck(), newSetup(), newSimulate(), newDecode(), newRules(), newReport(), newLedger(), newDeadletter(), newUser(), newACL(), newDoctor(), newConfirm(), newDeclare(), newImport(), newBaseline(), newVersion())
	return root
}

// flagError says in a user's words what is wrong with the value of a flag.
func flagError(err error) error {
	var bad *pflag.InvalidValueError
	if !errors.As(err, &bad) {
		return err
	}
	kinds := map[string]string{"int": "whole number", "uint64": "whole number that is not negative", "float64": "number",
		"duration": "duration: write it like 90s or 1h30m"}
	kind, known := kinds[bad.GetFlag().Value.Type()]
	if !known {
		return err
	}
	return fmt.Errorf("--%s: %q is no %s", bad.GetFlag().Name, bad.GetValue(), kind)
}

// noArgs refuses arguments, as a mistake in usage.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%q is no command or option of %s; see %s --help", args[0], cmd.CommandPath(), cmd.CommandPath())}
	}
	return nil
}

// status says what went wrong and maps it to the exit status.
func status(err error, errs io.Writer) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(errs, "heartline: "+err.Error())
	if usage := (usageError{}); errors.As(err, &usage) || plant.CodeOf(err) == plant.CodeInvalid {
		return 2
	}
	return 1
}
