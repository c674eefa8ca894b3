package influx

import (
	"context"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// MeasurementLedger is what became of samples, by plant and source: running
// sums.
const MeasurementLedger = "ledger"

// WriteLedger writes postings to the bucket of results, dated at. It tries
// once: an error is CodeUnavailable or CodeRefused.
func (c *Client) WriteLedger(ctx context.Context, at plant.Instant, postings []collector.Posting) error {
	points := make([]*measured, len(postings))
	for i := range postings {
		points[i] = ledgerPoint(at, &postings[i])
	}
	return c.writeOnce(ctx, points)
}

// writeOnce writes points to the bucket of results. Those that line protocol
// cannot write are left out: ids were checked before they came here.
func (c *Client) writeOnce(ctx context.Context, all []*measured) error {
	var points []point
	for _, m := range all {
		if line, err := m.encode(); err == nil {
			points = append(points, point{line: line, account: noAccount})
		}
	}
	const most = 5000
	for len(points) > 0 {
		n := min(len(points), most)
		switch a := c.write(ctx, c.cfg.VerdictBucket, points[:n]); a.outcome {
		case stored, expired:
		case later:
			return plant.Errorf(plant.CodeUnavailable, "%s", a.words)
		default:
			return plant.Errorf(plant.CodeRefused, "%s", a.words)
		}
		points = points[n:]
	}
	return nil
}

func ledgerPoint(at plant.Instant, p *collector.Posting) *measured {
	m := newPoint(MeasurementLedger, at)
	m.tag("plant", p.Plant)
	m.tag("source", p.Source)
	m.whole("received", p.Received)
	m.whole("stored", p.Stored)
	m.whole("duplicate", p.Duplicate)
	m.whole("expired", p.Expired)
	m.whole("dead_lettered", p.DeadLettered)
	m.whole("in_flight", p.InFlight())
	m.fields = append(m.fields, field{"gaps", intValue(p.Gaps)})
	return m
}
