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

// gatewayMessages are what one machine sends again and again.
var gatewayMessages = []struct{ profile, payload string }{
	{"thingsboard", `{"ts":1700000000123,"values":{"good":1017,"scrap":2,"temperature":61.5231,"pressure":1.01325}}`},
	{"kepware", `{"timestamp":1700000000999,"values":[{"id":"l1.m1.good","v":1017,"q":true,"t":1700000000123},{"id":"l1.m1.scrap","v":2,"q":true,"t":1700000000123},{"id":"l1.m1.temp","v":61.5,"q":true,"t":1700000000123}]}`},
	{"neuron", `{"timestamp":1700000000123,"node":"m1","group":"g","values":{"good":1017,"temp":1.5},"errors":{"speed":2014},"metas":{}}`},
	{"devtank", `{"UNIX":1700000000,"NAME":"m1","VALUES":{"CNT1":"1017","TEMP":"23.5"}}`},
	{"aveva", `{"d":1017,"dt":3,"ts":"2026-02-10T08:00:00.123Z","q":192}`},
	{"value", `32.5`},
	{"csv", "1700000000123,1017,2\n"},
	{"mtconnect", "2016-09-27T22:04:33.304836Z|execution|ACTIVE|part_count|1017|Sspeed|1200.5\n"},
}

func BenchmarkDecodeGateways(b *testing.B) {
	for _, x := range gatewayMessages {
		b.Run(x.profile, func(b *testing.B) { benchmark(b, x.profile, x.payload) })
	}
}

func benchmark(b *testing.B, name, payload string) {
	d, m := newDecoder(b, shipped(b, name)), message(payload)
	m.Levels.Field = "temp"
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
