package rules

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"slices"
)

// savedMark begins a snapshot of version 6. Items follow, each after its length
// (uvarint): first what is of no plant (CBOR), then one of each plant, in any
// order. A plant's item is its place in the registry (uvarint), all of it but its
// machines (CBOR, after its length), and the machines of each line: how many
// (uvarint), and each after its length (see pack.go).
var savedMark = []byte("HLS6")

// pieceSize is about how large a piece of a snapshot is.
const pieceSize = 512 << 10

// Saving is a snapshot of a State as it was when Save was called. It is put
// together piece by piece while the State goes on: what an event changes is
// written down before. It belongs to whoever calls Step.
type Saving struct {
	order []*plantState
	next  int // of order; all before are written
	size  int // of a piece, about
	piece []byte
	full  [][]byte // pieces that nobody took yet
	err   error
}

// Save begins a snapshot of s and gives up one that is not at its end. What its
// pieces hold together is what Marshal returns.
func (s *State) Save() (*Saving, error) {
	if s.defined.of != s.def {
		text, err := json.Marshal(s.def)
		if err != nil {
			return nil, err
		}
		s.defined.of, s.defined.text = s.def, text
	}
	head, err := packing.Marshal(&snapshot{
		Version: snapshotVersion, Seq: s.seq, Index: s.index, AtNanos: int64(s.at), Listening: s.listening,
		Defined: s.defined.text, Links: s.links, Strangers: s.strangers, Late: s.late,
	})
	if err != nil {
		return nil, err
	}
	v := &Saving{order: s.order, size: pieceSize, piece: slices.Clone(savedMark)}
	v.piece = append(binary.AppendUvarint(v.piece, uint64(len(head))), head...)
	for _, p := range s.order {
		p.owed = v
	}
	return v, nil
}

// Next returns the next piece, which is the caller's, and io.EOF after the last.
func (v *Saving) Next() ([]byte, error) {
	for ; len(v.full) == 0 && v.next < len(v.order); v.next++ {
		v.order[v.next].keep(v)
	}
	if v.err != nil {
		return nil, v.err
	}
	if len(v.full) > 0 {
		piece := v.full[0]
		v.full[0], v.full = nil, v.full[1:]
		return piece, nil
	}
	if len(v.piece) == 0 {
		return nil, io.EOF
	}
	piece := v.piece
	v.piece = nil
	return piece, nil
}

// Drop gives the snapshot up.
func (v *Saving) Drop() {
	for _, p := range v.order {
		if p.owed == v {
			p.owed = nil
		}
	}
	v.full, v.piece, v.next = nil, nil, len(v.order)
}

// Marshal writes the state, its definition included.
func (s *State) Marshal() ([]byte, error) {
	v, err := s.Save()
	if err != nil {
		return nil, err
	}
	var out []byte
	for {
		piece, err := v.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, piece...)
	}
}

// changes is to be called before anything that a snapshot holds of p changes.
func (p *plantState) changes() {
	if p.owed != nil {
		p.keep(p.owed)
	}
}

// allChange is changes of every plant.
func (s *State) allChange() {
	for _, p := range s.order {
		p.changes()
	}
}

// keep writes p down where v has not got it yet.
func (p *plantState) keep(v *Saving) {
	if p.owed != v {
		return
	}
	p.owed = nil
	if len(v.piece) >= v.size {
		v.full, v.piece = append(v.full, v.piece), make([]byte, 0, v.size+v.size/8)
	}
	f := fields{b: v.piece}
	at := f.open()
	if err := p.pack(&f); err != nil {
		v.err = err
	}
	f.close(at)
	v.piece = f.b
}
