package decode

import (
	"bytes"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// part is one sample while it is being read.
type part struct {
	has                           uint16 // bit per role that was seen
	failed, bad, shared           bool
	unnumbered                    bool    // the message's number is another sample's
	value                         *member // of the value that the topic names, where there is one
	at                            plant.Instant
	unit                          plant.Unit
	seq                           uint64
	state                         string
	plant, line, machine, gateway string
	first, end                    int // its run of Decoder.fields
}

func (p *part) saw(r role) bool { return p.has&(1<<r) != 0 }

// set gives p the value of one member.
func (d *Decoder) set(p *part, m *member, v value) {
	if m.role == roleDropped || p.failed {
		return
	}
	if v.kind == isText && !d.understood(p, m, &v) {
		return
	}
	if m.role > roleCounter {
		if p.saw(m.role) {
			d.refuse(p, reasonSyntax, v, "stands in the message twice")
			return
		}
		p.has |= 1 << m.role
	}
	switch m.role {
	case roleField:
		d.addField(p, m, v)
	case roleCounter:
		d.addCounter(p, m, v)
	case roleTime:
		d.stamp(p, v)
	case roleSeq:
		d.setSeq(p, v)
	case roleState:
		if v.kind != isText {
			d.refuse(p, reasonType, v, "the state is %s; it must be a text", v.show())
			return
		}
		p.state = d.texts.get(v.text)
	case roleQuality:
		p.bad = p.bad || !d.layout.good.has(v.text)
		d.addField(p, m, v)
	case roleValue:
		d.setNamed(p, v)
	case roleUnwrap, roleErrors:
		d.refuse(p, reasonType, v, "is %s; profile %q wants an object here", v.show(), d.layout.name)
	case roleSamples:
		d.refuse(p, reasonType, v, "is %s; profile %q wants an array of samples here", v.show(), d.layout.name)
	default:
		d.setID(p, m, v)
	}
}

// understood looks at a text that may stand for a number or for no value at
// all, and reports whether there is a value to set.
func (d *Decoder) understood(p *part, m *member, v *value) bool {
	l := d.layout
	if len(l.missing) > 0 && slices.ContainsFunc(l.missing, func(w string) bool { return w == string(v.text) }) {
		switch m.role {
		case roleState:
			p.state = d.texts.get(v.text)
			p.has |= 1 << roleState
			p.bad = true
		case roleCounter:
			p.bad = true
		}
		return false
	}
	if !m.number {
		return true
	}
	switch m.role {
	case roleTime:
		if l.timeText {
			return true
		}
	case roleField, roleCounter, roleSeq:
	default:
		return true
	}
	if !isDecimal(v.text) {
		d.refuse(p, reasonNumber, *v, "is %s; profile %q says that it is a number", v.show(), l.name)
		return false
	}
	v.kind = isNumber
	return true
}

func (d *Decoder) setSeq(p *part, v value) {
	if v.kind != isNumber {
		d.refuse(p, reasonType, v, "the sequence number is %s; it must be a number", v.show())
		return
	}
	negative, n, w := parseWhole(v.text)
	if w != wholeOK || negative {
		d.refuse(p, reasonNumber, v, "the sequence number %s is no whole number from 0 to 18446744073709551615", v.show())
		return
	}
	p.seq = n
}

func (d *Decoder) setID(p *part, m *member, v value) {
	if v.kind != isText {
		d.refuse(p, reasonType, v, "the id is %s; it must be a text", v.show())
		return
	}
	id := d.texts.get(v.text)
	switch m.role {
	case rolePlant:
		p.plant = id
	case roleLine:
		p.line = id
	case roleMachine:
		p.machine = id
	case roleGateway:
		p.gateway = id
	}
}

func (d *Decoder) addCounter(p *part, m *member, v value) {
	if v.kind != isNumber {
		d.refuse(p, reasonType, v, "the counter is %s; it must be a number", v.show())
		return
	}
	if m.decimal {
		d.addField(p, m, v)
		return
	}
	switch n, w := parseInt64(v.text); w {
	case wholeNot:
		d.refuse(p, reasonNumber, v, "the counter %s is not written as a whole number; where it has a fraction, write decimal: true for it in profile %q", v.show(), d.layout.name)
	case wholeTooLarge:
		d.refuse(p, reasonNumber, v, "the counter %s does not fit into 64 bits", v.show())
	default:
		d.append(p, plant.Field{Name: m.name, Kind: plant.Int, Int: n}, m, v)
	}
}

func (d *Decoder) addField(p *part, m *member, v value) {
	f := plant.Field{Name: m.name}
	switch v.kind {
	case isText:
		f.Kind, f.Str = plant.String, d.texts.get(v.text)
	case isBool:
		f.Kind, f.Bool = plant.Bool, bytes.Equal(v.text, textTrue)
	case isNumber:
		x, ok := parseFloat(v.text)
		if !ok {
			d.refuse(p, reasonNumber, v, "the number %s is too large", v.show())
			return
		}
		f.Float = x
	}
	d.append(p, f, m, v)
}

var (
	textTrue  = []byte("true")
	textFalse = []byte("false")
)

func (d *Decoder) append(p *part, f plant.Field, m *member, v value) {
	if m.wrong != "" {
		d.refuse(p, reasonType, v, "cannot be a field: its name %s", m.wrong)
		return
	}
	into, first := &d.fields, p.first
	if p.shared {
		into, first = &d.around, 0
	}
	if len(*into)-first >= MaxFields {
		d.refuse(p, reasonSize, v, "a sample has at most %d fields", MaxFields)
		return
	}
	*into = append(*into, f)
}

// inherit gives p what the message around its array says and it does not.
func (p *part) inherit(from *part) {
	missing := from.has &^ p.has
	lacks := func(r role) bool { return missing&(1<<r) != 0 }
	if lacks(roleTime) {
		p.at, p.unit = from.at, from.unit
	}
	if lacks(roleSeq) {
		p.seq = from.seq
	}
	if lacks(roleState) {
		p.state = from.state
	}
	p.bad = p.bad || from.bad && (lacks(roleQuality) || !from.saw(roleQuality))
	if lacks(rolePlant) {
		p.plant = from.plant
	}
	if lacks(roleLine) {
		p.line = from.line
	}
	if lacks(roleMachine) {
		p.machine = from.machine
	}
	if lacks(roleGateway) {
		p.gateway = from.gateway
	}
	p.has |= missing
}

// sortFields puts fs in order by name; false where two have the same name.
func sortFields(fs []plant.Field) (string, bool) {
	if len(fs) > 12 {
		slices.SortStableFunc(fs, func(a, b plant.Field) int { return strings.Compare(a.Name, b.Name) })
	} else {
		for i := 1; i < len(fs); i++ {
			for j := i; j > 0 && fs[j].Name < fs[j-1].Name; j-- {
				fs[j], fs[j-1] = fs[j-1], fs[j]
			}
		}
	}
	for i := 1; i < len(fs); i++ {
		if fs[i].Name == fs[i-1].Name {
			return fs[i].Name, false
		}
	}
	return "", true
}
