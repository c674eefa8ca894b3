package sim

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
	Line  int // in the file, from 1
}

// CSVRows reads the rows of an export in the order of their time. Not safe
// for concurrent use.
type CSVRows struct {
	format      CSVFormat
	zone        *time.Location
	in          *csv.Reader
	time, value int // columns
	last        CSVRow
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
	rows := &CSVRows{format: format, zone: zone, in: csv.NewReader(buffered)}
	rows.in.ReuseRecord = true
	header, err := rows.in.Read()
	if err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "the csv file has no header: %w", err)
	}
	if rows.time, err = column(header, format.Time); err != nil {
		return nil, err
	}
	rows.value, err = column(header, format.Value)
	return rows, err
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
	at, err := time.ParseInLocation(r.format.Layout, record[r.time], r.zone)
	if err != nil {
		return CSVRow{}, plant.Errorf(plant.CodeInvalid, "line %d: column %s: %q is not written like %q", line, r.format.Time, record[r.time], r.format.Layout)
	}
	row := CSVRow{At: r.end(at.In(r.zone)), Line: line}
	if !r.last.At.IsZero() && !row.At.After(r.last.At) {
		return CSVRow{}, plant.Errorf(plant.CodeInvalid,
			"line %d: its interval ends at %s, not after line %d's (%s): are the rows in order, and are stamp and midnight set as the file has it?",
			line, row.At.Format(time.RFC3339), r.last.Line, r.last.At.Format(time.RFC3339))
	}
	if row.Value, err = r.number(record[r.value]); err != nil {
		return CSVRow{}, plant.Errorf(plant.CodeInvalid, "line %d: column %s: %w", line, r.format.Value, err)
	}
	r.last = row
	return row, nil
}

// end is the end of the interval of a row stamped at.
func (r *CSVRows) end(at time.Time) time.Time {
	if r.format.Stamp == StampStart {
		return at.Add(time.Duration(r.format.Interval))
	}
	if r.format.Midnight == MidnightSameDate && at.Equal(dayStart(at)) {
		return dayStart(at.AddDate(0, 0, 1))
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

// dayStart is the midnight that begins t's day in t's zone; where clocks
// change at midnight, the first instant of the day.
func dayStart(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
