package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/console"
)

func newDeadletter() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deadletter",
		Short: "Look at what could not be read or stored, and replay it",
		Long: `Dead letters are messages, parts of messages and points that could not be read
or stored: kept with topic, bytes, time and reason, until they are older or
larger than dead_letters in heartline.yaml allows.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newLetterList(), newLetterShow(), newLetterReplay())
	return cmd
}

// selection is which dead letters are meant.
type selection struct {
	reason, plant, from, to string
	limit                   int
}

func (s *selection) addFlags(cmd *cobra.Command, limit int) {
	f := cmd.Flags()
	f.StringVar(&s.reason, "reason", "", "only those with this reason: syntax, type, time, refused, ...")
	f.StringVar(&s.plant, "plant", "", "only those of this plant")
	f.StringVar(&s.from, "from", "", "only those kept at this time (RFC 3339) or later")
	f.StringVar(&s.to, "to", "", "only those kept before this time")
	f.IntVar(&s.limit, "limit", limit, "at most so many, the newest; 0: all")
}

// pageSize is how many dead letters are asked for at once.
const pageSize = 1000

// each calls f with the selected dead letters, newest first.
func (s *selection) each(cmd *cobra.Command, r *remote, f func(console.Letter) error) error {
	q := url.Values{}
	for name, value := range map[string]string{"reason": s.reason, "plant": s.plant, "from": s.from, "to": s.to} {
		if value != "" {
			q.Set(name, value)
		}
	}
	left := s.limit
	for {
		size := pageSize
		if s.limit > 0 {
			size = min(size, left)
		}
		q.Set("limit", strconv.Itoa(size))
		var page struct{ Deadletters []console.Letter }
		if err := r.get(cmd.Context(), "/api/v1/deadletters", q, &page); err != nil {
			return err
		}
		for _, l := range page.Deadletters {
			if err := f(l); err != nil {
				return err
			}
			q.Set("before", strconv.FormatUint(l.ID, 10))
		}
		left -= len(page.Deadletters)
		if len(page.Deadletters) < size || s.limit > 0 && left == 0 {
			return nil
		}
	}
}

func newLetterList() *cobra.Command {
	r, s := new(remote), new(selection)
	var output string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List dead letters, newest first",
		Example: `  heartline deadletter list
  heartline deadletter list --plant shaoxing-07 --reason time --limit 0 --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if err := r.find(cmd); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if output == "json" {
				enc := json.NewEncoder(out)
				return s.each(cmd, r, func(l console.Letter) error { return enc.Encode(l) })
			}
			w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "id\tat\tplant\treason\ttopic\twords")
			err := s.each(cmd, r, func(l console.Letter) error {
				_, err := fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.At, clean(l.Plant), l.Reason, clean(l.Topic), clean(l.Words))
				return err
			})
			if err != nil {
				return err
			}
			return w.Flush()
		},
	}
	s.addFlags(cmd, 100)
	cmd.Flags().StringVar(&output, "output", "text", "text, or json with one object a line")
	addRemoteFlags(cmd, r)
	return cmd
}

func newLetterShow() *cobra.Command {
	r := new(remote)
	var output string
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one dead letter, with what it holds",
		Example: `  heartline deadletter show 17
  heartline deadletter show 17 --output raw > payload.json     # then: heartline decode payload.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := letterNumber(cmd, args)
			if err != nil {
				return err
			}
			if err := r.find(cmd); err != nil {
				return err
			}
			var l console.WholeLetter
			if err := r.get(cmd.Context(), "/api/v1/deadletters/"+id, nil, &l); err != nil {
				return err
			}
			return showLetter(cmd.OutOrStdout(), &l, output)
		},
	}
	cmd.Flags().StringVar(&output, "output", "text", "text, json, or raw: the bytes as they were received")
	addRemoteFlags(cmd, r)
	return cmd
}

func letterNumber(cmd *cobra.Command, args []string) (string, error) {
	if len(args) != 1 {
		return "", usageError{fmt.Errorf("name one dead letter by its number; see %s --help", cmd.CommandPath())}
	}
	if _, err := strconv.ParseUint(args[0], 10, 64); err != nil {
		return "", usageError{fmt.Errorf("%q is no number of a dead letter; heartline deadletter list has them", args[0])}
	}
	return args[0], nil
}

func showLetter(out io.Writer, l *console.WholeLetter, output string) error {
	held := l.Payload
	if l.Point != "" {
		held = []byte(l.Point)
	}
	switch output {
	case "raw":
		_, err := out.Write(held)
		return err
	case "json":
		return json.NewEncoder(out).Encode(l)
	case "text":
	default:
		return usageError{fmt.Errorf("--output %q is none of text, json, raw", output)}
	}
	for _, row := range [][2]string{
		{"id", strconv.FormatUint(l.ID, 10)}, {"kept at", l.At.String()}, {"reason", l.Reason}, {"words", clean(l.Words)},
		{"plant", clean(l.Plant)}, {"topic", clean(l.Topic)}, {"source", clean(l.Source)}, {"broker", clean(l.Broker)},
	} {
		if row[1] != "" {
			fmt.Fprintf(out, "%-8s %s\n", row[0], row[1])
		}
	}
	what := "payload"
	if l.Point != "" {
		what = "point"
	}
	_, err := fmt.Fprintf(out, "%-8s %d bytes: %s\n", what, len(held), clean(string(held)))
	return err
}

// clean is text as a terminal may show it: no control characters, whatever a
// device sent.
func clean(text string) string {
	quoted := strconv.QuoteToGraphic(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
