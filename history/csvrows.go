package history

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// CSVRow is one row: what was counted in the interval that ended at At.
type CSVRow struct {
	At    time.Time // the interval's end, in the format's zone
	Value float64
	// Line, from 1, is where it stands in the file.
	Line int
	ID   RowID
}

// RowID is whose a row is.
type RowID struct{ Plant, Line, Machine string }

// CSVRows reads the rows of an export in the order of their time. Not safe
// for concurrent use.
type CSVRows struct {
	format      CSVFormat
	zone        *time.Location
	in          *csv.Reader
	time, value int // columns
	ids         [3]int
	names       map[string]string
	last        map[RowID]place
	stamps      stampReader
}

// place is where a row stands, in time and in the file.
type place struct {
	at   time.Time
	line int
}

// NewCSVRows reads the header. A column that the format names and the file
// has not is a CodeInvalid error.
func NewCSVRows(r io.Reader, format CSVFormat) (*CSVRows, error) {
	format.setDefaults()
	if err := format.Check().Err(); err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "csv format: %w", err)
	}
	zone, err := time.LoadLocation(format.Zone)
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewReader(r)
	if mark, _ := buffered.Peek(3); string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3)
	}
	rows := &CSVRows{
		format: format, zone: zone, in: csv.NewReader(buffered), names: map[string]string{}, last: map[RowID]place{},
		stamps: stampReader{layout: format.Layout, zone: zone},
	}
	rows.in.ReuseRecord = true
	header, err := rows.in.Read()
	if err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "the csv file has no header: %w", err)
	}
	if rows.time, err = column(header, format.Time); err != nil {
		return nil, err
	}
	for i, name := range []string{format.PlantColumn, format.LineColumn, format.MachineColumn} {
		rows.ids[i] = -1
		if name == "" {
			continue
		}
		if rows.ids[i], err = column(header, name); err != nil {
			return nil, err
		}
	}
	rows.value, err = column(header, format.Value)
	return rows, err
}

// Format is the format with its defaults filled in.
func (r *CSVRows) Format() CSVFormat { return r.format }

// Zone is where the format's times without a zone are.
func (r *CSVRows) Zone() *time.Location { return r.zone }

// id is whose the row is.
func (r *CSVRows) id(record []string) (RowID, error) {
	id := RowID{r.format.Plant, r.format.Line, r.format.Machine}
	for i, at := range []*string{&id.Plant, &id.Line, &id.Machine} {
		if r.ids[i] < 0 {
			continue
		}
		name, known := r.names[record[r.ids[i]]]
		if !known {
			name = strings.Clone(record[r.ids[i]])
			if err := plant.CheckID(name); err != nil {
				return id, err
			}
			r.names[name] = name
		}
		*at = name
	}
	return id, nil
}

func column(header []string, name string) (int, error) {
	i := slices.Index(header, name)
	if i < 0 {
		return 0, plant.Errorf(plant.CodeInvalid, "the csv file has no column %q; its header is %s", name, strings.Join(header, ", "))
	}
	return i, nil
}

// Next returns the next row, io.EOF after the last one. A row that cannot be
// read, or is not later than the one before it, is a CodeInvalid error that
// names its line.
func (r *CSVRows) Next() (CSVRow, error) {
	record, err := r.in.Read()
	if errors.Is(err, io.EOF) {
		return CSVRow{}, io.EOF
	}
	if err != nil {
		return CSVRow{}, plant.Errorf(plant.CodeInvalid, "the csv file cannot be read: %w", err)
	}
	line, _ := r.in.FieldPos(r.time)
	at, err := r.stamps.read(record[r.time])
	if err != nil {
		return CSVRow{}, plant.Errorf(plant.CodeInvalid, "line %d: column %s: %q is not written like %q", line, r.format.Time, record[r.time], r.format.Layout)
	}
	row := CSVRow{At: r.end(at.In(r.zone)), Line: line}
	if row.ID, err = r.id(record); err != nil {
		return CSVRow{}, plant.Errorf(plant.CodeInvalid, "line %d: an id %w", line, err)
	}
	if last := r.last[row.ID]; !last.at.IsZero() && !row.At.After(last.at) {
		return CSVRow{}, plant.Errorf(plant.CodeInvalid,
			"line %d: its interval ends at %s, not after line %d's (%s): are the rows in order, and are stamp and midnight set as the file has it?",
			line, row.At.Format(time.RFC3339), last.line, last.at.Format(time.RFC3339))
	}
	if row.Value, err = r.number(record[r.value]); err != nil {
		return CSVRow{}, plant.Errorf(plant.CodeInvalid, "line %d: column %s: %w", line, r.format.Value, err)
	}
	r.last[row.ID] = place{row.At, line}
	return row, nil
}

// end is the end of the interval of a row stamped at.
func (r *CSVRows) end(at time.Time) time.Time {
	if r.format.Stamp == StampStart {
		return at.Add(time.Duration(r.format.Interval))
	}
	if r.format.Midnight == MidnightSameDate && at.Equal(DayStart(at)) {
		return DayStart(at.AddDate(0, 0, 1))
	}
	return at
}

func (r *CSVRows) number(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, plant.Errorf(plant.CodeInvalid, "%q is no number", text)
	}
	if !r.format.Decimal && (v != math.Trunc(v) || math.Abs(v) > 1<<53) {
		return 0, plant.Errorf(plant.CodeInvalid, "%q is no whole number; where it has a fraction, write decimal: true", text)
	}
	return v, nil
}

// stampReader reads stamps of a layout. Files of several machines say the same
// one again and again, and it is read once.
type stampReader struct {
	layout string
	zone   *time.Location
	text   string
	at     time.Time
}

func (s *stampReader) read(text string) (time.Time, error) {
	if text == s.text && text != "" {
		return s.at, nil
	}
	at, err := time.ParseInLocation(s.layout, text, s.zone)
	if err == nil {
		s.text, s.at = strings.Clone(text), at
	}
	return at, err
}

// DayStart is the midnight that begins t's day in t's zone; where clocks
// change at midnight, the first instant of the day.
func DayStart(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
