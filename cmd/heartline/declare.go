package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

// declaring is what the commands of declare share.
type declaring struct {
	remote
	said   console.Saying
	lasts  time.Duration // --for
	output string
}

func newDeclare() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "declare",
		Short: "Say what no machine can: an exclusion, a planned stop, a changeover, a note",
		Long: `Tells the running Heartline what people know and machines do not. What is said
is kept in the queue with the heartbeats: it outlives a restart or a kill, and
ends by itself.

Times are on the plant's wall (2026-09-30, its beginning, or "2026-09-30 18:00")
or have a zone (2026-09-30T18:00:00+08:00).`,
		Example: `  heartline declare exclude shaoxing-07 --reason flood --until 2026-09-30
  heartline declare stop shaoxing-07/dye-1 --reason "boiler inspection" --for 2h
  heartline declare changeover shaoxing-07/dye-1 --for 45m
  heartline declare note shaoxing-07/dye-1 "new dosing pump since this morning"
  heartline declare list
  heartline declare end mt2k0x4w`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDeclareExclude(), newDeclareStop(), newDeclareChangeover(), newDeclareNote(), newDeclareList(), newDeclareEnd())
	return cmd
}

func newDeclareExclude() *cobra.Command {
	d := new(declaring)
	cmd := &cobra.Command{
		Use:   "exclude PLANT --reason WORDS --until TIME",
		Short: "Take a plant out of every figure, until an end",
		Long: `From now on the plant's phase is excluded, and it is in no figure of the fleet:
neither in what resumed nor in the denominator. How many are excluded stands
beside the figures. At the end it is judged anew.`,
		Example: `  heartline declare exclude shaoxing-07 --reason flood --until 2026-09-30
  heartline declare exclude shaoxing-07 --reason "moves to Keqiao" --from 2026-09-01 --until 2026-12-01`,
		RunE: func(cmd *cobra.Command, args []string) error { return d.declare(cmd, plant.DeclareExclude, args) },
	}
	d.flags(cmd, true)
	return cmd
}

func newDeclareStop() *cobra.Command {
	d := new(declaring)
	cmd := &cobra.Command{
		Use:   "stop PLANT[/LINE] --for DURATION",
		Short: "Declare a planned stop of a line, or of all lines of a plant",
		Long: `While it lasts, a line that makes nothing is in planned_stop, and no stall. What
it makes meanwhile still counts, and it is running. The plant's phase goes on
being judged by its output.`,
		Example: `  heartline declare stop shaoxing-07/dye-1 --reason "boiler inspection" --for 2h
  heartline declare stop shaoxing-07 --reason "power cut announced" --from "2026-09-30 13:00" --until "2026-09-30 17:00"`,
		RunE: func(cmd *cobra.Command, args []string) error { return d.declare(cmd, plant.DeclarePlannedStop, args) },
	}
	d.flags(cmd, true)
	return cmd
}

func newDeclareChangeover() *cobra.Command {
	d := new(declaring)
	cmd := &cobra.Command{
		Use:   "changeover PLANT/LINE [--for DURATION]",
		Short: "Declare that a line is changed over to another product",
		Long: `While it lasts, a line that makes nothing is in planned_stop, for the reason
changeover. Without --for or --until it lasts until somebody ends it.`,
		Example: `  heartline declare changeover shaoxing-07/dye-1 --for 45m
  heartline declare changeover shaoxing-07/dye-1 --reason "indigo to black"`,
		RunE: func(cmd *cobra.Command, args []string) error { return d.declare(cmd, plant.DeclareChangeover, args) },
	}
	d.flags(cmd, true)
	return cmd
}

