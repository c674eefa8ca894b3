package influx

import (
	"context"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// WriteBacktest writes the windows, transitions, shifts and fleet figures of doc to the bucket of
// results, as what its definition would have said. It tries once: an error is
// CodeUnavailable or CodeRefused.
func (c *Client) WriteBacktest(ctx context.Context, doc *collector.Verdicts) error {
	points := make([]*measured, 0, len(doc.Windows)+len(doc.Transitions)+len(doc.Shifts)+len(doc.Resumption))
	for i := range doc.Windows {
		points = append(points, phasePoint(&doc.Windows[i], doc.Definition, plant.BasisBacktest))
	}
	for i := range doc.Transitions {
		points = append(points, transitionPoint(&doc.Transitions[i], doc.Definition, plant.BasisBacktest))
	}
	for i := range doc.Shifts {
		points = append(points, shiftPoint(&doc.Shifts[i], doc.Definition, plant.BasisBacktest))
	}
	for i := range doc.Resumption {
		points = append(points, resumptionPoint(&doc.Resumption[i]))
	}
	return c.writeOnce(ctx, points)
}
