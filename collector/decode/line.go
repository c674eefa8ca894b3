package decode

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/seed-00829101/heartline/plant"
)

// lineReader reads one message of line protocol. Each line is a sample; one
// that cannot be read does not keep its neighbours from being read.
type lineReader struct {
	n   int    // of the line's first row in the message, from 1
	key []byte // of the value being read
}

// where implements placer.
func (r *lineReader) where(value) string {
	if len(r.key) == 0 {
		return fmt.Sprintf("in sample %d", r.n)
	}
	return fmt.Sprintf("in sample %d, %s", r.n, quote(r.key))
}

func (d *Decoder) readLines(dst []plant.Sample) []plant.Sample {
	d.place = &d.line
	dec := lineprotocol.NewDecoderWithBytes(d.m.Payload)
	for d.line.n = 1; dec.Next(); d.line.n++ {
		if len(d.parts) == maxSamples {
			d.failWhole(d.explain(errTooMany))
			return dst
		}
		p := d.begin()
		if err := d.readLine(p, dec); err != nil && !p.failed {
			p.failed = true
			reason := reasonSyntax
			if strings.Contains(err.Error(), "utf-8") {
				reason = reasonUTF8
			}
			d.fail(reason, shorten(err.Error()))
		}
		d.end(p)
	}
	if len(d.parts) == 0 {
		d.fail(reasonSyntax, "at line 1: the message holds no line")
	}
	for i := range d.parts {
		if p := &d.parts[i]; !p.failed {
			dst = d.finish(dst, p)
		}
	}
	return dst
}

// readLine reads one line into p. After an error the decoder goes on with
// the next line.
func (d *Decoder) readLine(p *part, dec *lineprotocol.Decoder) error {
	r := &d.line
	r.key = r.key[:0]
	measurement, err := dec.Measurement()
	if err != nil {
		return err
	}
	if !d.accepts(measurement) {
		d.refuse(p, reasonType, value{}, "the measurement %s is not among those that profile %q accepts", quote(measurement), d.layout.name)
	}
	for {
		key, text, err := dec.NextTag()
		if err != nil {
			return err
		}
		if key == nil {
			break
		}
		r.key = append(r.key[:0], key...)
		d.set(p, d.layout.find(key), value{kind: isText, text: text})
	}
	if err := d.readFields(p, dec); err != nil {
		return err
	}
	r.key = r.key[:0]
	at, err := dec.TimeBytes()
	if err != nil {
		return err
	}
	if at != nil {
		p.has |= 1 << roleTime
		r.key = append(r.key, "time"...)
		d.stamp(p, value{kind: isNumber, text: at})
	}
	return nil
}

func (d *Decoder) readFields(p *part, dec *lineprotocol.Decoder) error {
	n := 0
	for {
		key, kind, text, err := dec.NextFieldBytes()
		if err != nil {
			return err
		}
		if key == nil {
			break
		}
		n++
		d.line.key = append(d.line.key[:0], key...)
		m, v := d.layout.find(key), value{text: text}
		switch kind {
		case lineprotocol.String:
			v.kind = isText
		case lineprotocol.Bool:
			v.kind = isBool
			if v.text = boolean(text); v.text == nil {
				d.refuse(p, reasonSyntax, v, "%s is neither true nor false", quote(text))
			}
		default:
			v.kind = isNumber
			if !isDecimal(text) || kind != lineprotocol.Float && !isInteger(kind, text) {
				d.refuse(p, reasonNumber, v, "%s is no number", quote(text))
			}
		}
		d.set(p, m, v)
	}
	if n == 0 {
		return errors.New("the line has no field")
	}
	return nil
}

func (d *Decoder) accepts(measurement []byte) bool {
	for _, m := range d.layout.measurements {
		if m == string(measurement) {
			return true
		}
	}
	return len(d.layout.measurements) == 0
}

// boolean returns true or false for the ways line protocol writes them.
func boolean(text []byte) []byte {
	switch string(text) {
	case "t", "T", "true", "True", "TRUE":
		return textTrue
	case "f", "F", "false", "False", "FALSE":
		return textFalse
	}
	return nil
}

// isInteger reports whether text is what may stand before an i, or, not
// negative, before a u.
func isInteger(kind lineprotocol.ValueKind, text []byte) bool {
	if kind == lineprotocol.Uint && text[0] == '-' {
		return false
	}
	return !bytes.ContainsAny(text, ".eE")
}
