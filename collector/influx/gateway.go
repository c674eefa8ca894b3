package influx

import (
	"context"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// MeasurementGateway is what is seen of a gateway's clock and link.
const MeasurementGateway = "gateway"

// Gateway is what was seen of one gateway, or of the machines of a plant whose
// samples name none. The counts are since our start.
type Gateway struct {
	Plant, Gateway string
	Clock          string // unknown, good, zone, off, ahead, unsteady, draining
	// Offset is how far its device times are behind our clock, where known.
	Offset    time.Duration
	HasOffset bool

	Samples, Future, Late, Backlogs, Jumps uint64
	Draining                               int // machines, now
}

// WriteGateways writes gs to the bucket of results, dated at. Errors as
// WriteLedger's.
func (c *Client) WriteGateways(ctx context.Context, at plant.Instant, gs []Gateway) error {
	points := make([]*measured, len(gs))
	for i := range gs {
		points[i] = gatewayPoint(at, &gs[i])
	}
	return c.writeOnce(ctx, points)
}

func gatewayPoint(at plant.Instant, g *Gateway) *measured {
	m := newPoint(MeasurementGateway, at)
	m.tag("plant", g.Plant)
	m.tag("gateway", g.Gateway)
	m.text("clock", g.Clock)
	if g.HasOffset {
		m.fields = append(m.fields, field{"offset_ms", intValue(g.Offset.Milliseconds())})
	}
	m.whole("samples", g.Samples)
	m.whole("future", g.Future)
	m.whole("late", g.Late)
	m.whole("backlogs", g.Backlogs)
	m.whole("clock_set_back", g.Jumps)
	m.whole("draining", uint64(max(g.Draining, 0)))
	return m
}
