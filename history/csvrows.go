package history

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

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
	tape        *tape
	in          *csv.Reader
	before      int   // lines of the file before in began
	lines       int   // of the file before the next row
	passed      int64 // bytes that in had read when the last row ended
	time, value int   // columns
	columns     int
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
	mark, _ := buffered.Peek(3)
	switch text := string(mark); {
	case text == "\ufeff":
		_, _ = buffered.Discard(3)
	case strings.HasPrefix(text, "\x1f\x8b"):
		return nil, plant.Errorf(plant.CodeInvalid, "the csv file is packed by gzip: give it a name that ends in .gz, or unpack it")
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		return nil, plant.Errorf(plant.CodeInvalid, "the csv file is UTF-16; save it as UTF-8")
	}
	rows := &CSVRows{
		format: format, zone: zone, tape: &tape{file: buffered}, names: map[string]string{}, last: map[RowID]place{},
		stamps: newStampReader(format.Layout, zone),
	}
	rows.restart()
	header, err := rows.in.Read()
	rows.columns, rows.passed = len(header), rows.in.InputOffset()
	rows.pass(int(rows.passed))
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

// maxHeader is how much of a header an error shows, in characters.
const maxHeader = 300

func column(header []string, name string) (int, error) {
	i := slices.Index(header, name)
	switch {
	case i >= 0 && slices.Contains(header[i+1:], name):
		return 0, plant.Errorf(plant.CodeInvalid, "the csv file has two columns %q: rename one of them", name)
	case i >= 0:
		return i, nil
	}
	hint, text := "", strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.Join(header, ", "))
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t|") {
		hint = "; its columns are not separated by what the format says (separator:, a comma by default)"
	}
	return 0, plant.Errorf(plant.CodeInvalid, "the csv file has no column %q; its header is %.*s%s", name, maxHeader, text, hint)
}

// restart reads what is on the tape as rows.
func (r *CSVRows) restart() {
	r.in, r.before, r.passed = csv.NewReader(bufio.NewReader(r.tape)), r.lines, 0
	r.in.ReuseRecord, r.in.FieldsPerRecord, r.in.Comma = true, r.columns, r.format.comma()
}

// Next returns the next row, io.EOF after the last one. A row that cannot be
// read, or is not later than the one before it, is a *BadRow; the next call
// goes on with the line after it.
func (r *CSVRows) Next() (CSVRow, error) {
	record, err := r.in.Read()
	if errors.Is(err, io.EOF) {
		return CSVRow{}, io.EOF
	}
	var parse *csv.ParseError
	if err != nil && !errors.As(err, &parse) && !errors.Is(err, errLongRow) {
		return CSVRow{}, err
	}
	if err != nil && !errors.Is(err, csv.ErrFieldCount) {
		return CSVRow{}, r.broken(err)
	}
	text := r.pass(int(r.in.InputOffset() - r.passed))
	r.passed = r.in.InputOffset()
	line, _ := r.in.FieldPos(0)
	line += r.before
	if err != nil {
		return CSVRow{}, badRow(line, "", text, fmt.Errorf("it has %d columns, the header has %d", len(record), r.columns))
	}
	row, err := r.row(record, line)
	if err != nil {
		return CSVRow{}, badRow(line, row.ID.Plant, text, err)
	}
	r.last[row.ID] = place{row.At, line}
	return row, nil
}

// pass takes the row that ended after n bytes off the tape.
func (r *CSVRows) pass(n int) []byte {
	text := r.tape.pass(n)
	r.lines += bytes.Count(text, []byte{'\n'})
	return bytes.Trim(text, "\r\n")
}

// broken goes on after the line that a row begins on which is no CSV.
func (r *CSVRows) broken(err error) error {
	if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
		err = parse.Err
	}
	var text []byte
	for len(text) == 0 {
		line, ok := r.tape.skipLine()
		if !ok {
			return io.EOF
		}
		text = bytes.Clone(bytes.TrimRight(line, "\r\n"))
		r.lines++
	}
	bad := badRow(r.lines, "", text, err)
	r.restart()
	return bad
}

func (r *CSVRows) row(record []string, line int) (row CSVRow, err error) {
	row.Line = line
	if row.ID, err = r.id(record); err != nil {
		return CSVRow{}, fmt.Errorf("an id %w", err)
	}
	at, err := r.stamps.read(record[r.time])
	if err != nil {
		return row, fmt.Errorf("column %s: %q is not written like %q", r.format.Time, record[r.time], r.format.Layout)
	}
	row.At = r.end(at.In(r.zone))
	if second, twice := r.stamps.again(at); twice && !row.At.After(r.last[row.ID].at) {
		row.At = r.end(second)
	}
	if last := r.last[row.ID]; !last.at.IsZero() && !row.At.After(last.at) {
		return row, fmt.Errorf("its interval ends at %s, not after line %d's (%s): are the rows in order, and are stamp and midnight set as the file has it?",
			row.At.Format(time.RFC3339), last.line, last.at.Format(time.RFC3339))
	}
	if row.Value, err = r.number(record[r.value]); err != nil {
		return row, fmt.Errorf("column %s: %w", r.format.Value, err)
	}
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
	plain := text
	if r.format.DecimalComma {
		if plain = strings.Replace(text, ",", ".", 1); strings.Contains(text, ".") {
			return 0, plant.Errorf(plant.CodeInvalid, "%q has a dot: with decimal_comma a fraction begins with a comma, and nothing separates thousands", text)
		}
	}
	v, err := strconv.ParseFloat(plain, 64)
	if err != nil && strings.Count(text, ",") == 1 {
		return 0, plant.Errorf(plant.CodeInvalid, "%q is no number; where a fraction begins with a comma, write decimal_comma: true", text)
	}
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, plant.Errorf(plant.CodeInvalid, "%q is no number", text)
	}
	if !r.format.Decimal && (v != math.Trunc(v) || math.Abs(v) > 1<<53) {
		return 0, plant.Errorf(plant.CodeInvalid, "%q is no whole number; where it has a fraction, write decimal: true", text)
	}
	return v, nil
}
