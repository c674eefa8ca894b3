package history

import "github.com/seed-00829101/heartline/plant"

// Kind tells what a Record is.
type Kind uint8

// The kinds of record.
const (
	Sample    Kind = iota // a machine's heartbeat
	Link                  // a gateway's link came or went
	Slot                  // what a line made in a quarter of an hour
	Listening             // we ourselves began or ceased to listen
	Declared              // a person said something
)

// Record is one thing that was recorded.
type Record struct {
	Kind Kind
	// At is when it arrived by our clock; of an export's row its event time.
	At plant.Instant
	// Plant is whose it is; empty for Listening.
	Plant   string
	Gateway string // of Link
	Up      bool   // of Link and Listening
	// Declaration is what was said; of Declared.
	Declaration *plant.Declaration
	// Sample is lent until the next record is read.
	Sample *plant.Sample
	Slot   *plant.OutputSlot // lent as well
	// Line is where it stands in the file, from 1.
	Line int
}

// Reader reads records in the order of the file.
type Reader interface {
	// Next returns the next record, io.EOF after the last one. A record that
	// cannot be read is a CodeInvalid error that names its line; the next
	// call goes on with the one after it.
	Next() (Record, error)
}
