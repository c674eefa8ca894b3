package collector

import (
	"encoding/binary"
	"encoding/json"

	"github.com/seed-00829101/heartline/plant"
)

// A frame is what is written to the queue at once: the samples and link
// events that came while the previous frame was being written. One without
// records is a tick. Big endian:
//
//	header   magic "HL", version u8, packing u8, at i64 ns, records u32, table u32
//	records  control: 0x01, uvarint length, JSON
//	         point:   0x03, uvarint origin, uvarint length, line
//	         import:  0x05, then as a sample: one of history
//	         sample:  bits, uvarint origin, [f64 scale], [packet], uvarint length, line
//	packet   u16 packet id, u64 hash of topic and payload: of samples without
//	         device time, which nothing else tells from their redelivery
//	table    uvarint origins, each: broker, source (uvarint length, name)
//	trailer  xxhash64 of all before it
//
// Between header and trailer it is packed, see frame_pack.go; table is where
// the table begins in the plain frame.
//
// bits of a sample: 0 control (0), 1-2 unit, 3 has scale, 4-7 flags.
const (
	frameMagic0  = 'H'
	frameMagic1  = 'L'
	frameVersion = 3 // 2 was never packed
	oldest       = 2
	headerSize   = 20
	trailerSize  = 8

	bitControl = 1 << 0
	bitsPoint  = 0x03
	bitsImport = 0x05
	shiftUnit  = 1
	bitScale   = 1 << 3
	shiftFlags = 4
)

// ControlKind tells what a Control says.
type ControlKind string

// The kinds of control record.
const (
	ControlListening  ControlKind = "listening"
	ControlBroker     ControlKind = "broker"
	ControlGateway    ControlKind = "gateway"
	ControlDefinition ControlKind = "definition"
	ControlLedger     ControlKind = "ledger"
	ControlReplayed   ControlKind = "replayed"
	ControlImport     ControlKind = "import"
	ControlDeclared   ControlKind = "declared"
)

// Control is a record that is not a sample: a link that came or went, our own
// start or stop, a new version of registry and rules, what the ledger has of
// messages that became no sample, dead letters that were replayed, what a
// person declared.
type Control struct {
	Kind    ControlKind `json:"kind"`
	Broker  string      `json:"broker,omitempty"`
	Plant   string      `json:"plant,omitempty"`
	Gateway string      `json:"gateway,omitempty"`
	Up      bool        `json:"up,omitempty"`
	// Version and Definition (gzipped JSON of it) of a ControlDefinition.
	Version    string `json:"version,omitempty"`
	Definition []byte `json:"definition,omitempty"`
	// Postings of a ControlLedger: what is not among the frame's samples.
	Postings []Posting `json:"postings,omitempty"`
	// Letters of a ControlReplayed: dead letters whose samples the frame holds.
	Letters []uint64 `json:"letters,omitempty"`
	// Import of a ControlImport: one begins, or ends.
	Import *Import `json:"import,omitempty"`
	// Declaration of a ControlDeclared.
	Declaration *plant.Declaration `json:"declaration,omitempty"`
}

// Origin says where a sample came from: the broker's name, and the topic
// template of the source that took it.
type Origin struct{ Broker, Source string }

// Packet tells a message from its redelivery where its samples do not: the
// packet id and a hash of topic and payload. Zero for QoS 0.
type Packet struct {
	ID   uint16
	Hash uint64
}

// FrameBuilder collects records and seals them into a frame. The zero
// FrameBuilder is empty and ready. Not safe for concurrent use.
type FrameBuilder struct {
	buf     []byte // plain
	packed  []byte // as last sealed
	records uint32
	samples int
	table   int // where the sealed frame's records end; 0 while open
	origins []Origin
	lines   LineEncoder
}

// Len is the number of records added since the last Reset.
func (b *FrameBuilder) Len() int { return int(b.records) }

// Samples is the number of samples among them.
func (b *FrameBuilder) Samples() int { return b.samples }

// Size is the plain frame's size so far, in bytes.
func (b *FrameBuilder) Size() int { return max(len(b.buf), headerSize) + trailerSize }

// Reset empties the builder, keeping its memory.
func (b *FrameBuilder) Reset() {
	if cap(b.buf) > maxKept { // of one large message
		b.buf, b.packed = nil, nil
	}
	b.buf, b.records, b.samples, b.table, b.origins = b.buf[:0], 0, 0, 0, b.origins[:0]
}

// open makes room for the header, and opens a sealed frame again.
func (b *FrameBuilder) open() {
	if len(b.buf) == 0 {
		b.buf = append(b.buf, make([]byte, headerSize)...)
	}
	if b.table > 0 {
		b.buf, b.table = b.buf[:b.table], 0
	}
}

