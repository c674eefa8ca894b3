package history

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// ErrOrder is the error where rows of one plant are not in order of time:
// those of a machine are, but all of one machine come before another's. Sorted
// puts them in order.
var ErrOrder = errors.New("the rows of a plant are not in order of time")

// csvOrder is what is known of the order of rows.
type csvOrder struct {
	last   map[string]time.Time // by plant
	sort   bool
	read   bool // all rows are in
	sorted []CSVRow
}

// Ordered has c fail with ErrOrder where a plant's rows are not in order of
// time.
func (c *CSV) Ordered() *CSV {
	c.order = &csvOrder{last: map[string]time.Time{}}
	return c
}

// Sorted has c read all rows into memory, about 100 bytes each, and return
// them in order of time; those of one time as they stand in the file.
func (c *CSV) Sorted() *CSV {
	c.order = &csvOrder{sort: true}
	return c
}

func (c *CSV) next() (CSVRow, error) {
	o := c.order
	if o == nil {
		return c.rows.Next()
	}
	if o.sort {
		return o.next(c.rows)
	}
	row, err := c.rows.Next()
	if err != nil {
		return row, err
	}
	if row.At.Before(o.last[row.ID.Plant]) {
		return row, fmt.Errorf("line %d: %w", row.Line, ErrOrder)
	}
	o.last[row.ID.Plant] = row.At
	return row, nil
}

// next returns what could not be read, then the rows in order.
func (o *csvOrder) next(rows *CSVRows) (CSVRow, error) {
	for !o.read {
		switch row, err := rows.Next(); {
		case errors.Is(err, io.EOF):
			o.read = true
			slices.SortStableFunc(o.sorted, func(a, b CSVRow) int { return a.At.Compare(b.At) })
		case err != nil: // a row that cannot be read: the others follow
			return row, err
		default:
			o.sorted = append(o.sorted, row)
		}
	}
	if len(o.sorted) == 0 {
		return CSVRow{}, io.EOF
	}
	row := o.sorted[0]
	o.sorted = o.sorted[1:]
	return row, nil
}
