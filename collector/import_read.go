package collector

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// PointReader reads samples of history from line protocol, as the measurement
// heartbeat has them. The zero PointReader is ready; not safe for concurrent
// use.
type PointReader struct {
	lines  LineReader
	hasher Hasher
}

// Read appends the samples of text, one a line, to dst. The unit of each
// device's clock is found from its stamp. A line that is no heartbeat with
// plant, line, machine, a field and a time is a CodeInvalid error that names
// its number.
func (r *PointReader) Read(dst *Imported, text []byte) error {
	n := 0
	for raw := range bytes.Lines(text) {
		n++
		line := bytes.TrimSpace(raw)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		s := plant.Sample{Fields: make([]plant.Field, 0, 2)}
		if err := r.point(line, &s); err != nil {
			return plant.Errorf(plant.CodeInvalid, "line %d: %w", n, err)
		}
		stored := s.Stamp
		r.hasher.UnitOf(&s, stored)
		if s.Arrived == 0 {
			s.Arrived = s.Stamp
		}
		s.Broker = ImportSource
		dst.Samples, dst.Stamps = append(dst.Samples, s), append(dst.Stamps, stored)
	}
	return nil
}

func (r *PointReader) point(line []byte, s *plant.Sample) error {
	if !bytes.HasPrefix(line, []byte(Measurement+",")) {
		return plant.Errorf(plant.CodeInvalid, "is no point of the measurement %s", Measurement)
	}
	if err := r.read(line, s); err != nil {
		return err
	}
	for _, x := range []struct{ tag, id string }{{"plant", s.Plant}, {"line", s.Line}, {"machine", s.Machine}} {
		if err := plant.CheckID(x.id); err != nil {
			return plant.Errorf(plant.CodeInvalid, "tag %s: %w", x.tag, err)
		}
	}
	slices.SortFunc(s.Fields, func(a, b plant.Field) int { return cmp.Compare(a.Name, b.Name) })
	for i := range s.Fields {
		if err := CheckFieldName(s.Fields[i].Name); err != nil {
			return plant.Errorf(plant.CodeInvalid, "field %q %w", s.Fields[i].Name, err)
		}
		if ReservedField(s.Fields[i].Name) {
			return plant.Errorf(plant.CodeInvalid, "field %q has the name of a tag or of a field of Heartline's own", s.Fields[i].Name)
		}
		if i > 0 && s.Fields[i].Name == s.Fields[i-1].Name {
			return plant.Errorf(plant.CodeInvalid, "field %q is there twice", s.Fields[i].Name)
		}
	}
	if s.Stamp == plant.InstantOf(time.Time{}) {
		return plant.Errorf(plant.CodeInvalid, "has no time")
	}
	return nil
}
