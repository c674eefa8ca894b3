package influx

import (
	"encoding/json"

	"github.com/seed-00829101/heartline/plant"
)

// declarationPoint is one point a declaration, said at the moment at: what ends
// it before its time replaces what it says of its end.
func declarationPoint(d *plant.Declaration, at plant.Instant) *measured {
	p := newPoint(MeasurementDeclaration, d.From)
	p.tag("plant", d.Plant)
	p.tag("line", d.Line)
	p.tag("kind", d.Kind)
	p.tag("id", d.ID)
	p.text("reason", d.Reason)
	p.text("by", d.By)
	p.text("ended_by", d.EndedBy)
	if d.EndedBy == "" {
		p.instant("said", at)
	}
	p.instant("until", d.To)
	p.flag("open", d.To == 0)
	return p
}

func flagPoint(c *plant.FlagChange) *measured {
	p := newPoint(MeasurementFlag, c.At)
	p.tag("plant", c.Plant)
	p.tag("line", c.Line)
	p.tag("machine", c.Flag.Machine)
	p.tag("kind", c.Flag.Kind)
	p.flag("stands", c.Stands)
	p.instant("since", c.Flag.Since)
	p.instant("until", c.Flag.Until)
	e := &c.Flag.Evidence
	p.float("seconds", &e.Seconds)
	p.float("made", &e.Made)
	if text, err := json.Marshal(e); err == nil {
		p.text("evidence", string(text))
	}
	return p
}
