package influxdb

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// Resumption reads the fleet's figures of the instants from ... to, both
// included, as they were reported and as they became known later: those of all
// plants, and of the labels by. They come in no particular order.
func (c *Client) Resumption(ctx context.Context, bucket string, from, to plant.Instant, by []string) (out []plant.Resumption, err error) {
	segments := []string{"segment = 'all'"}
	for _, label := range by {
		segments = append(segments, "segment = '"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(label)+"'")
	}
	query := fmt.Sprintf("SELECT * FROM resumption WHERE (%s) AND (basis = 'first' OR basis = 'now') AND %s", strings.Join(segments, " OR "), between(from-1, to))
	err = c.each(ctx, bucket, query, func(columns []string, r row) error {
		f, err := figure(columns, r)
		out = append(out, f)
		return err
	})
	return out, err
}

func figure(columns []string, row row) (r plant.Resumption, err error) {
	counts := map[string]*int{"eligible": &r.Eligible, "resumed": &r.Resumed, "normal": &r.Normal, "ramping_up": &r.RampingUp,
		"stopped": &r.Stopped, "unknown": &r.Unknown, "excluded": &r.Excluded, "reporting": &r.Reporting}
	shares := map[string]**float64{"rate": &r.Rate, "rate_low": &r.RateLow, "rate_high": &r.RateHigh, "coverage": &r.Coverage,
		"recovery": &r.Recovery, "activity": &r.Activity}
	words := map[string]*string{"segment": &r.Segment, "segment_value": &r.Value, "definition": &r.Definition, "basis": &r.Basis}
	for i, name := range columns {
		if name == "time" {
			if r.At, err = row.instant(i); err != nil {
				return r, err
			}
			continue
		}
		if word := words[name]; word != nil {
			*word = row.text(i)
			continue
		}
		v, err := row.float(i)
		if err != nil {
			return r, plant.Errorf(plant.CodeInvalid, "InfluxDB answers %s as %s of the resumption", row[i], name)
		}
		if n := counts[name]; n != nil {
			*n = int(v)
		} else if share := shares[name]; share != nil && !row.null(i) {
			*share = &v
		}
	}
	return r, nil
}
