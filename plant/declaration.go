package plant

// Declaration is what a person said about a plant or line. It comes to the
// rules as an event, so that it replays.
type Declaration struct {
	ID    string  `json:"id"`
	Kind  string  `json:"kind"`
	Plant string  `json:"plant"`
	Line  string  `json:"line,omitempty"` // "": all of the plant's lines
	From  Instant `json:"from"`
	To    Instant `json:"to"`
	// Reason and By are the person's own words and name.
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"`
}

// The kinds of declaration.
const (
	DeclareExclude     = "exclude"      // the plant, out of every figure
	DeclarePlannedStop = "planned_stop" // of a line
	DeclareChangeover  = "changeover"   // of a line, to another product
	DeclareNote        = "note"         // nothing but words
	DeclareWithdraw    = "withdraw"     // takes back the declaration with that ID
)
