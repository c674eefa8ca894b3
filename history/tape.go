package history

import (
	"bytes"
	"errors"
	"io"
)

// maxRow bounds one row, in bytes.
const maxRow = 1 << 20

var errLongRow = errors.New("a row is too long")

// tape keeps what was read from a file since the row that is being read began:
// a row that cannot be read is told as it stands, and the next one begins on
// the next line.
type tape struct {
	file io.Reader
	kept []byte // from the row's start on
	next int    // of kept: what is read next; less than len after a rewind
}

// Read implements io.Reader.
func (t *tape) Read(p []byte) (int, error) {
	if t.next < len(t.kept) {
		n := copy(p, t.kept[t.next:])
		t.next += n
		return n, nil
	}
	if len(t.kept) > maxRow {
		return 0, errLongRow
	}
	n, err := t.file.Read(p)
	t.kept = append(t.kept, p[:n]...)
	t.next = len(t.kept)
	return n, err
}

// pass forgets the first n bytes, which are read, and returns them. They are
// valid until the next Read.
func (t *tape) pass(n int) []byte {
	row := t.kept[:n]
	t.kept, t.next = t.kept[n:], t.next-n
	return row
}

// skipLine forgets the first line and returns it; all that follows is read
// again. false where there is no line.
func (t *tape) skipLine() (line []byte, ok bool) {
	i := bytes.IndexByte(t.kept, '\n')
	for i < 0 && len(t.kept) > 0 { // a line without end: to its end
		chunk := make([]byte, 64<<10)
		n, err := t.file.Read(chunk)
		if i = bytes.IndexByte(chunk[:n], '\n'); i >= 0 {
			i += len(t.kept)
		}
		t.kept = append(t.kept, chunk[:n]...)
		if len(t.kept) > 2*maxRow && i < 0 {
			t.kept = t.kept[:maxRow] // its rest tells nothing more
		}
		if err != nil && i < 0 {
			i = len(t.kept) - 1
		}
	}
	if i < 0 {
		return nil, false
	}
	line = t.kept[:i+1]
	t.kept, t.next = t.kept[i+1:], 0
	return line, true
}
