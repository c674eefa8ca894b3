package influx

import (
	"context"

	"github.com/seed-00829101/heartline/collector"
)

// Verdicts writes the rules' results to the bucket of results: measurements
// output, line_state, plant_phase, transition, shift and resumption.
type Verdicts struct{ pump *pump }

// NewVerdicts returns a Verdicts that reads documents, each a
// collector.Verdicts as Marshal wrote it, from cur and keeps in dead what can
// not be stored. Each cursor has one Verdicts.
func (c *Client) NewVerdicts(cur Cursor, dead collector.DeadLetters) *Verdicts {
	p := newPump(c, "results", c.cfg.VerdictBucket, cur, dead)
	p.take = takeVerdicts
	return &Verdicts{p}
}

// Run writes until ctx ends, as Store.Run does. Run is called once.
func (v *Verdicts) Run(ctx context.Context) error { return v.pump.run(ctx) }

// Status says how writing goes. Safe for concurrent use.
func (v *Verdicts) Status() Status { return v.pump.status() }

// takeVerdicts makes a document's points and sorts them by plant.
func takeVerdicts(q collector.Queued, s *sorted) *entry {
	doc, err := collector.UnmarshalVerdicts(q.Data)
	if err != nil {
		s.damage = err
		return &entry{}
	}
	points(doc, s)
	return &entry{at: doc.At}
}
