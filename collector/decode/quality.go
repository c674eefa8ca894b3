package decode

import "github.com/seed-00829101/heartline/collector"

// quality is what good qualities look like.
type quality struct {
	words  []string
	ranges [][2]int64
}

func newQuality(good []string) (q quality) {
	for _, g := range good {
		if low, high, ok := collector.QualityRange(g); ok {
			q.ranges = append(q.ranges, [2]int64{low, high})
		} else {
			q.words = append(q.words, g)
		}
	}
	return q
}

// has reports whether text, as the message has it, is a good quality.
func (q *quality) has(text []byte) bool {
	for _, w := range q.words {
		if w == string(text) {
			return true
		}
	}
	if len(q.ranges) == 0 {
		return false
	}
	n, w := parseInt64(text)
	if w != wholeOK {
		return false
	}
	for _, r := range q.ranges {
		if r[0] <= n && n <= r[1] {
			return true
		}
	}
	return false
}

// disown gives the value of p, which has bad quality and which the topic
// names, a name of its own, so that a query of the name finds good ones only.
// Where it is neither a counter nor the state, its quality is its own affair.
func (d *Decoder) disown(p *part) {
	if p.value.role != roleField && p.value.role != roleCounter {
		return
	}
	d.named = append(append(d.named[:0], d.m.Levels.Field...), "_bad"...)
	m := d.layout.find(d.named)
	for i := p.first; i < len(d.fields); i++ {
		if f := &d.fields[i]; f.Name == p.value.name && m.wrong == "" {
			f.Name = m.name
		}
	}
	p.bad = p.value.role == roleCounter
}
