package collector

import (
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/seed-00829101/heartline/plant"
)

// read fills s from a line of anybody's.
func (r *PointReader) read(line []byte, s *plant.Sample) error {
	dec := lineprotocol.NewDecoderWithBytes(line)
	if !dec.Next() {
		return plant.Errorf(plant.CodeDamaged, "a sample's line is empty")
	}
	if _, err := dec.Measurement(); err != nil {
		return damagedLine(err)
	}
	for {
		key, val, err := dec.NextTag()
		if err != nil {
			return damagedLine(err)
		}
		if key == nil {
			break
		}
		r.lines.tag(s, key, val)
	}
	for {
		key, val, err := dec.NextField()
		if err != nil {
			return damagedLine(err)
		}
		if key == nil {
			break
		}
		if f, text, ok := fieldOf(val); ok {
			if err := r.lines.field(s, key, f, text); err != nil {
				return err
			}
		}
	}
	t, err := dec.Time(lineprotocol.Nanosecond, time.Time{})
	if err != nil {
		return damagedLine(err)
	}
	s.Stamp = plant.InstantOf(t)
	return nil
}

// fieldOf returns v as a field without its name, and its text.
func fieldOf(v lineprotocol.Value) (f plant.Field, text []byte, ok bool) {
	switch v.Kind() {
	case lineprotocol.Int:
		return plant.Field{Kind: plant.Int, Int: v.IntV()}, nil, true
	case lineprotocol.Float:
		return plant.Field{Kind: plant.Float, Float: v.FloatV()}, nil, true
	case lineprotocol.Bool:
		return plant.Field{Kind: plant.Bool, Bool: v.BoolV()}, nil, true
	case lineprotocol.String:
		return plant.Field{Kind: plant.String}, v.BytesV(), true
	}
	return f, nil, false
}

func damagedLine(err error) error {
	return plant.Errorf(plant.CodeDamaged, "a sample's line cannot be read: %w", err)
}
