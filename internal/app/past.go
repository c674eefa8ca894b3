package app

import (
	"sync/atomic"
	"time"

	"github.com/seed-00829101/heartline/backtest"
	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// past makes output of imported samples, beside the rules: no live phase hears
// of them. It remembers nothing through a restart: an import that was cut off is
// made again. The worker's own, but for ended.
type past struct {
	id     string // of the import that runs; "": none
	output *backtest.Output
	lines  collector.LineReader
	sample plant.Sample

	ending *importEnd // in this frame
	ended  atomic.Pointer[importEnd]
}

// importEnd is what an import came to.
type importEnd struct {
	id    string
	slots int    // of output
	late  uint64 // amounts that came too late for their slot
}

// record takes a record that concerns imports; false where it does not.
func (p *past) record(rec *collector.Record, def *rules.Definition) (bool, error) {
	switch {
	case rec.Imported:
		if p.output == nil {
			return true, nil
		}
		if err := p.lines.Read(rec, &p.sample); err != nil {
			return true, err
		}
		p.output.Add(&p.sample)
		return true, nil
	case rec.Control == nil || rec.Control.Import == nil:
		return false, nil
	}
	switch x := rec.Control.Import; {
	case !x.End:
		if p.output != nil {
			p.output.End() // Slots are taken with the frame's
		}
		// History makes baselines: what it expects is not made of them, else a
		// second import would say something else.
		p.id, p.output = x.ID, backtest.NewOutput(def.WithBaselines(nil), time.Duration(x.Interval))
	case p.output != nil && p.id == x.ID:
		p.output.End()
		p.ending = &importEnd{x.ID, p.output.Made(), p.output.Late()}
	}
	return true, nil
}

// slots are those that the frame's records closed.
func (p *past) slots() []plant.OutputSlot {
	if p.output == nil {
		return nil
	}
	return p.output.Slots()
}

// published notes that what the frame led to is on disk.
func (p *past) published() {
	if p.ending != nil {
		p.ended.Store(p.ending)
		p.id, p.output, p.ending = "", nil, nil
	}
}
