package reference

// booking is output with the time it covers.
type booking struct {
	from, to int64 // to: the stamp
	amount   float64
	spread   bool // evenly over the scheduled minutes of (from, to]
}

// counting reads one machine's good samples, none of them late.
type counting struct {
	line   *lineConf
	hole   int64   // more than this long without a good sample is one
	seen   bool    // a sample with a count
	value  float64 // of the sample before
	valued int64   // its stamp
	spike  *before // the value before an implausible rise
	tops   []float64
}

type before struct {
	value float64
	at    int64
}

// verdict is what one comparison came to.
type verdict struct {
	amount float64 // in counts
	good   bool    // plausible
	rise   bool
	top    int // how many values before falls were come back to
}

// next reads a sample: what it adds in units, and whether a difference over a
// hole covers it (else the hole stays unobserved).
func (c *counting) next(at int64, value float64) (amount float64, from int64, covers bool) {
	if c.line.Kind == "delta" {
		return value * c.scale(), at, false
	}
	if !c.seen {
		c.seen, c.value, c.valued = true, value, at
		return 0, at, false
	}
	if c.spike != nil {
		if v := c.compare(c.spike.value, value, at-c.spike.at); v.good {
			c.value, c.valued = c.spike.value, c.spike.at
			c.spike = nil
			return c.take(at, value, v)
		}
	}
	v := c.compare(c.value, value, at-c.valued)
	c.spike = nil
	switch {
	case v.good:
		return c.take(at, value, v)
	case v.rise:
		c.spike = &before{c.value, c.valued}
	default:
		c.tops = append(c.tops, c.value)
	}
	c.value, c.valued = value, at
	return 0, at, false
}

func (c *counting) take(at int64, value float64, v verdict) (float64, int64, bool) {
	from := c.valued
	if c.tops = c.tops[:len(c.tops)-v.top]; !v.rise {
		c.tops = nil // it began anew
	}
	c.value, c.valued = value, at
	return v.amount * c.scale(), from, true
}

func (c *counting) compare(a, b float64, passed int64) verdict {
	if b >= a {
		v := verdict{rise: true}
		// A total that comes back to its value before a fall counts from there.
		for i := len(c.tops) - 1; i >= 0 && b >= c.tops[i]; i-- {
			v.top++
			a = max(a, c.tops[i])
		}
		v.amount = b - a
		v.good = c.plausible(v.amount, passed)
		return v
	}
	m := float64(c.line.Rollover)
	rolled := m > 0 && c.plausible(b-a+m, passed)
	reset := c.line.Resets && c.plausible(b, passed)
	late := passed > c.hole
	switch {
	case reset && (late || !rolled):
		return verdict{amount: b, good: true}
	case rolled:
		return verdict{amount: b - a + m, good: true}
	}
	return verdict{}
}

func (c *counting) scale() float64 {
	if c.line.Scale == 0 {
		return 1
	}
	return c.line.Scale
}

// plausible: one count, or at most twice what the ideal cycle, else the normal
// figure, makes in the time passed; with neither, under half of M.
func (c *counting) plausible(counts float64, passed int64) bool {
	made := counts * c.scale()
	switch {
	case counts <= 1:
		return true
	case c.line.IdealCycle > 0:
		return made <= 2*float64(passed)/float64(c.line.IdealCycle)
	case c.line.Normal > 0:
		return made <= 2*c.line.Normal*float64(passed)/float64(hour)
	case c.line.Rollover > 0:
		return counts < float64(c.line.Rollover)/2
	}
	return true
}
