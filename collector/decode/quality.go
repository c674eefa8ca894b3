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
