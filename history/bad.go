package history

import (
	"fmt"

	"github.com/seed-00829101/heartline/plant"
)

// maxBadText is how much is kept of a row that cannot be read, in bytes.
const maxBadText = 64 << 10

// BadRow is the error of a row that cannot be read: its code is CodeInvalid.
type BadRow struct {
	Line  int    // from 1, where it begins in the file
	Plant string // whose it is; empty: not known
	Text  string // as it stands in the file
	Err   error  // what is wrong, without the line
}

func badRow(line int, plantID string, text []byte, err error) *BadRow {
	return &BadRow{Line: line, Plant: plantID, Text: string(text[:min(len(text), maxBadText)]), Err: plant.Errorf(plant.CodeInvalid, "%w", err)}
}

func (b *BadRow) Error() string { return fmt.Sprintf("line %d: %v", b.Line, b.Err) }

// Unwrap returns what is wrong.
func (b *BadRow) Unwrap() error { return b.Err }
