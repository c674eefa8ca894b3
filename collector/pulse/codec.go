package pulse

import (
	"encoding/binary"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// codec writes what is remembered, or reads it back: one list of what there is
// for both, so that they cannot differ. What cannot be read sets bad, and reads
// as zero from there on.
type codec struct {
	buf   []byte // written at its end
	pos   int    // it is read from here
	reads bool
	bad   bool
	at    plant.Instant // what times are written relative to
}

func (c *codec) uint(v *uint64) {
	if !c.reads {
		c.buf = binary.AppendUvarint(c.buf, *v)
		return
	}
	if c.pos < len(c.buf) && c.buf[c.pos] < 0x80 {
		*v = uint64(c.buf[c.pos])
		c.pos++
		return
	}
	x, n := binary.Uvarint(c.buf[c.pos:])
	if n <= 0 {
		c.fail()
		x, n = 0, 0
	}
	*v, c.pos = x, c.pos+n
}

// fail ends the reading.
func (c *codec) fail() { c.bad, c.pos = true, len(c.buf) }

// left is what is still to be read.
func (c *codec) left() int { return len(c.buf) - c.pos }

func (c *codec) byte(v *uint8) {
	if !c.reads {
		c.buf = append(c.buf, *v)
		return
	}
	if c.left() == 0 {
		c.fail()
		*v = 0
		return
	}
	*v = c.buf[c.pos]
	c.pos++
}

func (c *codec) bool(v *bool) {
	var b uint8
	if *v {
		b = 1
	}
	c.byte(&b)
	*v = b == 1
}

func (c *codec) span(v *time.Duration) {
	x := uint64(*v<<1) ^ uint64(*v>>63) // small ones are short, whatever their sign
	c.uint(&x)
	*v = time.Duration(x>>1) ^ -time.Duration(x&1)
}

// time writes none as 0, and every other as how far it is from at.
func (c *codec) time(v *plant.Instant) {
	known := *v != 0
	c.bool(&known)
	if !known {
		*v = 0
		return
	}
	d := c.at.Sub(*v)
	c.span(&d)
	*v = c.at.Add(-d)
}

// bounded is a length that may be at most so much.
func (c *codec) bounded(v *uint8, most int) {
	c.byte(v)
	if int(*v) > most {
		c.fail()
		*v = 0
	}
}

// names are several names, read into one string.
func (c *codec) names(names ...*string) {
	var lengths [3]uint64
	total := uint64(0)
	for i, s := range names {
		lengths[i] = uint64(len(*s))
		c.uint(&lengths[i])
		total += min(lengths[i], 1<<32)
	}
	if !c.reads {
		for _, s := range names {
			c.buf = append(c.buf, *s...)
		}
		return
	}
	if total > uint64(c.left()) {
		c.fail()
		return
	}
	all := string(c.buf[c.pos:][:total])
	c.pos += int(total)
	for i, s := range names {
		*s, all = all[:lengths[i]], all[lengths[i]:]
	}
}
