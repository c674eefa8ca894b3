package influx

import (
	"testing"

	"github.com/seed-00829101/heartline/collector"
)

// takeInto appends the lines of a frame, in order.
func takeInto(t testing.TB, data []byte, lines *[][]byte) {
	t.Helper()
	s := sorted{lanes: make([][][]byte, 1)}
	takeFrame(collector.Queued{Seq: 1, Data: append([]byte(nil), data...)}, &s)
	if s.damage != nil {
		t.Fatal(s.damage)
	}
	*lines = append(*lines, s.lanes[0]...)
}
