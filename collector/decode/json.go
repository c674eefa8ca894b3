package decode

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-00829101/heartline/plant"
)

// jsonReader walks one message, token by token. jsontext refuses duplicate
// names, invalid UTF-8 and all that RFC 8259 does not allow.
type jsonReader struct {
	input   bytes.Buffer
	dec     jsontext.Decoder
	path    []byte // of the member being read, from base on
	base    int    // where the paths of the current sample begin
	scratch []byte // for texts with escapes
	inArray bool   // inside an element of the array of samples
	errors  int    // where names of values begin in path, inside the object of errors; 0: outside
	around  part
	found   bool  // the array of samples
	end     int64 // of the message's one value
}

// What ends a walk besides errors of syntax.
var (
	errDepth   = errors.New("too deep")
	errTooMany = errors.New("too many samples")
	errMore    = errors.New("more than one value")
)

// where implements placer.
func (r *jsonReader) where(v value) string {
	at := max(r.dec.InputOffset()-int64(v.size), 0)
	pointer := string(r.dec.StackPointer())
	if pointer == "" {
		return fmt.Sprintf("at byte %d", at)
	}
	return fmt.Sprintf("at byte %d (%s)", at, shorten(pointer))
}

func (d *Decoder) readJSON(dst []plant.Sample) []plant.Sample {
	r := &d.json
	r.input = *bytes.NewBuffer(d.m.Payload)
	r.dec.Reset(&r.input)
	r.path, r.base, r.inArray, r.found, r.errors = r.path[:0], 0, false, false, 0
	r.around = part{shared: true}
	d.place = r
	if err := d.document(); err != nil {
		d.failWhole(d.explain(err))
		return dst
	}
	if d.layout.tags != nil {
		d.mergeTags()
	}
	for i := range d.parts {
		p := &d.parts[i]
		if !p.failed && d.layout.samples {
			d.join(p)
		}
		if !p.failed {
			dst = d.finish(dst, p)
		}
	}
	return dst
}

// document reads the whole message. An error is one of syntax: nothing of
// the message can be trusted.
func (d *Decoder) document() error {
	r := &d.json
	switch kind := r.dec.PeekKind(); {
	case kind == '{':
		p := &r.around
		if !d.layout.samples || d.layout.single {
			p, r.found = d.begin(), true
		}
		if err := d.object(p); err != nil {
			return err
		}
		d.end(p)
		if d.layout.samples && !r.found && !p.failed {
			d.refuse(p, reasonMissing, value{}, "the message has no array of samples at %q, which profile %q wants", d.layout.samplesPath, d.layout.name)
		}
	case kind == '[' && d.layout.rootSamples:
		if err := d.elements(); err != nil {
			return err
		}
	default:
		if err := d.skip(); err != nil {
			return err
		}
		if d.layout.rootSamples {
			d.refuse(&r.around, reasonType, value{}, "the message is no array, which profile %q wants", d.layout.name)
		} else {
			d.refuse(&r.around, reasonType, value{}, "the message is no JSON object")
		}
	}
	r.end = r.dec.InputOffset()
	_, err := r.dec.ReadToken()
	switch err {
	case io.EOF:
		return nil
	case nil:
		return errMore
	}
	return err
}

func (d *Decoder) begin() *part {
	d.parts = append(d.parts, part{first: len(d.fields)})
	return &d.parts[len(d.parts)-1]
}

func (d *Decoder) end(p *part) {
	if p.value != nil && p.bad && !p.shared {
		d.disown(p)
	}
	p.end = len(d.fields)
}

// object reads the members of the object that comes next into p.
func (d *Decoder) object(p *part) error {
	r := &d.json
	if err := r.open(); err != nil {
		return err
	}
	for {
		switch r.dec.PeekKind() {
		case '}':
			_, err := r.dec.ReadToken()
			return err
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
		length := len(r.path)
		if length > r.base {
			r.path = append(r.path, '.')
		}
		r.path = append(r.path, name...)
		if err := d.member(p); err != nil {
			return err
		}
		r.path = r.path[:length]
	}
}

// member reads the value of the member at r.path into p.
func (d *Decoder) member(p *part) error {
	r := &d.json
	path := r.path[r.base:]
	if p.failed {
		return d.skip() // nothing of it will be used
	}
	if len(path) > maxPath {
		if !within(d.layout.exclude, string(path[:maxPath])) {
			d.refuse(p, reasonSize, value{}, "its path is longer than %d bytes, and its name longer than a field's may be", maxPath)
		}
		return d.skip()
	}
	m := d.layout.find(path)
	kind := r.dec.PeekKind()
	switch kind {
	case '{':
		if m.unwrap {
			return d.unwrap(p)
		}
		switch m.role {
		case roleField, roleDropped: // a declared member may stand in a dropped object
			return d.object(p)
		case roleUnwrap:
			return d.unwrap(p)
		case roleErrors:
			r.errors = len(r.path) + 1
			err := d.object(p)
			r.errors = 0
			return err
		}
		d.refuse(p, reasonType, value{}, "is an object; profile %q wants a single value here", d.layout.name)
		return d.skip()
	case '[':
		if m.role == roleSamples && !r.inArray {
			return d.elements()
		}
		if m.role != roleDropped {
			d.refuse(p, reasonType, value{}, "is an array, which no field can hold; name it under exclude in profile %q", d.layout.name)
		}
		return d.skip()
	}
	v, null, err := d.scalar(kind)
	if err != nil || null {
		return err
	}
	if r.errors > 0 {
		switch d.layout.find(r.path[r.errors:]).role {
		case roleCounter, roleState:
			p.bad = p.bad || !v.isZero()
		}
	}
	d.set(p, m, v)
	return nil
}

// unwrap reads the object that comes next as if its members stood outside.
func (d *Decoder) unwrap(p *part) error {
	base := d.json.base
	d.json.base = len(d.json.path)
	err := d.object(p)
	d.json.base = base
	return err
}

// skip reads the next value and forgets it.
func (d *Decoder) skip() error {
	r := &d.json
	for depth := r.dec.StackDepth(); ; {
		var err error
		switch r.dec.PeekKind() {
		case '{', '[':
			err = r.open()
		default:
			_, err = r.dec.ReadToken()
		}
		if err != nil {
			return orUnexpected(err)
		}
		if r.dec.StackDepth() <= depth {
			return nil
		}
	}
}

// open reads the { or [ that comes next.
func (r *jsonReader) open() error {
	if r.dec.StackDepth() >= maxDepth {
		return errDepth
	}
	_, err := r.dec.ReadToken()
	return err
}

// unquote returns what raw, a JSON text with its quotes, says. The bytes are
// valid until the next call.
func (r *jsonReader) unquote(raw []byte) (text []byte, err error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	r.scratch, err = jsontext.AppendUnquote(r.scratch[:0], raw)
	return r.scratch, err
}

// bareText returns what a JSON text says; nil where text is none.
func (d *Decoder) bareText(text []byte) []byte {
	if !jsontext.Value(text).IsValid() {
		return nil
	}
	out, err := d.json.unquote(text)
	if err != nil {
		return nil
	}
	return out
}

func orUnexpected(err error) error {
	if err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}
