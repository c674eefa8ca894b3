package history

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
)

// CSVFormat says how to read a historian's export: a header, then one row
// per interval.
type CSVFormat struct {
	// Separator stands between columns: a comma (default), or like ";", or
	// "tab". DecimalComma: a number's fraction begins with a comma, and dots
	// in it are refused.
	Separator    string `yaml:"separator"`
	DecimalComma bool   `yaml:"decimal_comma"`
	// Time names the column of the rows' time, Layout how it is written, as
	// Go writes 2 January 2006, 15:04:05 (default RFC 3339), Zone its IANA
	// time zone where the layout has none (default UTC).
	Time   string `yaml:"time"`
	Layout string `yaml:"layout"`
	Zone   string `yaml:"zone"`
	// Stamp says which end of its interval a row's time is: end (default)
	// or start, which needs Interval, the length of a row.
	Stamp    string         `yaml:"stamp"`
	Interval plant.Duration `yaml:"interval"`
	// Midnight says which date a row of 00:00 carries: next-date (default),
	// that of the day which begins then, or same-date, that of the day which
	// ends then, as in exports that count 0:15 to 24:00 and write 0:00.
	Midnight string `yaml:"midnight"`
	// Value names the column of what is counted, Field the field it is
	// published as (default: the column's name), Kind whether it is a total
	// (default) or a delta per row. Without Decimal it must be whole.
	Value   string `yaml:"value"`
	Field   string `yaml:"field"`
	Kind    string `yaml:"kind"`
	Decimal bool   `yaml:"decimal"`
	// Unit of the value, and whether it stands in for good output.
	Unit  string `yaml:"unit"`
	Proxy bool   `yaml:"proxy"`
	// Plant, Line and Machine are the ids the rows belong to. Where a file
	// holds several, PlantColumn and the like name the columns that say so.
	Plant         string `yaml:"plant"`
	Line          string `yaml:"line"`
	Machine       string `yaml:"machine"`
	PlantColumn   string `yaml:"plant_column"`
	LineColumn    string `yaml:"line_column"`
	MachineColumn string `yaml:"machine_column"`
}

// What Stamp and Midnight may say.
const (
	StampEnd         = "end"
	StampStart       = "start"
	MidnightSameDate = "same-date"
	MidnightNextDate = "next-date"
)

// LoadCSVFormat reads a format strictly, fills in its defaults and checks it.
// An unknown key or a wrong value is a CodeInvalid error.
func LoadCSVFormat(r io.Reader) (CSVFormat, error) {
	var f CSVFormat
	dec := yaml.NewDecoder(r)
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("the file is empty")
		}
		return CSVFormat{}, plant.Errorf(plant.CodeInvalid, "csv format: %w", err)
	}
	f.setDefaults()
	if err := f.Check().Err(); err != nil {
		return CSVFormat{}, plant.Errorf(plant.CodeInvalid, "csv format: %w", err)
	}
	return f, nil
}

func (f *CSVFormat) setDefaults() {
	for _, x := range []struct {
		at    *string
		value string
	}{
		{&f.Layout, time.RFC3339}, {&f.Zone, "UTC"}, {&f.Stamp, StampEnd}, {&f.Midnight, MidnightNextDate},
		{&f.Kind, plant.KindTotal}, {&f.Field, f.Value}, {&f.Separator, ","},
	} {
		if *x.at == "" {
			*x.at = x.value
		}
	}
}

// Check returns everything wrong with the format; paths are those of its
// YAML file, without file or line.
func (f *CSVFormat) Check() plant.Problems {
	var ps plant.Problems
	add := func(bad bool, path, format string, args ...any) {
		if bad {
			ps = append(ps, plant.Problem{Path: path, What: fmt.Sprintf(format, args...)})
		}
	}
	add(f.comma() == 0, "separator", "%q does not separate columns; write one character like \";\", or tab", f.Separator)
	add(f.Time == "", "time", "is missing: name the column of the rows' time")
	add(f.Value == "", "value", "is missing: name the column of what is counted")
	_, err := time.LoadLocation(f.Zone)
	add(err != nil || f.Zone == "Local", "zone", "%q is no time zone; write an IANA name like Asia/Seoul", f.Zone)
	sample := time.Date(2018, 11, 23, 22, 45, 0, 0, time.UTC)
	back, err := time.Parse(f.Layout, sample.Format(f.Layout))
	add(err != nil || !back.Equal(sample), "layout", "%q does not say date and time to the minute; write how 2 January 2006 15:04 looks in the file", f.Layout)
	add(f.Stamp != StampEnd && f.Stamp != StampStart, "stamp", "%q is neither end nor start", f.Stamp)
	add(f.Stamp == StampStart && f.Interval <= 0, "interval", "is missing: with stamp: start a row's length must be known, like 15m")
	add(f.Midnight != MidnightNextDate && f.Midnight != MidnightSameDate, "midnight", "%q is neither next-date nor same-date", f.Midnight)
	add(f.Stamp == StampStart && f.Midnight == MidnightSameDate, "midnight", "same-date belongs to stamp: end")
	add(f.Kind != plant.KindTotal && f.Kind != plant.KindDelta, "kind", "%q is neither total nor delta", f.Kind)
	for _, x := range []struct{ path, id, column string }{
		{"plant", f.Plant, f.PlantColumn}, {"line", f.Line, f.LineColumn}, {"machine", f.Machine, f.MachineColumn},
	} {
		if x.column == "" {
			err := plant.CheckID(x.id)
			add(err != nil, x.path, "%v", err)
		}
		add(x.column != "" && x.id != "", x.path, "%q is fixed, and %s_column names a column: write either", x.id, x.path)
	}
	return ps
}

// comma is the character between columns; 0: Separator is none.
func (f *CSVFormat) comma() rune {
	if f.Separator == "tab" {
		return '\t'
	}
	c, n := utf8.DecodeRuneInString(f.Separator)
	if n != len(f.Separator) || c == utf8.RuneError || strings.ContainsRune("\"\r\n.-+0123456789", c) {
		return 0
	}
	return c
}
