package app

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/s2"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/pulse"
	"github.com/seed-00829101/heartline/plant"
)

// The file begins with memoryMark. The rest is one S2 stream, which has sums of
// its own, of parts, each behind its length as uvarint: the loop's memory as
// JSON, then pieces of what was seen of machines; an empty one is the end.
const memoryMark = "heartline memory 1\n"

// maxMemoryPart bounds what one part may claim to be, in bytes.
const maxMemoryPart = 256 << 20

// writeMemory makes the file appear at once with its whole content: mem, and the
// pieces that next returns until it returns none.
func writeMemory(name string, mem collector.Memory, next func() ([]byte, error)) error {
	head, err := json.Marshal(mem)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, memoryMark)
	zip := s2.NewWriter(f, s2.WriterConcurrency(1))
	for part := head; err == nil; part, err = next() {
		_, werr := zip.Write(binary.AppendUvarint(nil, uint64(len(part))))
		if _, perr := zip.Write(part); werr != nil || perr != nil {
			err = errors.Join(werr, perr)
			break
		}
		if len(part) == 0 {
			break
		}
	}
	if err = errors.Join(err, zip.Close(), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name+".new")) // the disk may be full
	}
	return os.Rename(name+".new", name)
}

// readMemory reads what writeMemory wrote. With an error there is no tracker, and
// the loop's memory only where it is whole.
func readMemory(name string, cfg pulse.Config) (collector.Memory, *pulse.Tracker, error) {
	var mem collector.Memory
	f, err := os.Open(name)
	if err != nil {
		return mem, nil, err
	}
	defer f.Close()
	mark := make([]byte, len(memoryMark))
	if _, err := io.ReadFull(f, mark); err != nil || !bytes.Equal(mark, []byte(memoryMark)) {
		return mem, nil, plant.Errorf(plant.CodeDamaged, "it does not begin with %q", memoryMark)
	}
	parts := memoryParts{in: bufio.NewReader(s2.NewReader(f))}
	head, err := parts.next()
	if err == nil {
		err = json.Unmarshal(head, &mem)
	}
	if err != nil {
		return collector.Memory{}, nil, err
	}
	tracker, err := pulse.Restore(cfg, func(yield func([]byte, error) bool) {
		for {
			part, err := parts.next()
			if err == nil && len(part) == 0 || !yield(part, err) {
				return
			}
		}
	})
	return mem, tracker, err
}

// memoryParts reads the parts of the file, into the same memory.
type memoryParts struct {
	in  *bufio.Reader
	buf []byte
}

func (p *memoryParts) next() ([]byte, error) {
	n, err := binary.ReadUvarint(p.in)
	if err == nil && n > maxMemoryPart {
		err = plant.Errorf(plant.CodeDamaged, "a part of %d bytes is none", n)
	}
	if err != nil {
		return nil, noEnd(err)
	}
	if uint64(cap(p.buf)) < n {
		p.buf = make([]byte, n)
	}
	_, err = io.ReadFull(p.in, p.buf[:n])
	return p.buf[:n], noEnd(err)
}

// noEnd is err; the end of the file, which comes too early here, is an error.
func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
