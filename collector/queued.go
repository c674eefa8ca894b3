package collector

// Queued is one entry of a queue as a reader gets it: a frame, or a document
// of results.
type Queued struct {
	// Seq is its number in the queue: it rises, not always by one.
	Seq uint64
	// Data belongs to whoever got the Queued; nobody else changes it.
	Data []byte
}
