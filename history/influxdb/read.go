package influxdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

// reader reads a measurement day by day, in the order of time.
type reader struct {
	ctx         context.Context
	client      *Client
	bucket      string
	measurement string
	from, to    plant.Instant
	open        *answer // nil: the next day is to be asked for
	rows        int
	record      func(a *answer, r row) (history.Record, error)
}

// Next implements history.Reader.
func (r *reader) Next() (history.Record, error) {
	for {
		if r.open == nil {
			if err := r.ask(); err != nil {
				return history.Record{}, err
			}
		}
		values, err := r.open.next()
		if errors.Is(err, io.EOF) {
			r.Close()
			r.open = nil
			continue
		}
		if err != nil {
			return history.Record{}, err
		}
		r.rows++
		rec, err := r.record(r.open, values)
		if err != nil {
			return rec, &history.BadRow{Line: r.rows, Plant: rec.Plant, Text: fmt.Sprint(values), Err: err}
		}
		rec.Line = r.rows
		return rec, nil
	}
}

// Close ends the answer that is read. It returns nil.
func (r *reader) Close() error {
	if r.open != nil {
		r.open.Close()
	}
	return nil
}

func (r *reader) ask() (err error) {
	if r.from >= r.to {
		return io.EOF
	}
	until := min(r.from.Add(day), r.to)
	r.open, err = r.client.ask(r.ctx, r.bucket, fmt.Sprintf("SELECT * FROM %s WHERE %s", quoted(r.measurement), between(r.from, until)))
	r.from = until
	return err
}

// Heartbeats reads the heartbeats of (from, to], each at its event time. What
// it returns is to be closed.
func (c *Client) Heartbeats(ctx context.Context, bucket string, from, to plant.Instant) (history.Reader, io.Closer, error) {
	kinds, err := c.kinds(ctx, bucket, collector.Measurement)
	if err != nil {
		return nil, nil, err
	}
	h := &heartbeats{kinds: kinds, names: map[string]string{}}
	r := &reader{ctx: ctx, client: c, bucket: bucket, measurement: collector.Measurement, from: from, to: to, record: h.record}
	return r, r, nil
}

// heartbeats makes samples of rows.
type heartbeats struct {
	kinds  map[string]string // of fields
	names  map[string]string
	sample plant.Sample
	hasher collector.Hasher
}

func (h *heartbeats) record(a *answer, r row) (history.Record, error) {
	h.sample = plant.Sample{Fields: h.sample.Fields[:0], Broker: "influxdb"}
	s := &h.sample
	var stored plant.Instant
	var err error
	for i, name := range a.columns {
		if r.null(i) {
			continue
		}
		switch name {
		case "time":
			stored, err = r.instant(i)
		case "plant":
			s.Plant = h.name(r.text(i))
		case "line":
			s.Line = h.name(r.text(i))
		case "machine":
			s.Machine = h.name(r.text(i))
		case collector.FieldState:
			s.State = h.name(r.text(i))
		case collector.FieldGateway:
			s.Gateway = h.name(r.text(i))
		case collector.FieldFlags:
			s.Flags = collector.FlagsOf(r.text(i))
		case collector.FieldSeq:
			s.Seq, err = strconv.ParseUint(string(r[i]), 10, 64)
			s.HasSeq = err == nil
		case collector.FieldArrived:
			var ms int64
			ms, err = strconv.ParseInt(string(r[i]), 10, 64)
			s.Arrived = plant.Instant(ms * 1e6)
		default:
			err = h.field(name, r, i)
		}
		if err != nil {
			return history.Record{Plant: s.Plant}, plant.Errorf(plant.CodeInvalid, "column %s: %w", name, err)
		}
	}
	if s.Plant == "" || s.Line == "" || s.Machine == "" || stored == 0 {
		return history.Record{Plant: s.Plant}, plant.Errorf(plant.CodeInvalid, "a heartbeat has a time, a plant, a line and a machine; the columns are %s", strings.Join(a.columns, ", "))
	}
	slices.SortFunc(s.Fields, func(a, b plant.Field) int { return strings.Compare(a.Name, b.Name) })
	h.hasher.UnitOf(s, stored)
	if s.Arrived == 0 {
		s.Arrived = s.Stamp
	}
	return history.Record{Kind: history.Sample, At: s.Stamp, Plant: s.Plant, Sample: s}, nil
}

func (h *heartbeats) field(name string, r row, i int) (err error) {
	f := plant.Field{Name: h.name(name)}
	switch kind := r[i].Kind(); {
	case kind == '"':
		f.Kind, f.Str = plant.String, r.text(i)
	case kind == 't' || kind == 'f':
		f.Kind, f.Bool = plant.Bool, kind == 't'
	case h.kinds[name] == "integer":
		f.Kind = plant.Int
		f.Int, err = strconv.ParseInt(string(r[i]), 10, 64)
	default:
		f.Kind = plant.Float
		f.Float, err = r.float(i)
	}
	h.sample.Fields = append(h.sample.Fields, f)
	return err
}

// name returns one string for each text that comes again and again.
func (h *heartbeats) name(text string) string {
	if known, ok := h.names[text]; ok {
		return known
	}
	if len(h.names) < 1<<16 {
		h.names[text] = text
	}
	return text
}

// Output reads the output of (from, to], each slot at its end. What it returns
// is to be closed.
func (c *Client) Output(ctx context.Context, bucket string, from, to plant.Instant) (history.Reader, io.Closer, error) {
	var slot plant.OutputSlot
	names := map[string]string{}
	r := &reader{ctx: ctx, client: c, bucket: bucket, measurement: "output", from: from, to: to}
	r.record = func(a *answer, values row) (history.Record, error) {
		slot = plant.OutputSlot{}
		err := fillSlot(&slot, a.columns, values, names)
		return history.Record{Kind: history.Slot, At: slot.At, Plant: slot.Plant, Slot: &slot}, err
	}
	return r, r, nil
}

func fillSlot(s *plant.OutputSlot, columns []string, r row, names map[string]string) (err error) {
	text := func(i int) string {
		t := r.text(i)
		if known, ok := names[t]; ok {
			return known
		}
		names[t] = t
		return t
	}
	for i, name := range columns {
		switch name {
		case "time":
			s.At, err = r.instant(i)
		case "plant":
			s.Plant = text(i)
		case "line":
			s.Line = text(i)
		default:
			if at := map[string]*float64{"made": &s.Made, "scrap": &s.Scrap, "expected": &s.Expected,
				"scheduled_s": &s.Scheduled, "observed_s": &s.Observed, "downtime_s": &s.Downtime}[name]; at != nil {
				*at, err = r.float(i)
			}
		}
		if err != nil {
			return plant.Errorf(plant.CodeInvalid, "column %s: %w", name, err)
		}
	}
	return nil
}
