package collector

import (
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/s2"

	"github.com/seed-00829101/heartline/plant"
)

const (
	// packFrom is the size from which a frame is packed: a tick gains nothing.
	packFrom = 256
	// maxPlain bounds what a packed frame may say that it holds.
	maxPlain = 64 << 20
	// maxOpen bounds what is added to a frame; the rest of maxPlain is for the
	// ledger's records and the table.
	maxOpen = maxPlain - 8<<20
)

// How what follows a frame's header is written.
const (
	plainBody  = 0
	packedBody = 1 // S2, https://github.com/klauspost/compress/tree/master/s2
)

// pack returns the frame in b.buf, which lacks its trailer, as it is stored:
// lines of one factory repeat themselves, and packed they take a fifth of the
// disk, and of the memory of all who pass them on.
func (b *FrameBuilder) pack() []byte {
	if len(b.buf) < packFrom {
		return seal(b.buf, plainBody)
	}
	room := headerSize + s2.MaxEncodedLen(len(b.buf)-headerSize)
	b.packed = append(slices.Grow(b.packed[:0], room+trailerSize), b.buf[:headerSize]...)
	body := s2.Encode(b.packed[headerSize:room], b.buf[headerSize:])
	b.packed = seal(b.packed[:headerSize+len(body)], packedBody)
	return b.packed
}

// seal notes in the header how the body is written, and appends the trailer.
func seal(frame []byte, body byte) []byte {
	frame[3] = body
	return binary.BigEndian.AppendUint64(frame, xxhash.Sum64(frame))
}

// unpack returns the records and the table of a frame whose sum was checked,
// in dst where it has the room.
func unpack(dst, frame []byte) ([]byte, error) {
	body := frame[headerSize : len(frame)-trailerSize]
	switch frame[3] {
	case plainBody:
		return body, nil
	case packedBody:
		if n, err := s2.DecodedLen(body); err != nil || n > maxPlain {
			return nil, plant.Errorf(plant.CodeDamaged, "the frame says it holds %d bytes; %d are the limit", n, maxPlain)
		}
		plain, err := s2.Decode(dst[:cap(dst)], body)
		if err != nil {
			return nil, plant.Errorf(plant.CodeDamaged, "the frame cannot be unpacked: %w", err)
		}
		return plain, nil
	}
	return nil, plant.Errorf(plant.CodeDamaged, "the frame is packed in a way (%d) that this Heartline does not know", frame[3])
}
