package decode

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

func TestIDs(t *testing.T) {
	p := shipped(t, "json")
	p.Plant, p.Machine, p.Gateway = "where.plant", "machine", "gw"
	for _, tc := range []struct {
		name    string
		levels  collector.Levels
		payload string
		want    string // plant/line/machine/gateway, or a reason
	}{
		{"topic", collector.Levels{Plant: "p", Line: "l", Machine: "m", Gateway: "g"}, `{}`, "p/l/m/g"},
		{"payload", collector.Levels{Line: "l"}, `{"where":{"plant":"绍兴 7,a"},"machine":"m","gw":"g"}`, "绍兴 7,a/l/m/g"},
		{"both agree", collector.Levels{Plant: "p", Line: "l", Machine: "m"}, `{"machine":"m"}`, "p/l/m/"},
		{"both differ", collector.Levels{Plant: "p", Line: "l", Machine: "m"}, `{"machine":"n"}`, "id"},
		{"another plant than the topic's", collector.Levels{Plant: "p", Line: "l", Machine: "m"}, `{"where":{"plant":"q"}}`, "id"},
		{"empty level", collector.Levels{Plant: "p", Machine: "m"}, `{}`, "topic"},
		{"no machine", collector.Levels{Plant: "p", Line: "l"}, `{}`, "topic"},
		{"a path", collector.Levels{Plant: "..", Line: "l", Machine: "m"}, `{}`, "id"},
		{"a newline", collector.Levels{Plant: "p", Line: "l\nx=1", Machine: "m"}, `{}`, "id"},
		{"a wildcard", collector.Levels{Plant: "p", Line: "l", Machine: "m#"}, `{}`, "id"},
		{"not UTF-8", collector.Levels{Plant: "p", Line: "l", Machine: "m\xff"}, `{}`, "id"},
		{"a bad gateway", collector.Levels{Plant: "p", Line: "l", Machine: "m"}, `{"gw":"a/b"}`, "id"},
		{"an id as number", collector.Levels{Plant: "p", Line: "l", Machine: "m"}, `{"gw":7}`, "type"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := message(tc.payload)
			m.Levels = tc.levels
			samples, failures := newDecoder(t, p).Decode(nil, m)
			got := ""
			for _, s := range samples {
				got += s.Plant + "/" + s.Line + "/" + s.Machine + "/" + s.Gateway
			}
			for _, f := range failures {
				got += f.Reason
			}
			if got != tc.want {
				t.Errorf("got %s (%v), want %s", got, failures, tc.want)
			}
		})
	}
}

func TestIDsOfTheProfileStandBehindAllOthers(t *testing.T) {
	p := shipped(t, "json")
	p.Machine, p.IDs = "machine", collector.ProfileIDs{Plant: "p", Line: "l", Machine: "m", Gateway: "g"}
	d := newDecoder(t, p)
	for payload, want := range map[string]string{`{}`: "p/topic/m/g", `{"machine":"n"}`: "p/topic/n/g"} {
		m := message(payload)
		m.Levels = collector.Levels{Line: "topic"}
		samples, failures := d.Decode(nil, m)
		if len(samples) != 1 || len(failures) != 0 {
			t.Fatal(samples, failures)
		}
		if s := samples[0]; s.Plant+"/"+s.Line+"/"+s.Machine+"/"+s.Gateway != want {
			t.Errorf("%s is of %s/%s/%s/%s, want %s", payload, s.Plant, s.Line, s.Machine, s.Gateway, want)
		}
	}
}

