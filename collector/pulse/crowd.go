package pulse

import (
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/seed-00829101/heartline/plant"
)

// crowdBits is how many bits tell the machines that are not watched apart.
const crowdBits = 1 << 16

// crowd counts machines without remembering them: each sets one bit, and how
// many there are follows from how many bits are still clear (linear counting,
// Whang et al. 1990).
type crowd struct {
	samples uint64
	seed    maphash.Seed
	seen    []uint64
}

func (c *crowd) add(s *plant.Sample) {
	if c.seen == nil {
		c.seed, c.seen = maphash.MakeSeed(), make([]uint64, crowdBits/64)
	}
	c.samples++
	var h maphash.Hash
	h.SetSeed(c.seed)
	for _, id := range [...]string{s.Plant, s.Line, s.Machine} {
		_, _ = h.WriteString(id)
		_ = h.WriteByte('/')
	}
	bit := h.Sum64() % crowdBits
	c.seen[bit/64] |= 1 << (bit % 64)
}

func (c *crowd) machines() uint64 {
	set := 0
	for _, word := range c.seen {
		set += bits.OnesCount64(word)
	}
	clear := max(crowdBits-set, 1)
	return uint64(math.Round(-crowdBits * math.Log(float64(clear)/crowdBits)))
}
