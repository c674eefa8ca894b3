package decode

import (
	"bytes"
	"testing"

	"go.yaml.in/yaml/v3"

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
	for _, payload := range gatewayPayloads {
		f.Add([]byte(payload))
	}
	d := newDecoder(f, shipped(f, "json"), shipped(f, "neuron-tags"), shipped(f, "advantech"), shipped(f, "umh-historian"), shipped(f, "umh-count"),
		profile(f, everything), profile(f, "name: x\nformat: json\nsamples: s\nmachine: m\ninclude: [a, b.c]\ntime: {unit: rfc3339}\n"),
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
		"1700000000123,1017,2\r\n", "a,b\n1,\"x\ny\"\n", "2016-09-27T22:04:33.304836Z|execution|ACTIVE|part_count|1017\n", "32.5", `"a\"b"`, "true", "NaN", "\ufeffts,good\n1700000000123,5\n", "2016-09-27T22:04:33Z|system|FAULT|4|1|HIGH|x\n", "a\x00b", "|||",
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

// Profiles are written by people: what Check lets pass must read anything.
func FuzzProfile(f *testing.F) {
	for _, p := range allShipped(f) {
		text, err := yaml.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		for i, payload := range gatewayPayloads {
			if i%5 == 0 {
				f.Add(text, []byte(payload))
			}
		}
	}
	f.Add([]byte(everything), []byte(`[{"n":"a.b","v":1,"t":"1700000000"},{"n":"a.c","v":"x","e":5}]`))
	f.Fuzz(func(t *testing.T, text, payload []byte) {
		var p collector.Profile
		dec := yaml.NewDecoder(bytes.NewReader(text))
		if dec.KnownFields(true); dec.Decode(&p) != nil || p.Check().Err() != nil {
			return
		}
		d, err := New([]*collector.Profile{&p})
		if err != nil {
			t.Fatalf("Check takes what New refuses: %v", err)
		}
		upholds(t, d, 0, payload)
		for _, fit := range Fits([]*collector.Profile{&p}, *message(string(payload))) {
			if len(fit.Samples) == 0 {
				t.Fatal("a fit without a sample")
			}
		}
	})
}

// everything is a profile that uses what does not exclude each other.
const everything = `
name: everything
format: json
tags: {list: $, name: n, value: v, quality: q, time: t, error: e, good: ["192..255", "true"], levels: "+.{field}"}
time: {field: ts, unit: s, or: [ms, us, ns]}
numbers: [ts, "*"]
missing: [UNAVAILABLE]
unwrap: [a.+, b]
errors: errors
counters: [{field: c, decimal: true}, {field: d, decimal: true}]
rename: [{from: c, to: good}]
`

// gatewayPayloads are as real gateways send them.
var gatewayPayloads = []string{
	`{"ts":1700000000123,"values":{"good":1017}}`, `[{"ts":1700000000123,"values":{"good":1}},{"good":2}]`,
	`{"timestamp_ms":1700000000,"count":1,"scrap":0}`,
	`{"timestamp":1700000000999,"values":[{"id":"L1.P1.good","v":1017,"q":true,"t":1700000000123},{"id":"L1.P1.temp","v":6.5,"q":false}]}`,
	`{"d":61.5,"dt":5,"ts":"2026-02-10T08:00:00Z","q":24}`, `{"d":{"Hbt":1}}`,
	`{"timestamp":1700000000123,"node":"m1","group":"g","values":{"temp":1.5},"errors":{"good":2014},"metas":{"a":[1]}}`,
	`{"timestamp":1700000000123,"node":"m1","seq":1,"tags":[{"name":"good","value":1},{"name":"state","error":2014}]}`,
	`{"Variant":[{"Unix":"1614576888000","Pub_Data":{"device":{"good":5}}}]}`,
	`{"UNIX":1700000000,"NAME":"m1","VALUES":{"CNT1":"1017","TEMP":"23.5"}}`,
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