func TestTimeUnits(t *testing.T) {
	for _, tc := range []struct {
		unit, payload string
		want          string
		precision     plant.Unit
	}{
		{"s", `{"ts":1700000000}`, "2023-11-14T22:13:20Z", plant.Second},
		{"us", `{"ts":1700000000123456}`, "2023-11-14T22:13:20.123456Z", plant.Microsecond},
		{"ns", `{"ts":1700000000123456789}`, "2023-11-14T22:13:20.123456789Z", plant.Nanosecond},
		{"rfc3339", `{"ts":"2023-11-15T06:13:20+08:00"}`, "2023-11-14T22:13:20Z", plant.Second},
		{"rfc3339", `{"ts":"2023-11-14T22:13:20.5Z"}`, "2023-11-14T22:13:20.5Z", plant.Millisecond},
		{"rfc3339", `{"ts":"2023-11-14T22:13:20.123456Z"}`, "2023-11-14T22:13:20.123456Z", plant.Microsecond},
		{"rfc3339", `{"ts":"2023-11-14T22:13:20.1234567Z"}`, "2023-11-14T22:13:20.1234567Z", plant.Nanosecond},
		{"rfc3339", `{"ts":"2023-11-14T22:13:20.0123456789Z"}`, "time", 0},
		{"rfc3339", `{"ts":"2023-11-14 22:13:20"}`, "time", 0},
		{"rfc3339", `{"ts":"1970-01-01T00:00:00Z"}`, "time", 0},
		{"rfc3339", `{"ts":1700000000}`, "type", 0},
		{"s", `{"ts":4102444800}`, "time", 0},
	} {
		t.Run(tc.unit+" "+tc.payload, func(t *testing.T) {
			p := shipped(t, "json")
			p.Time.Unit = tc.unit
			samples, failures := newDecoder(t, p).Decode(nil, message(tc.payload))
			got := ""
			for _, s := range samples {
				got = s.Stamp.Time().Format(time.RFC3339Nano)
				if s.Unit != tc.precision {
					t.Errorf("unit %v, want %v", s.Unit, tc.precision)
				}
			}
			for _, f := range failures {
				got = f.Reason
			}
			if got != tc.want {
				t.Errorf("got %s (%v), want %s", got, failures, tc.want)
			}
		})
	}
}

func TestTheProfileDecides(t *testing.T) {
	for _, tc := range []struct {
		name, profile, payload string
		want                   plant.Sample
	}{
		{"delta, scale, decimal, rename", `
name: x
format: json
time: {field: meta.at, unit: ms}
seq: "-"
state: mode
counters: [{field: values.kwh, kind: delta, scale: 0.5, decimal: true}]
rename: [{from: values.kwh, to: good}, {from: values.t, to: temp}]
exclude: [values.junk, list]
`, `{"meta":{"at":1700000000123},"mode":"on","seq":7,"state":"x","list":[1],"values":{"kwh":1.25,"t":5,"junk":{"a":1},"junkie":2}}`,
			with(sample(num("good", 1.25), num("payload_seq", 7), text("payload_state", "x"), num("temp", 5), num("values_junkie", 2)), func(s *plant.Sample) {
				s.State, s.Flags, s.Scale = "on", plant.Delta, 0.5
			})},
		{"include", "name: x\nformat: json\ninclude: [a.b]\nexclude: [a.b.no]\n", `{` + ts + `,"good":1,"t":2,"a":{"x":3,"b":{"c":4,"no":5}},"l":[]}`,
			sample(num("a_b_c", 4), count("good", 1))},
		{"no counters", "name: x\nformat: json\ncounters: []\n", `{` + ts + `,"good":1.5}`, sample(num("good", 1.5))},
		{"no time", "name: x\nformat: json\ntime: {field: \"-\"}\n", `{` + ts + `}`,
			with(sample(num("ts", 1700000000123)), func(s *plant.Sample) { s.Stamp, s.Unit, s.Flags = s.Arrived, 0, plant.NoDeviceTime })},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, failures := newDecoder(t, profile(t, tc.profile)).Decode(nil, message(tc.payload))
			if diff := cmp.Diff([]plant.Sample{tc.want}, got, cmpopts.EquateEmpty()); diff != "" || len(failures) > 0 {
				t.Error(diff, failures)
			}
		})
	}
}
