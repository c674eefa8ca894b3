package decode

import (
	"testing"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

func FuzzJSON(f *testing.F) {
	for _, payload := range notJSON {
		f.Add([]byte(payload))
	}
	for _, payload := range []string{
		`{"ts":1700000000123,"seq":42,"state":"running","good":1017,"scrap":2,"temp":61.5}`,
		`{"s":[{"good":1},{"good":"x"},{"a":{"b":1}}],"t":1,"m":"m1"}`, `{"plant":1,"time":"x","a\u0000":true}`, `{"":{"":1}}`, `[{}]`,
	} {
		f.Add([]byte(payload))
	}
	d := newDecoder(f, shipped(f, "json"), profile(f, "name: x\nformat: json\nsamples: s\nmachine: m\ninclude: [a, b.c]\ntime: {unit: rfc3339}\n"),
		profile(f, "name: y\nformat: json\nsamples: $\nexclude: [a]\ncounters: [{field: a.b, kind: delta, scale: 2, decimal: true}]\n"),
		shipped(f, "thingsboard"), shipped(f, "kepware"), shipped(f, "neuron"), shipped(f, "xinje"), shipped(f, "devtank"), shipped(f, "aveva"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		for source := range d.layouts {
			upholds(t, d, source, payload)
		}
	})
}

func FuzzLineProtocol(f *testing.F) {
	for _, payload := range []string{
		`heartbeat,machine=m1 good=17i,scrap=2i,state="running" 1700000000123000000`, "a b=1\n\n# c\na,x=\\ y b=\"\n\",c=t -5\r\n", "a,time=1 time=2,a.b=1u\n",
	} {
		f.Add([]byte(payload))
	}
	d := newDecoder(f, shipped(f, "line-protocol"), profile(f, "name: x\nformat: line-protocol\nmeasurements: [a]\ntime: {unit: s}\nrename: [{from: b, to: c}]\n"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		for source := range d.layouts {
			upholds(t, d, source, payload)
		}
	})
}

func FuzzRows(f *testing.F) {
	for _, payload := range []string{
		"1700000000123,1017,2\r\n", "a,b\n1,\"x\ny\"\n", "2016-09-27T22:04:33.304836Z|execution|ACTIVE|part_count|1017\n", "32.5", `"a\"b"`, "true", "a\x00b", "|||",
	} {
		f.Add([]byte(payload))
	}
	d := newDecoder(f, shipped(f, "csv"), shipped(f, "mtconnect"), shipped(f, "value"), profile(f, "name: x\nformat: csv\nseparator: ;\nnumbers: [\"*\"]\n"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		for source := range d.layouts {
			upholds(t, d, source, payload)
		}
	})
}

// upholds checks what is true of every message.
func upholds(t *testing.T, d *Decoder, source int, payload []byte) {
	m := message(string(payload))
	m.Source, m.Levels.Field = source, "temp"
	samples, failures := d.Decode(nil, m)
	if string(m.Payload) != string(payload) {
		t.Fatal("the payload was changed")
	}
	if len(samples) == 0 && len(failures) == 0 && source == 0 {
		t.Fatal("neither a sample nor a failure")
	}
	for _, f := range failures {
		if f.Reason == "" || f.Words == "" {
			t.Fatalf("a failure without words: %+v", f)
		}
	}
	var frame collector.FrameBuilder
	var reader collector.LineReader
	for i := range samples {
		s := &samples[i]
		for j := range s.Fields {
			if name := s.Fields[j].Name; collector.ReservedField(name) || j > 0 && name <= s.Fields[j-1].Name {
				t.Fatalf("fields out of order, twice, or of a reserved name: %+v", s.Fields)
			}
		}
		if s.Stamp%plant.Instant(s.Unit.Duration()) != 0 {
			t.Fatalf("stamp %d is no multiple of its unit", s.Stamp)
		}
		if err := frame.AddSample(s, collector.Stamp(s, uint64(i)), "", collector.Packet{}); err != nil {
			t.Fatalf("line protocol refuses %+v: %v", s, err)
		}
	}
	sealed, err := collector.ReadFrame(frame.Seal(1))
	if err != nil {
		t.Fatal(err)
	}
	for rec, err := range sealed.Records() {
		var s plant.Sample
		if err == nil {
			err = reader.Read(&rec, &s)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
