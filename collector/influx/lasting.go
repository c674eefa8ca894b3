package influx

import (
	"context"
	"time"

	"github.com/seed-00829101/heartline/internal/influxadmin"
	"github.com/seed-00829101/heartline/plant"
)

// lasting asks whether bucket keeps its data for as long as keep, 0 for ever.
// A shorter one would lose what is written to it. Where the token may not ask,
// or it is another product, that is said once and writing goes on.
func (c *Client) lasting(ctx context.Context, bucket string, keep time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	server := influxadmin.Server{URL: c.cfg.URL, HTTP: c.web}
	has, err := server.Keeps(ctx, c.cfg.Org, bucket)
	switch {
	case plant.CodeOf(err) == plant.CodeUnavailable:
		return err
	case err != nil:
		if _, told := c.unseen.LoadOrStore(bucket, true); !told {
			c.cfg.Log.Warn("how long the bucket keeps its data cannot be checked: the token may not read it; heartline setup makes one that may", "bucket", bucket, "err", err)
		}
	case !influxadmin.Shorter(has, keep):
	case keep == 0 && bucket == c.cfg.VerdictBucket:
		return plant.Errorf(plant.CodeConflict, "bucket %q at %s keeps its data %s, and results are kept for ever: lengthen it with heartline setup, or name another influxdb.verdict_bucket; nothing is written until then, and everything is kept in the queue",
			bucket, c.cfg.URL, influxadmin.Words(has))
	default:
		return plant.Errorf(plant.CodeConflict, "bucket %q at %s keeps its data %s, shorter than influxdb.retention says (%s): lengthen it with heartline setup, or declare what it is; nothing is written until then, and everything is kept in the queue",
			bucket, c.cfg.URL, influxadmin.Words(has), influxadmin.Words(keep))
	}
	return nil
}
