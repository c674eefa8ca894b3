package rules

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"

	"github.com/seed-00829101/heartline/plant"
)

// fields packs or unpacks a struct that visits its fields in the order of their
// numbers: each field's number and kind (uvarint), then an integer (varint), or
// bytes after their length. What is zero is left out, what is not known is passed
// over, so that a new field with a higher number changes no version. CBOR does
// the same by name and reflection, which with half a million machines takes ten
// times as long.
type fields struct {
	b     []byte // written so far, or left to read
	reads bool
	words *words
	tag   uint64 // of the field that is read next; 0: not looked at
	err   error
}

var errShort = errors.New("it ends too early, or a length in it is wrong")

// The kinds of field, in the lowest bit of a tag.
const (
	kindInteger uint64 = iota
	kindBytes
)

// tagOf is how a field's number and kind are written.
func tagOf(num, kind uint64) uint64 { return num<<1 | kind }

// at reports whether field num is there to be read.
func (f *fields) at(num, kind uint64) bool {
	for f.err == nil && (f.tag != 0 || len(f.b) > 0) {
		if f.tag == 0 {
			f.tag = f.uvarint()
		}
		if f.tag>>1 > num {
			return false
		}
		if f.tag == num<<1|kind {
			f.tag = 0
			return f.err == nil
		}
		f.skip()
	}
	return false
}

func (f *fields) skip() {
	if f.tag&1 == kindBytes {
		f.bytes()
	} else {
		f.uvarint()
	}
	f.tag = 0
}

// end returns what was wrong, at the end of what was read.
func (f *fields) end() error {
	f.at(math.MaxUint64>>1, kindInteger)
	return f.err
}

func (f *fields) uvarint() uint64 {
	v, n := binary.Uvarint(f.b)
	if n <= 0 {
		f.err, f.b = errShort, nil
		return 0
	}
	f.b = f.b[n:]
	return v
}

func (f *fields) bytes() []byte {
	item, rest, err := cutItem(f.b)
	if err != nil {
		f.err = err
	}
	f.b = rest
	return item
}

// lengthSize is the room for the length of what is not written yet.
const lengthSize = 4

// open begins something whose length comes before it; close ends it.
func (f *fields) open() (at int) {
	f.b = append(f.b, make([]byte, lengthSize)...)
	return len(f.b)
}

func (f *fields) close(at int) {
	n := len(f.b) - at
	for i := range lengthSize {
		f.b[at-lengthSize+i] = byte(n&0x7f) | 0x80 // a uvarint, as long as its room
		n >>= 7
	}
	f.b[at-1] &= 0x7f
}

// integer visits a number.
func integer[T ~int | ~int64 | ~uint8 | ~uint64](f *fields, num uint64, v *T) {
	if f.reads {
		if f.at(num, kindInteger) {
			x := f.uvarint()
			*v = T(int64(x>>1) ^ -int64(x&1))
		}
	} else if *v != 0 {
		f.b = binary.AppendVarint(binary.AppendUvarint(f.b, tagOf(num, kindInteger)), int64(*v))
	}
}

func flag(f *fields, num uint64, v *bool) {
	var x uint8
	if *v {
		x = 1
	}
	integer(f, num, &x)
	*v = x != 0
}

// decimal visits a float; its bits are turned around, since the last are mostly 0.
func decimal(f *fields, num uint64, v *float64) {
	x := bits.ReverseBytes64(math.Float64bits(*v))
	integer(f, num, &x)
	*v = math.Float64frombits(bits.ReverseBytes64(x))
}

func text[T ~string](f *fields, num uint64, v *T) {
	if f.reads {
		if f.at(num, kindBytes) {
			*v = T(f.words.word(f.bytes()))
		}
	} else if *v != "" {
		f.b = binary.AppendUvarint(binary.AppendUvarint(f.b, tagOf(num, kindBytes)), uint64(len(*v)))
		f.b = append(f.b, *v...)
	}
}

// list visits a few structs: how many of them, then the fields of each.
func list[T any](f *fields, num uint64, v *[]T, visit func(*T, *fields)) {
	if f.reads {
		if !f.at(num, kindBytes) {
			return
		}
		for rest := f.bytes(); len(rest) > 0 && f.err == nil; {
			var item []byte
			if item, rest, f.err = cutItem(rest); f.err != nil {
				return
			}
			var x T
			one := fields{b: item, reads: true, words: f.words}
			visit(&x, &one)
			f.err = one.end()
			*v = append(*v, x)
		}
		return
	}
	if len(*v) == 0 {
		return
	}
	f.b = binary.AppendUvarint(f.b, tagOf(num, kindBytes))
	whole := f.open()
	for i := range *v {
		one := f.open()
		visit(&(*v)[i], f)
		f.close(one)
	}
	f.close(whole)
}

// packed visits what few machines have, as CBOR.
func packed[T any](f *fields, num uint64, v **T) {
	if f.reads {
		if f.at(num, kindBytes) {
			*v = new(T)
			if err := unpacking.Unmarshal(f.bytes(), *v); err != nil && f.err == nil {
				f.err = err
			}
		}
		return
	}
	if *v == nil {
		return
	}
	text, err := packing.Marshal(*v)
	f.err = err
	f.b = binary.AppendUvarint(binary.AppendUvarint(f.b, tagOf(num, kindBytes)), uint64(len(text)))
	f.b = append(f.b, text...)
}

// visitRecent visits the identities of samples: eight bytes each.
func visitRecent(f *fields, num uint64, v *recent) {
	if !f.reads {
		if len(*v) > 0 {
			f.b = binary.AppendUvarint(binary.AppendUvarint(f.b, tagOf(num, kindBytes)), uint64(8*len(*v)))
			for _, id := range *v {
				f.b = binary.BigEndian.AppendUint64(f.b, id)
			}
		}
		return
	}
	if !f.at(num, kindBytes) {
		return
	}
	raw := f.bytes()
	if len(raw)%8 != 0 || len(raw) > 8*recentDeltas {
		f.err = plant.Errorf(plant.CodeDamaged, "the identities of recent samples are damaged (%d bytes)", len(raw))
		return
	}
	*v = make(recent, len(raw)/8)
	for i := range *v {
		(*v)[i] = binary.BigEndian.Uint64(raw[8*i:])
	}
}

// words are strings that many machines share.
type words map[string]string

// maxWords bounds them.
const maxWords = 1000

func (w *words) word(b []byte) string {
	if s, ok := (*w)[string(b)]; ok {
		return s
	}
	if *w == nil || len(*w) >= maxWords {
		*w = words{}
	}
	s := string(b)
	(*w)[s] = s
	return s
}
