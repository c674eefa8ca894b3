package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/seed-00829101/heartline/console"
	"github.com/seed-00829101/heartline/plant"
)

// print writes raw as it is, or what read finds in it as a table.
func (d *declaring) print(out io.Writer, raw json.RawMessage, read func(json.RawMessage) ([]console.Declaration, error)) error {
	if d.output == "json" {
		_, err := fmt.Fprintln(out, string(raw))
		return err
	}
	all, err := read(raw)
	if err != nil {
		return fmt.Errorf("%s does not answer as Heartline does: %w", d.url, err)
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "nothing is declared")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "id\tstate\tkind\tof\tfrom\tuntil\tby\treason")
	for i := range all {
		x := &all[i]
		of, until := x.Plant, "ended by hand"
		if x.Line != "" {
			of += "/" + x.Line
		}
		switch {
		case x.Kind == plant.DeclareNote:
			until = "-"
		case x.Until != nil && x.EndedBy != "":
			until = x.Until.String() + " by " + x.EndedBy
		case x.Until != nil:
			until = x.Until.String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.ID, x.State, x.Kind, of, x.From, until, orDash(x.By), orDash(x.Reason))
	}
	return w.Flush()
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
