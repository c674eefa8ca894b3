package sim

import (
	"io"
	"math/bits"
	"strconv"
	"time"

	"github.com/seed-00829101/heartline/history"
	"github.com/seed-00829101/heartline/plant"
)

// CSVOptions says which rows are replayed and when.
type CSVOptions struct {
	// From and To bound the rows: those whose interval ends in (From, To].
	// Zero: no bound.
	From, To time.Time
	// Speed is how many times faster than life; a day then takes 24h/Speed.
	Speed float64
	// Align is how long a day of the file takes, whole milliseconds; it
	// follows from Speed, or is given instead of it.
	Align time.Duration
	// Start is now: the first day begins at the first multiple of Align,
	// counted from the midnight before Start, that is not before it. So the
	// ends of days fall on the ends of the rule's windows where its window
	// is Align. Midnight is that of the format's zone.
	Start time.Time
}

// CSV replays an export as live heartbeats. It implements Source and is not
// safe for concurrent use.
type CSV struct {
	rows   *history.CSVRows
	opts   CSVOptions
	format history.CSVFormat
	base   time.Time // when the first day begins
	first  time.Time // that day
	day    time.Time // the day of the row before, and its number
	number int
	sent   map[history.RowID]time.Time
	seq    int64
}

var _ Source = (*CSV)(nil)

// NewCSV returns a replay of r. Options that do not fit together are a
// CodeInvalid error.
func NewCSV(r io.Reader, format history.CSVFormat, opts CSVOptions) (*CSV, error) {
	if opts.Align == 0 {
		if !(opts.Speed > 0 && opts.Speed <= 24*3600*1000) {
			return nil, plant.Errorf(plant.CodeInvalid, "a replay %v times as fast as life is not possible; choose 1 to 86400000", opts.Speed)
		}
		opts.Align = time.Duration(float64(24*time.Hour) / opts.Speed).Round(time.Millisecond)
	}
	switch {
	case opts.Align < time.Millisecond || opts.Align > 24*time.Hour || opts.Align%time.Millisecond != 0:
		return nil, plant.Errorf(plant.CodeInvalid, "a day cannot be replayed in %v; choose whole milliseconds up to 24h", opts.Align)
	case opts.Start.IsZero():
		return nil, plant.Errorf(plant.CodeInvalid, "a replay needs the time it starts at")
	case !opts.From.IsZero() && !opts.To.IsZero() && !opts.From.Before(opts.To):
		return nil, plant.Errorf(plant.CodeInvalid, "from (%s) is not before to (%s)", opts.From.Format(time.RFC3339), opts.To.Format(time.RFC3339))
	}
	rows, err := history.NewCSVRows(r, format)
	if err != nil {
		return nil, err
	}
	c := &CSV{rows: rows, opts: opts, format: rows.Format(), sent: map[history.RowID]time.Time{}}
	midnight := history.DayStart(opts.Start.In(rows.Zone()))
	days := (opts.Start.Sub(midnight) + opts.Align - 1) / opts.Align
	c.base = midnight.Add(days * opts.Align)
	return c, nil
}

// Begins returns when the first day of the replay begins.
func (c *CSV) Begins() time.Time { return c.base }

// Next implements Source.
func (c *CSV) Next() (Message, error) {
	for {
		row, err := c.rows.Next()
		switch {
		case err != nil:
			return Message{}, err
		case !c.opts.From.IsZero() && !row.At.After(c.opts.From):
			continue
		case !c.opts.To.IsZero() && row.At.After(c.opts.To):
			return Message{}, io.EOF
		}
		at := c.restamp(row.At)
		if !at.After(c.sent[row.ID]) {
			return Message{}, plant.Errorf(plant.CodeInvalid, "line %d: so fast, two rows share a millisecond; let a day take longer than %v", row.Line, c.opts.Align)
		}
		c.sent[row.ID] = at
		c.seq++
		return Message{At: at, Topic: Topic(row.ID.Plant, row.ID.Line, row.ID.Machine), Payload: c.payload(at, row.Value)}, nil
	}
}

// restamp gives the end of a row's interval its place in the replay. Days are
// half open, (from, to]: the row that ends a day is stamped exactly at its
// end. Between, stamps are rounded up to the millisecond, which leaves none
// on the boundary before it.
func (c *CSV) restamp(end time.Time) time.Time {
	day := history.DayStart(end)
	if end.Equal(day) {
		day = history.DayStart(end.AddDate(0, 0, -1))
	}
	if c.first.IsZero() {
		c.first, c.day = day, day
	}
	for c.day.Before(day) {
		c.day = history.DayStart(c.day.AddDate(0, 0, 1))
		c.number++
	}
	length := history.DayStart(day.AddDate(0, 0, 1)).Sub(day) // 23, 24 or 25 hours
	hi, lo := bits.Mul64(uint64(end.Sub(day)), uint64(c.opts.Align))
	part, rest := bits.Div64(hi, lo, uint64(length))
	if rest > 0 {
		part++
	}
	within := time.Duration(part) + time.Millisecond - 1
	return c.base.Add(time.Duration(c.number)*c.opts.Align + within.Truncate(time.Millisecond)).UTC()
}

func (c *CSV) payload(at time.Time, value float64) []byte {
	b := strconv.AppendInt([]byte(`{"ts":`), at.UnixMilli(), 10)
	b = strconv.AppendInt(append(b, `,"seq":`...), c.seq, 10)
	b = append(appendText(append(b, ','), c.format.Field), ':')
	b = strconv.AppendFloat(b, value, 'f', -1, 64)
	return append(b, '}')
}
