package collector

import (
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/seed-00829101/heartline/plant"
)

// maxNames bounds what a LineReader remembers; past it, names are allocated.
const maxNames = 1 << 20

// LineReader reads the samples of frames back. It remembers the names it has
// seen, so that reading allocates nothing in the steady state. Not safe for
// concurrent use; the zero LineReader is ready.
type LineReader struct {
	names map[string]string
}

// Read fills s from rec, reusing s.Fields. String fields' values alias
// nothing; names are shared. The stamp is the device's own: digits below its
// unit, which only tell points apart, are cut off.
func (r *LineReader) Read(rec *Record, s *plant.Sample) error {
	*s = plant.Sample{Unit: rec.Unit, Flags: rec.Flags, Scale: rec.Scale, Broker: rec.Broker, Fields: s.Fields[:0]}
	dec := lineprotocol.NewDecoderWithBytes(rec.Line)
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
		switch string(key) {
		case "plant":
			s.Plant = r.name(val)
		case "line":
			s.Line = r.name(val)
		case "machine":
			s.Machine = r.name(val)
		}
	}
	for {
		key, val, err := dec.NextField()
		if err != nil {
			return damagedLine(err)
		}
		if key == nil {
			break
		}
		if err := r.field(s, key, val); err != nil {
			return err
		}
	}
	t, err := dec.Time(lineprotocol.Nanosecond, time.Time{})
	if err != nil {
		return damagedLine(err)
	}
	s.Stamp = DeviceStamp(plant.InstantOf(t), s.Unit)
	return nil
}

// Plant returns the plant that a sample's line belongs to, and reads no further.
func (r *LineReader) Plant(line []byte) (string, error) {
	dec := lineprotocol.NewDecoderWithBytes(line)
	if !dec.Next() {
		return "", plant.Errorf(plant.CodeDamaged, "a sample's line is empty")
	}
	if _, err := dec.Measurement(); err != nil {
		return "", damagedLine(err)
	}
	for {
		key, val, err := dec.NextTag()
		if err != nil {
			return "", damagedLine(err)
		}
		if key == nil || string(key) == "plant" {
			return r.name(val), nil
		}
	}
}

func (r *LineReader) field(s *plant.Sample, key []byte, val lineprotocol.Value) error {
	switch own, kind := string(key), val.Kind(); {
	case own == FieldArrived && kind == lineprotocol.Int:
		s.Arrived = plant.Instant(val.IntV() * int64(time.Millisecond))
	case own == FieldSeq && kind == lineprotocol.Int:
		s.Seq, s.HasSeq = uint64(val.IntV()), true
	case own == FieldState && kind == lineprotocol.String:
		s.State = r.name(val.BytesV())
	case own == FieldGateway && kind == lineprotocol.String:
		s.Gateway = r.name(val.BytesV())
	case own == FieldFlags && kind == lineprotocol.String:
		s.Flags |= flagsOf[string(val.BytesV())]
	case own == FieldArrived, own == FieldSeq, own == FieldState, own == FieldGateway, own == FieldFlags:
		return plant.Errorf(plant.CodeDamaged, "a sample's field %s is of type %s", key, kind)
	default:
		r.reading(s, key, val)
	}
	return nil
}

func (r *LineReader) reading(s *plant.Sample, key []byte, val lineprotocol.Value) {
	f := plant.Field{Name: r.name(key)}
	switch val.Kind() {
	case lineprotocol.Int:
		f.Kind, f.Int = plant.Int, val.IntV()
	case lineprotocol.Float:
		f.Kind, f.Float = plant.Float, val.FloatV()
	case lineprotocol.Bool:
		f.Kind, f.Bool = plant.Bool, val.BoolV()
	case lineprotocol.String:
		f.Kind, f.Str = plant.String, string(val.BytesV())
	default:
		return
	}
	s.Fields = append(s.Fields, f)
}

func (r *LineReader) name(b []byte) string {
	if s, ok := r.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if r.names == nil {
		r.names = map[string]string{}
	}
	if len(r.names) < maxNames {
		r.names[s] = s
	}
	return s
}

func damagedLine(err error) error {
	return plant.Errorf(plant.CodeDamaged, "a sample's line cannot be read: %w", err)
}
