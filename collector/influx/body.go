package influx

import (
	"bytes"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
)

// point is one line on its way, and the entry of the queue it came in.
type point struct {
	line    []byte // without a newline
	from    *entry
	account int32
}

// body is a request's gzipped body. It is used again once no request can
// still be reading it: an HTTP transport may read on after it has returned.
type body struct {
	plain   []byte
	packed  bytes.Buffer
	zip     *gzip.Writer
	readers atomic.Int32
}

func newBody() *body {
	b := new(body)
	b.zip, _ = gzip.NewWriterLevel(&b.packed, gzip.BestSpeed) // fails for unknown levels only
	return b
}

// fill packs points, one a line.
func (b *body) fill(points []point) {
	b.plain = b.plain[:0]
	for i := range points {
		b.plain = append(append(b.plain, points[i].line...), '\n')
	}
	b.pack()
}

func (b *body) pack() {
	b.packed.Reset()
	b.zip.Reset(&b.packed)
	b.zip.Write(b.plain) // a bytes.Buffer takes everything
	b.zip.Close()
}

// reader returns the body from its start. Who gets it closes it.
func (b *body) reader() io.ReadCloser {
	b.readers.Add(1)
	return &bodyReader{Reader: bytes.NewReader(b.packed.Bytes()), of: b}
}

// free reports whether every reader was closed.
func (b *body) free() bool { return b.readers.Load() == 0 }

type bodyReader struct {
	*bytes.Reader
	of     *body
	closed atomic.Bool
}

func (r *bodyReader) Close() error {
	if r.closed.CompareAndSwap(false, true) {
		r.of.readers.Add(-1)
	}
	return nil
}
