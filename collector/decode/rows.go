package decode

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/seed-00829101/heartline/plant"
)

// rowReader reads messages made of rows: each is a sample, and one that cannot
// be read does not keep its neighbours from being read.
type rowReader struct {
	line  int    // of the message, from 1; 0: the message has no lines
	name  string // of the cell being read
	head  []*member
	named []string
	cell  []byte // scratch
}

// where implements placer.
func (r *rowReader) where(value) string {
	switch {
	case r.line == 0:
		return "the value"
	case r.name == "":
		return fmt.Sprintf("at line %d", r.line)
	}
	return fmt.Sprintf("at line %d, %q", r.line, shorten(r.name))
}

// beginRows reports whether the payload can be read as text.
func (d *Decoder) beginRows() bool {
	d.rows.line, d.rows.name = 0, ""
	d.place = &d.rows
	if utf8.Valid(d.m.Payload) {
		return true
	}
	at := 0
	for {
		r, n := utf8.DecodeRune(d.m.Payload[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	d.failWhole(reasonUTF8, fmt.Sprintf("at byte %d: is not UTF-8", at))
	return false
}

// byteOrderMark is what some programs write before the first row.
var byteOrderMark = []byte("\ufeff")

// finishRows makes a sample of each part.
func (d *Decoder) finishRows(dst []plant.Sample) []plant.Sample {
	if len(d.parts) == 0 && len(d.failures) == 0 {
		d.fail(reasonSyntax, "the message holds no row")
	}
	for i := range d.parts {
		if p := &d.parts[i]; !p.failed {
			dst = d.finish(dst, p)
		}
	}
	return dst
}

// readCSV reads comma-separated values as RFC 4180 has them, with the
// profile's separator.
func (d *Decoder) readCSV(dst []plant.Sample) []plant.Sample {
	if !d.beginRows() {
		return dst
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(d.m.Payload, byteOrderMark)))
	rows.Comma, rows.FieldsPerRecord, rows.ReuseRecord, rows.TrimLeadingSpace = rune(d.layout.separator), -1, true, true
	columns, names := d.layout.columns, []string(nil)
	for first := true; ; first = false {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			d.fail(reasonSyntax, shorten(err.Error()))
			break // where the next row begins is not known
		}
		d.rows.line, _ = rows.FieldPos(0)
		if columns == nil {
			if columns, names = d.header(cells); columns == nil {
				return dst
			}
			continue
		}
		if first && slices.Equal(cells, d.layout.columnNames) {
			continue // it says what the profile says
		}
		if len(d.parts) == maxSamples {
			d.failWhole(d.explain(errTooMany))
			return dst
		}
		d.csvRow(cells, columns, names)
	}
	return d.finishRows(dst)
}

// header reads the names of the columns; nil where they cannot be.
func (d *Decoder) header(cells []string) ([]*member, []string) {
	r := &d.rows
	r.head, r.named = r.head[:0], r.named[:0]
	for _, name := range cells {
		for _, other := range r.named {
			if other == name {
				d.failWhole(reasonSyntax, fmt.Sprintf("at line %d: two columns are called %q", r.line, shorten(name)))
				return nil, nil
			}
		}
		if len(r.head) == MaxFields {
			d.failWhole(reasonSize, fmt.Sprintf("at line %d: there are more than %d columns", r.line, MaxFields))
			return nil, nil
		}
		r.head, r.named = append(r.head, d.layout.column(name)), append(r.named, name)
	}
	return r.head, r.named
}

func (d *Decoder) csvRow(cells []string, columns []*member, names []string) {
	d.rows.name = ""
	p := d.begin()
	if len(cells) != len(columns) {
		d.refuse(p, reasonSyntax, value{}, "the row has %d cells; profile %q wants %d", len(cells), d.layout.name, len(columns))
	}
	for i, cell := range cells {
		if i >= len(columns) || columns[i] == nil || cell == "" || p.failed {
			continue // an empty cell is no value
		}
		if d.rows.name = columns[i].name; names != nil {
			d.rows.name = names[i]
		}
		d.rows.cell = append(d.rows.cell[:0], cell...)
		d.set(p, columns[i], value{kind: isText, text: d.rows.cell})
	}
	d.end(p)
}

// readPairs reads lines of time|name|value|name|value.
func (d *Decoder) readPairs(dst []plant.Sample) []plant.Sample {
	if !d.beginRows() {
		return dst
	}
	for line := range bytes.Lines(d.m.Payload) {
		d.rows.line++
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			continue
		}
		if len(d.parts) == maxSamples {
			d.failWhole(d.explain(errTooMany))
			return dst
		}
		p := d.begin()
		d.pairs(p, line)
		d.end(p)
	}
	return d.finishRows(dst)
}

func (d *Decoder) pairs(p *part, line []byte) {
	d.rows.name = ""
	next := func() (cell []byte, ok bool) {
		if line == nil {
			return nil, false
		}
		if end := bytes.IndexByte(line, d.layout.separator); end >= 0 {
			cell, line = line[:end], line[end+1:]
		} else {
			cell, line = line, nil
		}
		return bytes.TrimSpace(cell), true
	}
	if d.layout.timeField != "" {
		at, _ := next()
		d.rows.name = d.layout.timeField
		d.set(p, d.layout.members[d.layout.timeField], value{kind: isText, text: at})
	}
	for n := 0; !p.failed; n++ {
		d.rows.name = ""
		name, ok := next()
		if !ok {
			if n == 0 {
				d.refuse(p, reasonSyntax, value{}, "the line has no name and value after its time")
			}
			return
		}
		m := d.layout.find(name)
		if m.rest && line != nil {
			d.rows.name = d.texts.get(name)
			d.set(p, m, value{kind: isText, text: bytes.TrimSpace(line)})
			return
		}
		text, ok := next()
		if !ok || len(name) == 0 {
			d.refuse(p, reasonSyntax, value{}, "the name %s has no value, or a value has no name: profile %q wants time%cname%cvalue", quote(name), d.layout.name, d.layout.separator, d.layout.separator)
			return
		}
		if len(text) > 0 {
			d.rows.name = d.texts.get(name)
			d.set(p, m, value{kind: isText, text: text})
		}
	}
}

// readValue reads a message that is one bare value: a number, true, false, or
// a text with or without quotes.
func (d *Decoder) readValue(dst []plant.Sample) []plant.Sample {
	if !d.beginRows() {
		return dst
	}
	text := bytes.TrimSpace(d.m.Payload)
	p := d.begin()
	v := value{kind: isText, text: text}
	switch {
	case len(text) == 0:
		d.refuse(p, reasonSyntax, v, "the message is empty")
	case bytes.Equal(text, textTrue), bytes.Equal(text, textFalse):
		v.kind = isBool
	case isDecimal(text):
		v.kind = isNumber
	case notNumber(text) && !slices.Contains(d.layout.missing, string(text)):
		d.refuse(p, reasonNumber, v, "%s is written as no decimal number, and is no text either; where it means that there is no value, list it under missing in profile %q", quote(text), d.layout.name)
	case text[0] == '{' || text[0] == '[':
		d.refuse(p, reasonType, v, "is an object or array; use a profile of format json")
	case text[0] == '"':
		if v.text = d.bareText(text); v.text == nil {
			d.refuse(p, reasonSyntax, v, "%s begins with a quote and is no text of JSON", quote(text))
		}
	}
	if !p.failed {
		d.setNamed(p, v)
	}
	d.end(p)
	return d.finishRows(dst)
}
