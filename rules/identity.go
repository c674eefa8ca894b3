package rules

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/seed-00829101/heartline/plant"
)

// How many newest samples of a machine are known again. Of a total, a repeat
// that is not known is late and counts nothing; a delta would count twice, so
// that more are kept: what a gateway may have in flight when a link breaks.
const (
	recentTotals = 32
	recentDeltas = 64
)

// recent holds the identities of a machine's newest samples, in a ring.
type recent []uint64

// known reports whether the sample was seen before, and else remembers it in
// place of the oldest of size. One that is newer than all of them was not.
func (r *recent) known(id uint64, next *int, size int, newer bool) bool {
	if !newer && slices.Contains(*r, id) {
		return true
	}
	if len(*r) < size {
		*next = len(*r)
		*r = append(make(recent, 0, size), *r...)[:size]
	}
	(*r)[*next] = id
	*next = (*next + 1) % len(*r)
	return false
}

// MarshalText writes the identities in base64: snapshots hold many.
func (r recent) MarshalText() ([]byte, error) {
	raw := make([]byte, 0, 8*len(r))
	for _, id := range r {
		raw = binary.BigEndian.AppendUint64(raw, id)
	}
	return base64.RawStdEncoding.AppendEncode(nil, raw), nil
}

// UnmarshalText reads what MarshalText wrote.
func (r *recent) UnmarshalText(text []byte) error {
	raw, err := base64.RawStdEncoding.AppendDecode(nil, text)
	if err != nil || len(raw)%8 != 0 || len(raw) > 8*recentDeltas {
		return fmt.Errorf("the identities of recent samples are damaged (%d bytes): %v", len(raw), err)
	}
	*r = make(recent, len(raw)/8)
	for i := range *r {
		(*r)[i] = binary.BigEndian.Uint64(raw[8*i:])
	}
	return nil
}

// identity is what tells a sample from the machine's others: its stamp, and
// its number or else all that it says.
func identity(s *plant.Sample) uint64 {
	h := mix(0, uint64(s.Stamp))
	if s.HasSeq {
		return mix(h, s.Seq) | 1 // 0 is an empty place
	}
	h = mix(h, uint64(s.Flags&plant.BadQuality))
	h = mix(h, xxhash.Sum64String(s.State))
	for i := range s.Fields {
		f := &s.Fields[i]
		h = mix(h, xxhash.Sum64String(f.Name))
		switch f.Kind {
		case plant.Int:
			h = mix(h, uint64(f.Int))
		case plant.Float:
			h = mix(h, math.Float64bits(f.Float))
		case plant.String:
			h = mix(h, xxhash.Sum64String(f.Str))
		case plant.Bool:
			if f.Bool {
				h = mix(h, 1)
			}
		}
	}
	return h | 1
}

func mix(h, v uint64) uint64 {
	const k1, k2 = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
	h = bits.RotateLeft64(h, 29)*k1 ^ v*k2
	return h ^ h>>31
}