func newDeclareNote() *cobra.Command {
	d := new(declaring)
	cmd := &cobra.Command{
		Use:   "note PLANT[/LINE] WORDS",
		Short: "Note something about a plant or a line, for people to read",
		Long:  "Changes no state and no figure. It is on the page and in heartline declare list.",
		Example: `  heartline declare note shaoxing-07 "inspection of the fire brigade, lines may pause"
  heartline declare note shaoxing-07/dye-1 "new dosing pump since this morning"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{fmt.Errorf("name the plant or line, and the words in quotes; see %s --help", cmd.CommandPath())}
			}
			d.said.Reason = args[1]
			return d.declare(cmd, plant.DeclareNote, args[:1])
		},
	}
	d.flags(cmd, false)
	return cmd
}

// flags adds those of a declaration; one that lasts has a beginning and an end.
func (d *declaring) flags(cmd *cobra.Command, lasts bool) {
	f := cmd.Flags()
	if lasts {
		f.StringVar(&d.said.Reason, "reason", "", "why, in your words")
		f.StringVar(&d.said.From, "from", "", "when it begins; default: now")
		f.StringVar(&d.said.Until, "until", "", "when it ends")
		f.DurationVar(&d.lasts, "for", 0, "how long from now it lasts, like 45m or 2h, instead of --until")
	}
	f.StringVar(&d.said.By, "by", "", "who says so; default: the account that runs this command")
	f.StringVar(&d.said.ID, "id", "", "an id of your own: what has the same one is taken once; default: one is made")
	d.ask(cmd)
}

// ask adds the flags that say whom to ask and how to print.
func (d *declaring) ask(cmd *cobra.Command) {
	cmd.Flags().StringVar(&d.output, "output", "text", "text or json")
	addRemoteFlags(cmd, &d.remote)
}

// whoami is the name of the account that runs the command; empty where there
// is none.
func whoami() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

func (d *declaring) declare(cmd *cobra.Command, kind string, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("name one plant, or one line as PLANT/LINE; see %s --help", cmd.CommandPath())}
	}
	var named bool
	d.said.Kind = kind
	d.said.Plant, d.said.Line, named = strings.Cut(args[0], "/")
	switch {
	case d.said.Plant == "" || named && d.said.Line == "":
		return usageError{fmt.Errorf("%q names no plant, and no line as PLANT/LINE; see %s --help", args[0], cmd.CommandPath())}
	case d.lasts < 0 || d.lasts == 0 && cmd.Flags().Changed("for"):
		return usageError{fmt.Errorf("--for %s is no time that something lasts; write it like 45m or 2h", d.lasts)}
	case d.lasts > 0 && (d.said.Until != "" || d.said.From != ""):
		return usageError{fmt.Errorf("--for counts from now; give either it alone, or --until with or without --from")}
	case d.lasts > 0:
		d.said.Until = plant.InstantOf(time.Now().Add(d.lasts).Truncate(time.Millisecond)).String()
	}
	d.said.By = cmp.Or(d.said.By, whoami())
	return d.post(cmd, "/api/v1/declarations", d.said)
}

// post sends what is said, and prints what was made of it.
func (d *declaring) post(cmd *cobra.Command, path string, said any) error {
	if err := checkOutput(d.output); err != nil {
		return err
	}
	if err := d.find(cmd); err != nil {
		return err
	}
	text, err := json.Marshal(said)
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := d.askWith(cmd.Context(), http.MethodPost, path, text, &raw); err != nil {
		return err
	}
	return d.print(cmd.OutOrStdout(), raw, func(one json.RawMessage) ([]console.Declaration, error) {
		all := make([]console.Declaration, 1)
		return all, json.Unmarshal(one, &all[0])
	})
}

func newDeclareList() *cobra.Command {
	d := new(declaring)
	var plantID string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what is declared, and the newest of what is over",
		Long: `By plant: what is in force or ahead, then notes and what is over, newest first,
up to 20 of a plant. What the registry excludes has the id "registry".`,
		Example: `  heartline declare list
  heartline declare list --plant shaoxing-07 --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(d.output); err != nil {
				return err
			}
			if err := d.find(cmd); err != nil {
				return err
			}
			return d.list(cmd, plantID)
		},
	}
	cmd.Flags().StringVar(&plantID, "plant", "", "only this plant")
	d.ask(cmd)
	return cmd
}

func (d *declaring) list(cmd *cobra.Command, plantID string) error {
	query := url.Values{}
	if plantID != "" {
		query.Set("plant", plantID)
	}
	var raw json.RawMessage
	if err := d.get(cmd.Context(), "/api/v1/declarations", query, &raw); err != nil {
		return err
	}
	return d.print(cmd.OutOrStdout(), raw, func(text json.RawMessage) ([]console.Declaration, error) {
		var all struct{ Declarations []console.Declaration }
		return all.Declarations, json.Unmarshal(text, &all)
	})
}

func newDeclareEnd() *cobra.Command {
	d := new(declaring)
	var by string
	cmd := &cobra.Command{
		Use:   "end ID",
		Short: "End a declaration now",
		Long: `What is ended before it began never comes into force. What the registry excludes
ends in the registry.`,
		Example: `  heartline declare end mt2k0x4w`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return usageError{fmt.Errorf("name one id; heartline declare list shows them; see %s --help", cmd.CommandPath())}
			}
			return d.post(cmd, "/api/v1/declarations/"+url.PathEscape(args[0])+"/end", map[string]string{"by": cmp.Or(by, whoami())})
		},
	}
	cmd.Flags().StringVar(&by, "by", "", "who says so; default: the account that runs this command")
	d.ask(cmd)
	return cmd
}
