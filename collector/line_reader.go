package collector

import (
	"strconv"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// maxNames bounds what a LineReader remembers; past it, names are allocated.
const maxNames = 1 << 20

// LineReader reads back what LineEncoder wrote, in less than half of the library's
// time. It remembers the names it has seen, so that reading allocates nothing in
// the steady state. Not safe for concurrent use; the zero LineReader is ready.
type LineReader struct {
	names map[string]string
}

// Read fills s from rec, reusing s.Fields. String fields' values alias
// nothing; names are shared. The stamp is the device's own: digits below its
// unit, which only tell points apart, are cut off.
func (r *LineReader) Read(rec *Record, s *plant.Sample) error {
	*s = plant.Sample{Unit: rec.Unit, Flags: rec.Flags, Scale: rec.Scale, Broker: rec.Broker, Fields: s.Fields[:0]}
	key, rest, end := cutWord(rec.Line)
	if string(key) != Measurement {
		return errLine(rec.Line, rec.Line)
	}
	var val []byte
	for end == ',' {
		if key, rest, end = cutWord(rest); end != '=' || len(key) == 0 {
			return errLine(rec.Line, rest)
		}
		if val, rest, end = cutWord(rest); len(val) == 0 {
			return errLine(rec.Line, rest)
		}
		r.tag(s, key, val)
	}
	if end != ' ' {
		return errLine(rec.Line, rest)
	}
	for end = ','; end == ','; {
		if key, rest, end = cutWord(rest); end != '=' || len(key) == 0 {
			return errLine(rec.Line, rest)
		}
		var f plant.Field
		var ok bool
		if f, val, rest, end, ok = cutValue(rest); !ok {
			return errLine(rec.Line, rest)
		}
		if err := r.field(s, key, f, val); err != nil {
			return err
		}
	}
	stamp, err := strconv.ParseInt(string(rest), 10, 64)
	if err != nil || end != ' ' {
		return errLine(rec.Line, rest)
	}
	s.Stamp = DeviceStamp(plant.Instant(stamp), s.Unit)
	return nil
}

// Plant returns the plant that a sample's line belongs to, and reads no further.
func (r *LineReader) Plant(line []byte) (string, error) {
	_, rest, end := cutWord(line)
	for end == ',' {
		var key, val []byte
		key, rest, _ = cutWord(rest)
		if val, rest, end = cutWord(rest); string(key) == "plant" {
			return r.name(val), nil
		}
	}
	return "", errLine(line, rest)
}

func (r *LineReader) tag(s *plant.Sample, key, val []byte) {
	switch string(key) {
	case "plant":
		s.Plant = r.name(val)
	case "line":
		s.Line = r.name(val)
	case "machine":
		s.Machine = r.name(val)
	}
}

// field adds f, which is called key and, as a String, holds text.
func (r *LineReader) field(s *plant.Sample, key []byte, f plant.Field, text []byte) error {
	switch own := string(key); {
	case own == FieldArrived && f.Kind == plant.Int:
		s.Arrived = plant.Instant(f.Int * int64(time.Millisecond))
	case own == FieldSeq && f.Kind == plant.Int:
		s.Seq, s.HasSeq = uint64(f.Int), true
	case own == FieldState && f.Kind == plant.String:
		s.State = r.name(text)
	case own == FieldGateway && f.Kind == plant.String:
		s.Gateway = r.name(text)
	case own == FieldFlags && f.Kind == plant.String:
		s.Flags |= flagsOf[string(text)]
	case own == FieldArrived, own == FieldSeq, own == FieldState, own == FieldGateway, own == FieldFlags:
		return plant.Errorf(plant.CodeDamaged, "a sample's field %s is of type %s", key, kindWords[f.Kind])
	default:
		f.Name, f.Str = r.name(key), string(text)
		s.Fields = append(s.Fields, f)
	}
	return nil
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

var kindWords = [...]string{plant.Float: "float", plant.Int: "integer", plant.String: "string", plant.Bool: "boolean"}

// errLine says that line cannot be read further than where rest begins.
func errLine(line, rest []byte) error {
	return plant.Errorf(plant.CodeDamaged, "a sample's line cannot be read at byte %d", len(line)-len(rest))
}
