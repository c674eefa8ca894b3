package decode

import "github.com/seed-00829101/heartline/plant"

// elements reads the array of samples.
func (d *Decoder) elements() error {
	r := &d.json
	if err := r.open(); err != nil {
		return err
	}
	base := r.base
	r.base, r.inArray, r.found = len(r.path), true, true
	for {
		kind := r.dec.PeekKind()
		if kind == ']' {
			r.base, r.inArray = base, false
			_, err := r.dec.ReadToken()
			return err
		}
		if len(d.parts) == maxSamples {
			return errTooMany
		}
		p := d.begin()
		var err error
		switch {
		case kind == '{' && d.layout.tags != nil:
			err = d.readTag(p)
		case kind == '{':
			err = d.object(p)
		default:
			if err = d.skip(); err == nil {
				d.refuse(p, reasonType, value{}, "the element is no object")
			}
		}
		if err != nil {
			return err
		}
		d.end(p)
	}
}

// join gives a sample of an array what the message around the array says:
// its ids, time and fields, where the sample does not say its own.
func (d *Decoder) join(p *part) {
	around := &d.json.around
	if around.failed {
		p.failed = true // what it would inherit cannot be read
		return
	}
	p.inherit(around)
	if len(d.around) == 0 {
		return
	}
	own := d.fields[p.first:p.end]
	if len(d.fields)+len(own)+len(d.around) > maxAllFields {
		p.failed = true
		d.fail(reasonSize, "the message's samples have too many fields together: exclude what stands around the array")
		return
	}
	first := len(d.fields)
	d.fields = append(d.fields, own...)
	for _, f := range d.around {
		if !holds(own, f.Name) {
			d.fields = append(d.fields, f)
		}
	}
	p.first, p.end = first, len(d.fields)
}

func holds(fs []plant.Field, name string) bool {
	for i := range fs {
		if fs[i].Name == name {
			return true
		}
	}
	return false
}