// AddSample appends s, which came from the source so called, as the point that
// stamp says (see Stamp); packet counts where s has no device time. It refuses,
// with words for a dead letter, what line protocol cannot write, and then
// leaves the frame as it was.
func (b *FrameBuilder) AddSample(s *plant.Sample, stamp plant.Instant, source string, packet Packet) error {
	line, err := b.lines.Encode(s, stamp)
	if err != nil {
		return err
	}
	if err := b.room(line); err != nil {
		return err
	}
	b.addSample(s, line, source, packet)
	return nil
}

// room refuses a line that would make the frame larger than readers take.
func (b *FrameBuilder) room(line []byte) error {
	if len(b.buf)+len(line) > maxOpen {
		return plant.Errorf(plant.CodeInvalid, "the message becomes more than %d bytes of line protocol; send fewer samples at once, or shorter names", maxOpen)
	}
	return nil
}

// AddImported is AddSample of a sample of history, which the rules take no
// live phase from.
func (b *FrameBuilder) AddImported(s *plant.Sample, stamp plant.Instant, source string) error {
	line, err := b.lines.Encode(s, stamp)
	if err != nil {
		return err
	}
	if err := b.room(line); err != nil {
		return err
	}
	b.open()
	b.buf = append(b.buf, bitsImport)
	b.addSample(s, line, source, Packet{})
	return nil
}

func (b *FrameBuilder) addSample(s *plant.Sample, line []byte, source string, packet Packet) {
	b.open()
	bits := byte(s.Unit)<<shiftUnit | byte(s.Flags)<<shiftFlags
	if s.Scale != 0 {
		bits |= bitScale
	}
	b.buf = append(b.buf, bits)
	b.buf = binary.AppendUvarint(b.buf, b.origin(Origin{s.Broker, source}))
	if s.Scale != 0 {
		b.buf = binary.BigEndian.AppendUint64(b.buf, floatBits(s.Scale))
	}
	if s.Flags.Has(plant.NoDeviceTime) {
		b.buf = binary.BigEndian.AppendUint16(b.buf, packet.ID)
		b.buf = binary.BigEndian.AppendUint64(b.buf, packet.Hash)
	}
	b.buf = binary.AppendUvarint(b.buf, uint64(len(line)))
	b.buf = append(b.buf, line...)
	b.records++
	b.samples++
}

// AddPoint appends a heartbeat in line protocol that the rules know already:
// one that InfluxDB refused before. It counts as a sample.
func (b *FrameBuilder) AddPoint(line []byte, source string) {
	b.open()
	b.buf = append(b.buf, bitsPoint)
	b.buf = binary.AppendUvarint(b.buf, b.origin(Origin{Source: source}))
	b.buf = binary.AppendUvarint(b.buf, uint64(len(line)))
	b.buf = append(b.buf, line...)
	b.records++
	b.samples++
}

// AddControl appends c. What would not read back is a CodeInvalid error, and
// leaves the frame as it was.
func (b *FrameBuilder) AddControl(c Control) error {
	text, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(text, new(Control))
	}
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "a control record of kind %q would not read back: %w", c.Kind, err)
	}
	b.open()
	b.buf = append(b.buf, bitControl)
	b.buf = binary.AppendUvarint(b.buf, uint64(len(text)))
	b.buf = append(b.buf, text...)
	b.records++
	return nil
}

func (b *FrameBuilder) origin(o Origin) uint64 {
	for i, x := range b.origins {
		if x == o {
			return uint64(i)
		}
	}
	b.origins = append(b.origins, o)
	return uint64(len(b.origins) - 1)
}

// Seal stamps the frame with at and returns it. The bytes belong to the
// builder until the next call. A frame may be sealed again with a later stamp.
func (b *FrameBuilder) Seal(at plant.Instant) []byte {
	b.open()
	b.table = len(b.buf)
	b.buf = binary.AppendUvarint(b.buf, uint64(len(b.origins)))
	for _, o := range b.origins {
		for _, name := range [...]string{o.Broker, o.Source} {
			b.buf = binary.AppendUvarint(b.buf, uint64(len(name)))
			b.buf = append(b.buf, name...)
		}
	}
	h := b.buf[:headerSize]
	h[0], h[1], h[2] = frameMagic0, frameMagic1, frameVersion
	binary.BigEndian.PutUint64(h[4:], uint64(at))
	binary.BigEndian.PutUint32(h[12:], b.records)
	binary.BigEndian.PutUint32(h[16:], uint32(b.table))
	return b.pack()
}
