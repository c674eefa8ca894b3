package rules

import "github.com/seed-00829101/heartline/plant"

// EventKind tells what an Event is.
type EventKind uint8

// Everything the rules see.
const (
	// Tick: time has passed, nothing else.
	Tick EventKind = iota
	// SampleSeen: a machine's heartbeat, in Sample.
	SampleSeen
	// GatewayLink: a gateway's session came (Up) or went, by its last will.
	GatewayLink
	// BrokerLink: our connection to Broker came (Up) or went.
	BrokerLink
	// Listening: we ourselves began (Up) or ceased to listen.
	Listening
	// Declared: a person said something, in Declaration.
	Declared
	// SlotSeen: what a line made in a slot of the past, in Slot; for histories
	// that hold no samples any more.
	SlotSeen
	// Defined: from here on Definition holds.
	Defined
)

// Event is one thing that happened, in the order of the queue.
type Event struct {
	Kind EventKind
	// At is when the collector wrote it down; it never decreases.
	At plant.Instant
	// Seq is the frame's sequence number. Events of one frame share it.
	Seq        uint64
	Sample     *plant.Sample // lent: Step keeps no reference to it
	Plant      string
	Gateway    string
	Broker     string
	Up         bool
	Definition *Definition
	Slot       *plant.OutputSlot // lent, like Sample
	// Declaration is lent, like Sample.
	Declaration *plant.Declaration
}
