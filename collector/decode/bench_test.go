package decode

import (
	"testing"

	"github.com/seed-00829101/heartline/plant"
)

func BenchmarkDecodeJSON(b *testing.B) {
	benchmark(b, "json", `{"ts":1700000000123,"seq":4211,"state":"running","good":1017,"scrap":2,"temperature":61.5231,"pressure":1.01325,"recipe":"cotton-240 blue"}`)
}

func BenchmarkDecodeLineProtocol(b *testing.B) {
	benchmark(b, "line-protocol", `heartbeat,machine=m1 seq=4211i,state="running",good=1017i,scrap=2i,temperature=61.5231,pressure=1.01325,recipe="x" 1700000000123000000`)
}

func benchmark(b *testing.B, name, payload string) {
	d, m := newDecoder(b, shipped(b, name)), message(payload)
	var samples []plant.Sample
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		samples, _ = d.Decode(samples[:0], m)
		if len(samples) != 1 {
			b.Fatal("no sample")
		}
	}
}
