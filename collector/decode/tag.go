package decode

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-00829101/heartline/collector"
)

// tagLayout is a profile's ProfileTags made ready.
type tagLayout struct {
	name, value, quality, time, err string
	good                            quality
	levels                          collector.TagLevels
}

func newTagLayout(t *collector.ProfileTags) *tagLayout {
	levels, err := collector.ParseTagLevels(t.Levels)
	if err != nil {
		levels = collector.TagLevels{"{field}"} // Check refused it
	}
	return &tagLayout{name: t.Name, value: t.Value, quality: t.Quality, time: t.Time, err: t.Error, good: newQuality(t.Good), levels: levels}
}

// tagReader holds the members of one element, which come in any order.
type tagReader struct {
	name, value, quality, time, err tagValue
	order                           []int // of parts
	merged                          []part
}

// tagValue is a copy of one value; seen tells whether it was there.
type tagValue struct {
	value
	buf  []byte
	seen bool
	end  int64 // of the value in the message
}

func (t *tagValue) keep(v value, end int64) {
	t.buf = append(t.buf[:0], v.text...)
	t.value, t.seen, t.end = value{kind: v.kind, text: t.buf, size: v.size}, true, end
}

// reach makes the value reach to end, so that its place is known once more of
// the message was read.
func (t *tagValue) reach(end int64) {
	t.size += int(end - t.end)
	t.end = end
}

// member returns where the element's member called name is kept, or nil.
func (r *tagReader) member(l *tagLayout, name []byte) *tagValue {
	switch string(name) {
	case "":
	case l.name:
		return &r.name
	case l.value:
		return &r.value
	case l.quality:
		return &r.quality
	case l.time:
		return &r.time
	case l.err:
		return &r.err
	}
	return nil
}

// readTag reads the element that comes next, one named value, into p. Members
// that the profile does not speak of are skipped.
func (d *Decoder) readTag(p *part) error {
	r, t := &d.json, &d.tag
	for _, v := range []*tagValue{&t.name, &t.value, &t.quality, &t.time, &t.err} {
		v.seen = false
	}
	if err := r.open(); err != nil {
		return err
	}
	for {
		switch r.dec.PeekKind() {
		case '}':
			if _, err := r.dec.ReadToken(); err != nil {
				return err
			}
			d.setTag(p)
			return nil
		case '"':
		default:
			_, err := r.dec.ReadToken()
			return orUnexpected(err)
		}
		raw, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		name, err := r.unquote(raw)
		if err != nil {
			return err
		}
		into := t.member(d.layout.tags, name)
		kind := r.dec.PeekKind()
		if into == nil || kind == '{' || kind == '[' {
			if into != nil {
				d.refuse(p, reasonType, value{}, "is an object or array; a value is a number, a text, true or false")
			}
			if err := d.skip(); err != nil {
				return err
			}
			continue
		}
		v, null, err := d.scalar(kind)
		if err != nil {
			return err
		}
		if !null {
			into.keep(v, r.dec.InputOffset())
		}
	}
}

// scalar reads the value of that kind that comes next.
func (d *Decoder) scalar(kind jsontext.Kind) (v value, null bool, err error) {
	raw, err := d.json.dec.ReadValue()
	if err != nil {
		return v, false, err
	}
	v.text, v.size = raw, len(raw)
	switch kind {
	case 'n':
		return v, true, nil
	case 't', 'f':
		v.kind = isBool
	case '0':
		v.kind = isNumber
	case '"':
		v.text, err = d.json.unquote(raw)
	}
	return v, false, err
}

// setTag gives p what the element said.
func (d *Decoder) setTag(p *part) {
	t, l := &d.tag, d.layout.tags
	if p.failed {
		return
	}
	for _, v := range []*tagValue{&t.name, &t.value, &t.quality, &t.time, &t.err} {
		v.reach(d.json.dec.InputOffset())
	}
	if !t.name.seen || t.name.kind != isText {
		d.refuse(p, reasonMissing, value{}, "the element has no name: profile %q wants a text called %q", d.layout.name, l.name)
		return
	}
	levels, ok := l.levels.Split(d.texts.get(t.name.text))
	if !ok {
		d.refuse(p, reasonTopic, t.name.value, "the name %s does not match tags.levels %q of profile %q", quote(t.name.text), strings.Join(l.levels, "."), d.layout.name)
		return
	}
	d.placeTag(p, levels)
	if t.time.seen {
		p.has |= 1 << roleTime
		d.stampNumber(p, t.time.value)
	}
	d.named = append(d.named[:0], levels.Field...)
	m := d.layout.find(d.named)
	failed := t.err.seen && !t.err.isZero()
	if failed {
		d.setError(p, m, levels.Field)
	}
	if failed || t.quality.seen && !l.good.has(t.quality.text) || !t.value.seen {
		d.setBadTag(p, m)
		return
	}
	d.set(p, m, t.value.value)
}

// setError keeps the code of what kept the driver from reading the value.
func (d *Decoder) setError(p *part, m *member, name string) {
	if m.role == roleDropped {
		return
	}
	d.named = append(append(d.named[:0], "errors."...), name...)
	if e := d.layout.find(d.named); e.role == roleField {
		d.set(p, e, d.tag.err.value)
	}
	d.named = append(d.named[:0], name...)
}

// isZero reports whether v, in the place of an error, says that there is none.
func (v value) isZero() bool {
	switch v.kind {
	case isNumber:
		return string(v.text) == "0"
	case isBool:
		return string(v.text) == "false"
	}
	return len(v.text) == 0
}

// stampNumber is stamp for a time that may be written as a text, as the
// profile's own time.
func (d *Decoder) stampNumber(p *part, v value) {
	if v.kind == isText && !d.layout.timeText && isDecimal(v.text) && len(d.layout.numbers) > 0 {
		v.kind = isNumber
	}
	d.stamp(p, v)
}

func (d *Decoder) placeTag(p *part, levels collector.Levels) {
	for _, x := range []struct {
		into *string
		r    role
		id   string
	}{
		{&p.plant, rolePlant, levels.Plant}, {&p.line, roleLine, levels.Line},
		{&p.machine, roleMachine, levels.Machine}, {&p.gateway, roleGateway, levels.Gateway},
	} {
		if x.id != "" {
			*x.into = x.id
			p.has |= 1 << x.r
		}
	}
}

// setBadTag keeps a value that its driver does not vouch for under a name of
// its own, so that a query of the name itself finds good values only.
func (d *Decoder) setBadTag(p *part, m *member) {
	switch m.role {
	case roleCounter, roleState, roleSeq:
		p.bad = true
	case roleDropped:
		return
	}
	if !d.tag.value.seen {
		return
	}
	d.named = append(d.named, "_bad"...)
	if m = d.layout.find(d.named); m.role == roleField {
		d.set(p, m, d.tag.value.value)
	}
}
