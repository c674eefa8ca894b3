package collector

import (
	"context"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// Message is one message as it came off the wire. The Source owns Payload
// until Ack was called or the process ends: nobody changes it.
type Message struct {
	Topic    string
	Payload  []byte
	Retained bool
	QoS      byte
	// Dup and PacketID are the PUBLISH packet's own: of a message that says
	// neither time nor number they alone tell a redelivery. 0 for QoS 0.
	Dup      bool
	PacketID uint16
	// Broker names the connection, Source the index of the configured
	// source (topic template and profile) that matched.
	Broker string
	Source int
	// Levels holds what the topic template's named levels matched.
	Levels  Levels
	Arrived time.Time
	// Ack tells the broker that the message is safe. It does not block, is
	// called at most once, in the order of receipt, and is nil for QoS 0.
	Ack func()
}

// Levels are the named levels of a topic. Any may be empty.
type Levels struct {
	Plant, Line, Machine, Gateway, Field string
}

// LinkEvent says that a link came or went: a broker's (Gateway empty) or,
// by its last will, a gateway's.
type LinkEvent struct {
	Broker  string
	Plant   string
	Gateway string
	Up      bool
	// Ack as in Message: set where the event came as a message.
	Ack func()
}

// Inbox is where sources deliver. Both calls never block: a source whose
// broker honours its in-flight window cannot overflow it.
//
// Deliver and Link may be called from several goroutines; per broker the
// order of calls is the order of acknowledgement.
type Inbox interface {
	// Deliver takes m. It reports false where there is no room: the message
	// was not taken and will not be acknowledged (QoS 0: it is lost, and
	// counted by the inbox).
	Deliver(m Message) bool
	// Link takes a link event. Same rules.
	Link(e LinkEvent) bool
}

// Decoder turns a message into samples.
//
// Implementations are not safe for concurrent use; each loop has its own.
type Decoder interface {
	// Decode appends m's samples to dst and returns it. A message may hold
	// several; where only some can be read, those are returned and each of
	// the others is a Failure. A message that cannot be read at all gives
	// no sample and one failure. The samples alias m.Payload and the
	// decoder's own buffers: they are valid until the next Decode.
	Decode(dst []plant.Sample, m *Message) ([]plant.Sample, []Failure)
}

// Failure is a part of a message that could not be read.
type Failure struct {
	// Reason is a short code for counting: "syntax", "depth", "size",
	// "utf8", "number", "time", "missing", "type", "topic", "id", "discovered".
	Reason string `json:"reason"`
	// Words says what is wrong and where, for a person.
	Words string `json:"words"`
}

// DeadLetter is a message, or a part of one, that could not be stored. It is
// kept with everything needed to look into it and to try again.
type DeadLetter struct {
	At      time.Time `json:"at"`
	Topic   string    `json:"topic,omitempty"`
	Broker  string    `json:"broker,omitempty"`
	Source  string    `json:"source,omitempty"` // its topic template
	Plant   string    `json:"plant,omitempty"`
	Payload []byte    `json:"payload,omitempty"` // as received; nil for a refused point
	Point   []byte    `json:"point,omitempty"`   // the line protocol that was refused
	Reason  string    `json:"reason"`            // a Failure's, or "refused", "conflict"
	Words   string    `json:"words"`
}

// KeptLetter is a dead letter as it is kept. ID is its number: it rises, and
// is never given out twice.
type KeptLetter struct {
	ID uint64 `json:"id"`
	DeadLetter
}

// LetterQuery selects dead letters; what is zero selects all.
type LetterQuery struct {
	Reason   string
	Plant    string
	From, To time.Time // of DeadLetter.At, From <= At < To
	// Before, where not 0, selects those with a lower ID: the next page of
	// a list that is newest first.
	Before uint64
	Limit  int
}

// Wants reports whether the query selects k. Limit is its caller's to keep.
func (q *LetterQuery) Wants(k *KeptLetter) bool {
	return (q.Reason == "" || k.Reason == q.Reason) && (q.Plant == "" || k.Plant == q.Plant) &&
		(q.From.IsZero() || !k.At.Before(q.From)) && (q.To.IsZero() || k.At.Before(q.To)) &&
		(q.Before == 0 || k.ID < q.Before)
}

// Queue is the durable queue of frames.
type Queue interface {
	// Append writes frame and returns its sequence number once it is on
	// disk. A CodeFull error means that nothing was written and that it may
	// be tried again; any other error means that the queue is broken.
	// Not safe for concurrent use: there is one writer.
	Append(ctx context.Context, frame []byte) (uint64, error)
	// AppendControl is Append that may use the reserve kept for ticks and
	// control frames.
	AppendControl(ctx context.Context, frame []byte) (uint64, error)
	// Last returns the newest frame and its sequence number; 0 and nil
	// where there is none.
	Last(ctx context.Context) (uint64, []byte, error)
}

// DeadLetters keeps dead letters.
type DeadLetters interface {
	// Put keeps d; it is on disk when Put returns nil. Safe for concurrent
	// use.
	Put(ctx context.Context, d DeadLetter) error
}

// LetterBox is DeadLetters that can be given up again.
type LetterBox interface {
	DeadLetters
	// Remove gives up the dead letter with this ID; one that is gone already
	// is no error. Safe for concurrent use.
	Remove(ctx context.Context, id uint64) error
}

// Clock tells the time; time.Now outside tests.
type Clock func() time.Time
