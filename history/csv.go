package history

import "github.com/seed-00829101/heartline/plant"

// CSV reads the rows of an export as records, each at its event time.
type CSV struct {
	rows   *CSVRows
	sample plant.Sample
	fields [1]plant.Field
}

var _ Reader = (*CSV)(nil)

// NewCSV returns a reader of rows.
func NewCSV(rows *CSVRows) *CSV { return &CSV{rows: rows} }

// Next implements Reader.
func (c *CSV) Next() (Record, error) {
	row, err := c.rows.Next()
	if err != nil {
		return Record{}, err
	}
	at := plant.InstantOf(row.At)
	f := plant.Field{Name: c.rows.format.Field, Kind: plant.Float, Float: row.Value}
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
