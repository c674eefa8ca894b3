package queue

import (
	"bytes"
	"fmt"
	"testing"
)

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{4 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			_, q := newQueue(b)
			data := bytes.Repeat([]byte("x"), size)
			b.SetBytes(int64(size))
			for b.Loop() {
				mustAppend(b, q, data)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
		})
	}
}

func BenchmarkCursor(b *testing.B) {
	for _, size := range []int{4 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			_, q := newQueue(b)
			data := bytes.Repeat([]byte("x"), size)
			const stored = 500
			for range stored {
				mustAppend(b, q, data)
			}
			c, err := q.StoreCursor(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(size))
			read := 0
			for b.Loop() {
				if read++; read%stored == 0 {
					c.next = 1
				}
				if read%50 != 0 { // one fetch brings up to 50
					continue
				}
				if _, err := c.Fetch(b.Context(), 50); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
