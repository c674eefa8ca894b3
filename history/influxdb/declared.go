package influxdb

import (
	"context"
	"fmt"
	"strconv"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

// Declarations reads what people declared for any time of (from, to], in no
// particular order, each at the moment it was said, or from: with its end where
// somebody ended it before its time. Notes are left out.
func (c *Client) Declarations(ctx context.Context, bucket string, from, to plant.Instant) (out []history.Record, err error) {
	err = c.each(ctx, bucket, fmt.Sprintf("SELECT * FROM declaration WHERE time <= %d", to), func(columns []string, r row) error {
		rec, err := declared(columns, r)
		if err != nil {
			return err
		}
		if d := rec.Declaration; d.Kind != plant.DeclareNote && !d.Over(from) && !d.Over(rec.At) {
			rec.At = max(rec.At, from+1)
			out = append(out, rec)
		}
		return nil
	})
	return out, err
}

func declared(columns []string, row row) (history.Record, error) {
	d := new(plant.Declaration)
	said := plant.Instant(0)
	words := map[string]*string{"plant": &d.Plant, "line": &d.Line, "kind": &d.Kind, "id": &d.ID, "reason": &d.Reason, "by": &d.By, "ended_by": &d.EndedBy}
	for i, name := range columns {
		if row.null(i) {
			continue
		}
		var err error
		switch name {
		case "time":
			d.From, err = row.instant(i)
		case "until", "said":
			var ms int64
			ms, err = strconv.ParseInt(string(row[i]), 10, 64)
			if at := plant.Instant(ms * 1e6); name == "until" {
				d.To = at
			} else {
				said = at
			}
		default:
			if word := words[name]; word != nil {
				*word = row.text(i)
			}
		}
		if err != nil {
			return history.Record{}, plant.Errorf(plant.CodeInvalid, "InfluxDB answers %s as %s of a declaration", row[i], name)
		}
	}
	if said == 0 {
		said = d.From
	}
	return history.Record{Kind: history.Declared, At: said, Plant: d.Plant, Declaration: d}, nil
}
