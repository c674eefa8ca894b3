package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-00829101/heartline/plant"
)

// csvReader reads a registry of one line of a plant a row.
type csvReader struct {
	file     string
	columns  []int // by the file's column: index into csvColumns
	reg      *plant.Registry
	rows     *csvRows
	byID     map[string]int
	problems plant.Problems
	line     int // of the row being read
}

// parseCSV reads a registry from CSV: a header that names columns in any
// order, then one row a line of a plant. Rows of one plant need not stand
// together; what belongs to the plant is written in one of them, or is the
// same in all.
func parseCSV(file string, data []byte) (*plant.Registry, *csvRows, plant.Problems) {
	r := &csvReader{file: file, reg: new(plant.Registry), rows: new(csvRows), byID: map[string]int{}}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		r.line = 1 + bytes.Count(data[:invalidAt(data)], []byte("\n"))
		r.add("", "is not UTF-8; save the file as \"CSV UTF-8\"")
		return r.reg, r.rows, r.problems
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.Comment = '#'
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	header := true
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if pe := (*csv.ParseError)(nil); errors.As(err, &pe) {
			r.line = pe.Line
			r.add("", "is no CSV: %v (column %d)", pe.Err, pe.Column)
			break // what follows may be inside a quotation
		}
		r.line, _ = in.FieldPos(0)
		if header {
			header = false
			if !r.header(record) {
				break
			}
			continue
		}
		r.row(record)
	}
	return r.reg, r.rows, r.problems
}

func (r *csvReader) add(column, format string, args ...any) {
	p := plant.Problem{File: r.file, Line: r.line, What: fmt.Sprintf(format, args...)}
	if column != "" {
		p.Path = "column " + column
	}
	r.problems = append(r.problems, p)
}

func (r *csvReader) header(record []string) bool {
	if len(record) == 1 && strings.ContainsAny(record[0], ";\t") {
		r.add("", "the columns are not separated by commas; save the file with commas")
		return false
	}
	seen := map[int]bool{}
	for _, name := range record {
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(csvColumns, func(c csvColumn) bool { return c.name == name })
		if i < 0 {
			r.add(name, "there is no such column; %s", suggest(name, csvNames()))
		} else if seen[i] {
			r.add(name, "is there twice")
		}
		seen[i] = true
		r.columns = append(r.columns, i)
	}
	for _, name := range []string{"plant", "line", "machines"} {
		if !slices.ContainsFunc(r.columns, func(i int) bool { return i >= 0 && csvColumns[i].name == name }) {
			r.add(name, "is missing")
		}
	}
	return len(r.problems) == 0
}

// row takes one line of a plant.
func (r *csvReader) row(record []string) {
	if len(record) != len(r.columns) {
		r.add("", "has %d values, and the header names %d columns", len(record), len(r.columns))
		return
	}
	row := csvRow{line: new(plant.Line), plant: new(plant.Plant)}
	empty := true
	for i, text := range record {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		empty = false
		c := csvColumns[r.columns[i]]
		if err := c.set(&row, text); err != nil {
			r.add(c.name, "%v", err)
		}
	}
	if empty {
		return
	}
	i, known := r.byID[row.plant.ID]
	if !known {
		i = len(r.reg.Plants)
		r.byID[row.plant.ID] = i
		r.reg.Plants = append(r.reg.Plants, row.plant)
		r.rows.plants = append(r.rows.plants, nil)
	} else {
		r.merge(r.reg.Plants[i], row.plant)
	}
	p := r.reg.Plants[i]
	p.Lines = append(p.Lines, row.line)
	r.rows.plants[i] = append(r.rows.plants[i], r.line)
	r.gateway(p, &row)
}

// merge takes what a further row says of a plant.
func (r *csvReader) merge(p, more *plant.Plant) {
	r.same("name", &p.Name, more.Name)
	r.same("timezone", &p.Timezone, more.Timezone)
	r.same("day_starts", &p.DayStarts, more.DayStarts)
	r.same("calendar", &p.Calendar, more.Calendar)
	if p.Weight == 0 {
		p.Weight = more.Weight
	} else if w := more.Weight; w != 0 && w != p.Weight {
		r.add("plant_weight", "%v, but an earlier row says %v", w, p.Weight)
	}
	if len(p.Labels) == 0 {
		p.Labels = more.Labels
	} else if len(more.Labels) > 0 && !maps.Equal(p.Labels, more.Labels) {
		r.add("labels", "an earlier row of plant %q has other labels", p.ID)
	}
}

func (r *csvReader) same(column string, at *string, text string) {
	if *at == "" {
		*at = text
	} else if text != "" && text != *at {
		r.add(column, "%q, but an earlier row says %q", text, *at)
	}
}

// gateway adds the row's line to its gateway.
func (r *csvReader) gateway(p *plant.Plant, row *csvRow) {
	if row.gateway.ID == "" {
		if row.gateway.WillTopic != "" || row.gateway.KeepAlive != 0 || row.gateway.ClockOffset != 0 {
			r.add("gateway", "is missing: will_topic and keep_alive belong to a gateway")
		}
		return
	}
	i := slices.IndexFunc(p.Gateways, func(g *plant.Gateway) bool { return g.ID == row.gateway.ID })
	if i < 0 {
		i = len(p.Gateways)
		p.Gateways = append(p.Gateways, &plant.Gateway{ID: row.gateway.ID})
	}
	g := p.Gateways[i]
	g.Lines = append(g.Lines, row.line.ID)
	r.same("will_topic", &g.WillTopic, row.gateway.WillTopic)
	if g.ClockOffset == 0 {
		g.ClockOffset = row.gateway.ClockOffset
	} else if k := row.gateway.ClockOffset; k != 0 && k != g.ClockOffset {
		r.add("clock_offset", "%s, but an earlier row says %s", k, g.ClockOffset)
	}
	if g.KeepAlive == 0 {
		g.KeepAlive = row.gateway.KeepAlive
	} else if k := row.gateway.KeepAlive; k != 0 && k != g.KeepAlive {
		r.add("keep_alive", "%s, but an earlier row says %s", k, g.KeepAlive)
	}
}
