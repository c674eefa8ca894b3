package collector

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"iter"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/seed-00829101/heartline/plant"
)

// Frame is a frame as read from the queue. It aliases the bytes it was read
// from and is safe for concurrent use while they do not change.
type Frame struct {
	At      plant.Instant
	records uint32
	body    []byte
	// Origins are those of the frame's samples; Record.Origin is an index.
	Origins []Origin
}

// Record is one record of a frame: a control, or a sample's line. A sample
// that is StoreOnly has been through the rules before: it has a Line and an
// Origin, and nothing else.
type Record struct {
	Control   *Control
	StoreOnly bool
	// Imported: a sample of history, which is for the store and for output,
	// and no sign of life.
	Imported bool
	// Line is the sample in line protocol, without a newline at its end,
	// and aliases the frame.
	Line   []byte
	Unit   plant.Unit
	Flags  plant.Flags
	Scale  float64
	Packet Packet
	Origin int
	Broker string
}

// FrameReader reads one frame after the other into the same memory. The zero
// FrameReader is ready. Not safe for concurrent use.
type FrameReader struct{ plain []byte }

// Read is ReadFrame; the frame is valid until the next call.
func (r *FrameReader) Read(data []byte) (Frame, error) {
	f, plain, err := readFrame(r.plain, data)
	if cap(plain) <= maxKept {
		r.plain = plain
	}
	return f, err
}

// maxKept is the most memory that a FrameReader keeps, in bytes.
const maxKept = 1 << 20

// ReadFrame checks data's sum and reads its header. What does not check is a
// CodeDamaged error.
func ReadFrame(data []byte) (Frame, error) {
	f, _, err := readFrame(nil, data)
	return f, err
}

// readFrame unpacks data into dst where it is packed, and returns dst, grown.
func readFrame(dst, data []byte) (Frame, []byte, error) {
	if err := checkFrame(data); err != nil {
		return Frame{}, dst, err
	}
	plain, err := unpack(dst, data)
	if err != nil {
		return Frame{}, dst, err
	}
	if data[3] == packedBody {
		dst = plain
	}
	table := int(binary.BigEndian.Uint32(data[16:])) - headerSize
	if table < 0 || table > len(plain) {
		return Frame{}, dst, plant.Errorf(plant.CodeDamaged, "the frame's table lies outside it")
	}
	f := Frame{
		At:      plant.Instant(binary.BigEndian.Uint64(data[4:])),
		records: binary.BigEndian.Uint32(data[12:]),
		body:    plain[:table],
	}
	return f, dst, f.readOrigins(plain[table:])
}

// checkFrame checks that data is a frame that nobody changed.
func checkFrame(data []byte) error {
	if len(data) < headerSize+trailerSize || data[0] != frameMagic0 || data[1] != frameMagic1 {
		return plant.Errorf(plant.CodeDamaged, "these %d bytes are no frame", len(data))
	}
	if data[2] < oldest || data[2] > frameVersion {
		return plant.Errorf(plant.CodeDamaged, "the frame's format is version %d; this Heartline reads versions %d to %d", data[2], oldest, frameVersion)
	}
	end := len(data) - trailerSize
	if sum := binary.BigEndian.Uint64(data[end:]); sum != xxhash.Sum64(data[:end]) {
		return plant.Errorf(plant.CodeDamaged, "the frame's checksum does not match: its bytes were changed on disk")
	}
	return nil
}

func (f *Frame) readOrigins(table []byte) error {
	r := cursor{table}
	for n, _ := r.uvarint(); n > 0; n-- {
		broker, _ := r.bytes()
		source, ok := r.bytes()
		if !ok {
			return plant.Errorf(plant.CodeDamaged, "the frame's table of origins ends early")
		}
		f.Origins = append(f.Origins, Origin{string(broker), string(source)})
	}
	return nil
}

// Len is the number of the frame's records.
func (f *Frame) Len() int { return int(f.records) }

// Live is the number of the frame's records that are not of an import, as far
// as it can be read.
func (f *Frame) Live() (n int) {
	for rec, err := range f.Records() {
		if err == nil && !rec.Imported {
			n++
		}
	}
	return n
}

// Records yields the frame's records in order, with a CodeDamaged error for
// each that cannot be read. The records behind a control record that cannot be
// read follow; where a record's end is not known, its error is the last.
func (f *Frame) Records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		c := cursor{f.body}
		for range f.records {
			rec, err := f.next(&c)
			if !yield(rec, err) || err != nil && !errors.Is(err, errControl) {
				return
			}
		}
	}
}

// errControl is a control record whose end is known and whose JSON cannot be
// read.
var errControl = errors.New("a control record cannot be read and is skipped")

func (f *Frame) next(c *cursor) (Record, error) {
	bits, ok := c.byte()
	if !ok {
		return Record{}, errShort()
	}
	if bits == bitsPoint {
		return f.point(c)
	}
	imported := bits == bitsImport
	if imported {
		if bits, ok = c.byte(); !ok || bits&bitControl != 0 {
			return Record{}, errShort()
		}
	}
	if bits&bitControl != 0 {
		text, ok := c.bytes()
		if !ok {
			return Record{}, errShort()
		}
		var ctl Control
		if err := json.Unmarshal(text, &ctl); err != nil {
			return Record{}, plant.Errorf(plant.CodeDamaged, "%w: %v", errControl, err)
		}
		return Record{Control: &ctl}, nil
	}
	rec := Record{Imported: imported, Unit: plant.Unit(bits >> shiftUnit & 3), Flags: plant.Flags(bits >> shiftFlags)}
	origin, ok := c.uvarint()
	if !ok || origin >= uint64(len(f.Origins)) {
		return Record{}, errShort()
	}
	rec.Origin, rec.Broker = int(origin), f.Origins[origin].Broker
	if bits&bitScale != 0 {
		if len(c.rest) < 8 {
			return Record{}, errShort()
		}
		rec.Scale = math.Float64frombits(binary.BigEndian.Uint64(c.rest))
		c.rest = c.rest[8:]
	}
	if rec.Flags.Has(plant.NoDeviceTime) {
		if len(c.rest) < 10 {
			return Record{}, errShort()
		}
		rec.Packet = Packet{binary.BigEndian.Uint16(c.rest), binary.BigEndian.Uint64(c.rest[2:])}
		c.rest = c.rest[10:]
	}
	if rec.Line, ok = c.bytes(); !ok {
		return Record{}, errShort()
	}
	return rec, nil
}

func (f *Frame) point(c *cursor) (Record, error) {
	origin, ok := c.uvarint()
	line, whole := c.bytes()
	if !ok || !whole || origin >= uint64(len(f.Origins)) {
		return Record{}, errShort()
	}
	return Record{StoreOnly: true, Line: line, Origin: int(origin)}, nil
}

func errShort() error {
	return plant.Errorf(plant.CodeDamaged, "a record ends outside its frame")
}

func floatBits(f float64) uint64 { return math.Float64bits(f) }

// cursor reads from the front of a slice.
type cursor struct{ rest []byte }

func (c *cursor) byte() (byte, bool) {
	if len(c.rest) == 0 {
		return 0, false
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b, true
}

func (c *cursor) uvarint() (uint64, bool) {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		return 0, false
	}
	c.rest = c.rest[n:]
	return v, true
}

func (c *cursor) bytes() ([]byte, bool) {
	n, ok := c.uvarint()
	if !ok || n > uint64(len(c.rest)) {
		return nil, false
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b, true
}
