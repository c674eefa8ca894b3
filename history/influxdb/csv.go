package influxdb

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// CSV asks a query of the user's own and returns its answer as a historian's
// export: a header, then a row each, with RFC 3339 times, and the tags of GROUP
// BY as columns. All series of an answer have the same columns. It is to be
// closed.
func (c *Client) CSV(ctx context.Context, bucket, query string) (io.ReadCloser, error) {
	a, err := c.ask(ctx, bucket, query)
	if err != nil {
		return nil, err
	}
	e := &export{answer: a}
	e.out = csv.NewWriter(&e.text)
	return e, nil
}

// export writes an answer as CSV, as it is read.
type export struct {
	answer *answer
	header []string
	record []string
	text   bytes.Buffer
	out    *csv.Writer
	err    error
}

// Read implements io.Reader.
func (e *export) Read(p []byte) (int, error) {
	for e.text.Len() == 0 && e.err == nil {
		e.err = e.write()
		e.out.Flush()
	}
	if e.text.Len() == 0 {
		return 0, e.err
	}
	return e.text.Read(p)
}

// Close ends the answer. It returns nil.
func (e *export) Close() error {
	e.answer.Close()
	return nil
}

func (e *export) write() error {
	row, err := e.answer.next()
	if err != nil {
		return err
	}
	if names := e.names(); e.header == nil {
		e.header = slices.Clone(names)
		if err := e.out.Write(e.header); err != nil {
			return err
		}
	} else if !slices.Equal(names, e.header) {
		return plant.Errorf(plant.CodeInvalid, "the query answers series with the columns %q and with %q; ask one thing at a time", e.header, names)
	}
	e.record = e.record[:0]
	for i, name := range e.answer.columns {
		text := row.text(i)
		if name == "time" {
			at, err := row.instant(i)
			if err != nil {
				return err
			}
			text = at.Time().UTC().Format(time.RFC3339Nano)
		}
		e.record = append(e.record, text)
	}
	for _, tag := range e.answer.tags {
		e.record = append(e.record, tag[1])
	}
	return e.out.Write(e.record)
}

func (e *export) names() []string {
	e.record = append(e.record[:0], e.answer.columns...)
	for _, tag := range e.answer.tags {
		e.record = append(e.record, tag[0])
	}
	return e.record
}

// readTags reads the tags of a series, in the order of their names.
func (a *answer) readTags() error {
	a.tags = a.tags[:0]
	if _, err := a.dec.ReadToken(); err != nil {
		return err
	}
	for a.dec.PeekKind() == '"' {
		name, err := a.dec.ReadToken()
		if err != nil {
			return err
		}
		tag := [2]string{name.String()}
		value, err := a.dec.ReadToken()
		if err != nil {
			return err
		}
		tag[1] = value.String()
		a.tags = append(a.tags, tag)
	}
	slices.SortFunc(a.tags, func(x, y [2]string) int { return bytes.Compare([]byte(x[0]), []byte(y[0])) })
	if a.dec.PeekKind() != '}' {
		return errors.New("InfluxDB answers tags that are no text")
	}
	return nil
}
