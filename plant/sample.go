package plant

import "time"

// Unit is the precision of a device's time stamp.
type Unit uint8

// The units a profile may declare.
const (
	Nanosecond Unit = iota
	Microsecond
	Millisecond
	Second
)

// Duration returns one unit as a duration.
func (u Unit) Duration() time.Duration {
	switch u {
	case Microsecond:
		return time.Microsecond
	case Millisecond:
		return time.Millisecond
	case Second:
		return time.Second
	}
	return time.Nanosecond
}

// Flags say how a sample came, which its fields cannot.
type Flags uint8

const (
	// BadQuality marks a sample whose output must not be used: the device
	// or its driver said so. It is still proof that the machine is heard.
	BadQuality Flags = 1 << iota
	// Retained marks a message a broker kept: it proves nothing about now.
	Retained
	// Delta marks counters that count since the last message, not in total.
	Delta
	// NoDeviceTime marks a stamp that is our arrival time: the device sent none.
	NoDeviceTime
)

// Has reports whether all of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// FieldKind tells which member of a Field holds its value.
type FieldKind uint8

// The kinds of field. A reading is a Float; a declared counter is an Int, or
// a Float where it is declared decimal.
const (
	Float FieldKind = iota
	Int
	String
	Bool
)

// Field is one named value of a sample.
type Field struct {
	Name  string
	Kind  FieldKind
	Int   int64
	Float float64
	Str   string
	Bool  bool
}

// Sample is one heartbeat of one machine, decoded.
//
// A Sample handed to a function is only lent: its slices and strings may be
// reused after the call unless the function's doc says otherwise.
type Sample struct {
	Plant, Line, Machine string
	// Gateway is the id taken from the topic, or empty.
	Gateway string
	// Broker names the connection the message came through.
	Broker string
	// Stamp is the event time by the device's clock, as sent: a multiple of
	// Unit. Where the device sends none it is Arrived, with NoDeviceTime set.
	Stamp Instant
	Unit  Unit
	// Arrived is when we received the message, by our clock.
	Arrived Instant
	// Seq is the device's sequence number, valid where HasSeq.
	Seq    uint64
	HasSeq bool
	// State is the machine's own word for what it does, or empty.
	State string
	Flags Flags
	// Scale turns one count of the machine's counter into output units, as
	// its profile declares; 0 means undeclared (1). The registry's own
	// counter declaration goes before it.
	Scale float64
	// Fields holds readings and counters, sorted by name, names unique.
	Fields []Field
}

// Field returns the field called name.
func (s *Sample) Field(name string) (Field, bool) {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return s.Fields[i], true
		}
	}
	return Field{}, false
}
