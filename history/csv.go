package history

import "github.com/seed-00829101/heartline/plant"

// CSV reads the rows of an export as records, each at its event time.
type CSV struct {
	rows   *CSVRows
	field  func(plant, line string) string
	order  *csvOrder // nil: as they come
	sample plant.Sample
	fields [1]plant.Field
}

var _ Reader = (*CSV)(nil)

// NewCSV returns a reader of rows. Where the format names no field, the value
// is the one that field returns for a line: what it counts; "" or a nil field:
// the column's name.
func NewCSV(rows *CSVRows, field func(plant, line string) string) *CSV {
	return &CSV{rows: rows, field: field}
}

// Next implements Reader.
func (c *CSV) Next() (Record, error) {
	row, err := c.next()
	if err != nil {
		return Record{}, err
	}
	at := plant.InstantOf(row.At)
	f := plant.Field{Name: c.name(row.ID), Kind: plant.Float, Float: row.Value}
	if !c.rows.format.Decimal {
		f.Kind, f.Int, f.Float = plant.Int, int64(row.Value), 0
	}
	c.fields[0] = f
	c.sample = plant.Sample{
		Plant: row.ID.Plant, Line: row.ID.Line, Machine: row.ID.Machine, Broker: "file",
		Stamp: at, Unit: plant.Second, Arrived: at, Fields: c.fields[:],
	}
	if c.rows.format.Kind == plant.KindDelta {
		c.sample.Flags |= plant.Delta
	}
	return Record{Kind: Sample, At: at, Plant: row.ID.Plant, Sample: &c.sample, Line: row.Line}, nil
}

func (c *CSV) name(id RowID) string {
	if f := &c.rows.format; c.field == nil || f.Field != f.Value {
		return f.Field
	}
	if name := c.field(id.Plant, id.Line); name != "" {
		return name
	}
	return c.rows.format.Field
}
