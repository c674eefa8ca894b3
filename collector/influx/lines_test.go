package influx

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// takeInto appends the lines of a frame, in order.
func takeInto(t testing.TB, data []byte, lines *[][]byte) {
	t.Helper()
	s := sorted{lanes: make([][]line, 1)}
	takeFrame(collector.Queued{Seq: 1, Data: append([]byte(nil), data...)}, &s, 0)
	if s.damage != nil {
		t.Fatal(s.damage)
	}
	for _, l := range s.lanes[0] {
		*lines = append(*lines, l.text)
	}
}

// noise returns n letters that gzip cannot make much smaller.
func noise(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, n)
	for i := range text {
		text[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"[r.IntN(64)]
	}
	return string(text)
}

func BenchmarkBody(b *testing.B) {
	var lines [][]byte
	for i := range 6000 {
		takeInto(b, frame(b, sample("shaoxing-07", i)), &lines)
	}
	points := make([]point, len(lines))
	for i := range lines {
		points[i].line = lines[i]
	}
	body := newBody()
	for b.Loop() {
		body.fill(points)
	}
	b.ReportMetric(float64(b.N*len(points))/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(len(body.plain))/float64(body.packed.Len()), "ratio")
}

func BenchmarkTakeFrame(b *testing.B) {
	var samples []plant.Sample
	for i := range 1000 {
		samples = append(samples, sample(fmt.Sprintf("plant-%d", i%50), i))
	}
	q := collector.Queued{Seq: 1, Data: append([]byte(nil), frame(b, samples...)...)}
	s := sorted{lanes: make([][]line, 4)}
	for b.Loop() {
		s.reset()
		takeFrame(q, &s, 0)
	}
	b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "lines/s")
}
