package decode

import (
	"fmt"

	"github.com/seed-00829101/heartline/plant"
)

// finish makes a sample of part p and appends it, or fails it.
func (d *Decoder) finish(dst []plant.Sample, p *part) []plant.Sample {
	s := plant.Sample{
		Broker: d.m.Broker, Arrived: plant.InstantOf(d.m.Arrived), State: p.state,
		Seq: p.seq, HasSeq: p.saw(roleSeq) && !p.unnumbered, Scale: d.layout.scale, Flags: d.layout.flags,
	}
	if p.saw(roleTime) {
		s.Stamp, s.Unit = p.at, p.unit
	} else {
		s.Stamp, s.Unit = s.Arrived, plant.Nanosecond
		s.Flags |= plant.NoDeviceTime
	}
	if p.bad {
		s.Flags |= plant.BadQuality
	}
	if d.m.Retained {
		s.Flags |= plant.Retained
	}
	if !d.identify(&s, p) {
		return dst
	}
	s.Fields = d.fields[p.first:p.end:p.end]
	if name, ok := sortFields(s.Fields); !ok {
		d.fail(reasonSyntax, fmt.Sprintf("two members become the field %q; rename or exclude one of them in profile %q", name, d.layout.name))
		return dst
	}
	return append(dst, s)
}

// identify fills in the ids, from the topic or the payload.
func (d *Decoder) identify(s *plant.Sample, p *part) bool {
	t, fixed := &d.m.Levels, &d.layout.fixed
	return d.id(&s.Plant, "plant", t.Plant, p.plant, fixed.Plant, true) &&
		d.id(&s.Line, "line", t.Line, p.line, fixed.Line, true) &&
		d.id(&s.Machine, "machine", t.Machine, p.machine, fixed.Machine, true) &&
		d.id(&s.Gateway, "gateway", t.Gateway, p.gateway, fixed.Gateway, false)
}

// id takes the id that the topic or the payload gives, else the profile's.
// Where both do they must agree: a login is allowed topics, and the payload
// must not name another plant than the topic.
func (d *Decoder) id(into *string, what, topic, payload, fixed string, needed bool) bool {
	id, from := topic, "topic"
	if id == "" {
		id, from = payload, "payload"
	}
	if id == "" {
		id, from = fixed, "profile"
	}
	switch {
	case id == "" && !needed:
		return true
	case id == "":
		d.fail(reasonTopic, fmt.Sprintf("neither the topic %q nor the payload names the %s", shorten(d.m.Topic), what))
		return false
	case payload != "" && payload != id:
		d.fail(reasonID, fmt.Sprintf("the topic names %s %q, the payload %q", what, shorten(topic), shorten(payload)))
		return false
	case !plainID(id):
		if err := plant.CheckID(id); err != nil {
			d.fail(reasonID, fmt.Sprintf("the %s in the %s %s", what, from, shorten(err.Error())))
			return false
		}
	}
	*into = id
	return true
}

// plainID is a quick look that most ids pass: CheckID would accept them.
func plainID(id string) bool {
	if len(id) > plant.MaxID || id[0] == '.' {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c <= ' ' || c >= 0x7f, c == '/', c == '+', c == '#', c == '\\':
			return false
		}
	}
	return true
}

func shorten(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}
