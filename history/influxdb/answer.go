package influxdb

import (
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-00829101/heartline/plant"
)

// answer reads the rows of an answer as they come, chunk by chunk: documents of
//
//	{"results":[{"series":[{"columns":[...],"values":[[...],...]}],"error":"..."}]}
type answer struct {
	body    io.ReadCloser
	dec     *jsontext.Decoder
	columns []string
	tags    [][2]string // of the series
	row     row
	inside  bool // among the values of a series
}

func (a *answer) Close() { _ = a.body.Close() }

// row is the values of one row, as JSON. It is lent until the next one.
type row []jsontext.Value

// next returns the next row, io.EOF after the last. What InfluxDB complains of
// in the middle of an answer is an error.
func (a *answer) next() (row, error) {
	for {
		if a.inside {
			if a.dec.PeekKind() == '[' {
				return a.read()
			}
			a.inside = false
		}
		tok, err := a.dec.ReadToken()
		if err == io.EOF && a.dec.StackDepth() == 0 {
			return nil, io.EOF
		}
		if err != nil {
			return nil, plant.Errorf(plant.CodeUnavailable, "InfluxDB's answer broke off: %w", err)
		}
		if tok.Kind() != '"' {
			continue
		}
		if err := a.member(tok.String()); err != nil {
			return nil, err
		}
	}
}

// member takes what follows a member's name.
func (a *answer) member(name string) error {
	switch name {
	case "error":
		tok, err := a.dec.ReadToken()
		if err != nil {
			return err
		}
		return plant.Errorf(plant.CodeInvalid, "InfluxDB: %s", tok.String())
	case "name":
		a.tags = a.tags[:0] // a series begins
		return a.dec.SkipValue()
	case "tags":
		return a.readTags()
	case "columns":
		return a.names()
	case "values":
		if _, err := a.dec.ReadToken(); err != nil {
			return err
		}
		a.inside = true
	case "results", "series": // look inside
	default:
		return a.dec.SkipValue()
	}
	return nil
}

func (a *answer) names() error {
	a.columns = a.columns[:0]
	if _, err := a.dec.ReadToken(); err != nil {
		return err
	}
	for a.dec.PeekKind() == '"' {
		tok, err := a.dec.ReadToken()
		if err != nil {
			return err
		}
		a.columns = append(a.columns, tok.String())
	}
	return nil
}

// read reads one row. Its values are copied into one buffer.
func (a *answer) read() (row, error) {
	text, err := a.dec.ReadValue()
	if err != nil {
		return nil, plant.Errorf(plant.CodeUnavailable, "InfluxDB's answer broke off: %w", err)
	}
	a.row = a.row[:0]
	for rest := text[1:]; ; {
		v, after, ok := cut(rest)
		if !ok {
			break
		}
		a.row, rest = append(a.row, v), after
	}
	if len(a.row) != len(a.columns) {
		return nil, plant.Errorf(plant.CodeInvalid, "InfluxDB answers %d values for %d columns", len(a.row), len(a.columns))
	}
	return a.row, nil
}

// cut takes the next scalar off an array's text.
func cut(text []byte) (v jsontext.Value, rest []byte, ok bool) {
	for len(text) > 0 && (text[0] == ' ' || text[0] == ',' || text[0] == '\n' || text[0] == '\t' || text[0] == '\r') {
		text = text[1:]
	}
	if len(text) == 0 || text[0] == ']' {
		return nil, nil, false
	}
	if text[0] != '"' {
		n := 0
		for n < len(text) && text[n] != ',' && text[n] != ']' {
			n++
		}
		return text[:n], text[n:], true
	}
	for n := 1; n < len(text); n++ {
		switch text[n] {
		case '\\':
			n++
		case '"':
			return text[:n+1], text[n+1:], true
		}
	}
	return nil, nil, false
}

func (r row) null(i int) bool { return len(r[i]) == 0 || r[i].Kind() == 'n' }

func (r row) text(i int) string {
	if r.null(i) {
		return ""
	}
	if r[i].Kind() != '"' {
		return string(r[i])
	}
	text, _ := jsontext.AppendUnquote(nil, r[i])
	return string(text)
}

func (r row) instant(i int) (plant.Instant, error) {
	n, err := strconv.ParseInt(string(r[i]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("InfluxDB answers the time %s", r[i])
	}
	return plant.Instant(n), nil
}

func (r row) float(i int) (float64, error) {
	if r.null(i) {
		return 0, nil
	}
	return strconv.ParseFloat(string(r[i]), 64)
}
