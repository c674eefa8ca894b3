package collector

import (
	"encoding/binary"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/seed-00829101/heartline/plant"
)

// Stamp returns the time a sample's point is stored at. Points of one machine
// are told apart by time alone, so the digits below the unit that the device
// declares are filled from its sequence number, or else from a hash of what
// was decoded: equal samples get equal stamps, at every redelivery.
func Stamp(s *plant.Sample, hash uint64) plant.Instant {
	unit := uint64(s.Unit.Duration())
	if unit == 1 {
		return s.Stamp
	}
	digits := hash
	if s.HasSeq {
		digits = s.Seq
	}
	return s.Stamp + plant.Instant(digits%unit)
}

// DeviceStamp is the inverse of Stamp: the stamp the device sent.
func DeviceStamp(stored plant.Instant, unit plant.Unit) plant.Instant {
	d := plant.Instant(unit.Duration())
	rest := stored % d
	if rest < 0 {
		rest += d
	}
	return stored - rest
}

// Hasher hashes what makes two samples of one machine different: everything
// the device said, nothing about how or when the message came. The zero
// Hasher is ready; not safe for concurrent use.
type Hasher struct{ buf []byte }

// Sum hashes s.
func (h *Hasher) Sum(s *plant.Sample) uint64 {
	b := binary.LittleEndian.AppendUint64(h.buf[:0], uint64(s.Stamp))
	if s.Flags.Has(plant.NoDeviceTime) {
		b = b[:0]
	}
	b = append(b, byte(s.Flags&^plant.Retained))
	if s.HasSeq {
		b = binary.LittleEndian.AppendUint64(b, s.Seq)
	}
	b = append(append(b, s.State...), 0)
	for i := range s.Fields {
		f := &s.Fields[i]
		b = append(append(b, f.Name...), 0, byte(f.Kind))
		switch f.Kind {
		case plant.Int:
			b = binary.LittleEndian.AppendUint64(b, uint64(f.Int))
		case plant.Float:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f.Float))
		case plant.String:
			b = append(append(b, f.Str...), 0)
		case plant.Bool:
			if f.Bool {
				b = append(b, 1)
			}
		}
	}
	h.buf = b
	return xxhash.Sum64(b)
}

// UnitOf finds the unit that a device declared whose sample s was stored at
// that stamp (see Stamp), and sets it and the stamp that the device sent. Where
// the digits do not tell, it is the nanosecond.
func (h *Hasher) UnitOf(s *plant.Sample, stored plant.Instant) {
	for _, s.Unit = range []plant.Unit{plant.Second, plant.Millisecond, plant.Microsecond} {
		s.Stamp = DeviceStamp(stored, s.Unit)
		if Stamp(s, h.Sum(s)) == stored {
			return
		}
	}
	s.Stamp, s.Unit = stored, plant.Nanosecond
}
