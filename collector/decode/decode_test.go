package decode

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

var arrived = time.Date(2026, 2, 10, 8, 0, 0, 123456789, time.UTC)

// shipped returns a profile as users get it.
func shipped(t testing.TB, name string) *collector.Profile {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../configs/profiles", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return profile(t, string(text))
}

func profile(t testing.TB, text string) *collector.Profile {
	t.Helper()
	var p collector.Profile
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&p); err != nil {
		t.Fatal(err)
	}
	return &p
}

func newDecoder(t testing.TB, profiles ...*collector.Profile) *Decoder {
	t.Helper()
	d, err := New(profiles)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func message(payload string) *collector.Message {
	return &collector.Message{
		Topic: "factory/p1/l1/m1/heartbeat", Payload: []byte(payload), Broker: "local", Arrived: arrived,
		Levels: collector.Levels{Plant: "p1", Line: "l1", Machine: "m1"},
	}
}

func num(name string, x float64) plant.Field {
	return plant.Field{Name: name, Kind: plant.Float, Float: x}
}
func count(name string, n int64) plant.Field {
	return plant.Field{Name: name, Kind: plant.Int, Int: n}
}
func text(name, s string) plant.Field {
	return plant.Field{Name: name, Kind: plant.String, Str: s}
}

// sample is what message's machine says at 1700000000123 ms.
func sample(fields ...plant.Field) plant.Sample {
	return plant.Sample{
		Plant: "p1", Line: "l1", Machine: "m1", Broker: "local", Stamp: 1700000000123e6, Unit: plant.Millisecond,
		Arrived: plant.InstantOf(arrived), Fields: append([]plant.Field{}, fields...),
	}
}

func with(s plant.Sample, change func(*plant.Sample)) plant.Sample {
	change(&s)
	return s
}

const ts = `"ts":1700000000123`

func TestReadsPlainJSON(t *testing.T) {
	noTime := func(s *plant.Sample) {
		s.Stamp, s.Unit, s.Flags = s.Arrived, plant.Nanosecond, s.Flags|plant.NoDeviceTime
	}
	for _, tc := range []struct {
		name, payload string
		want          plant.Sample
	}{
		{"everything", `{"ts":1700000000123,"seq":42,"state":"running","good":1017,"scrap":2,"temp":61.5}`,
			with(sample(count("good", 1017), count("scrap", 2), num("temp", 61.5)), func(s *plant.Sample) { s.Seq, s.HasSeq, s.State = 42, true, "running" })},
		{"a whole reading is a float", `{` + ts + `,"temp":1017}`, sample(num("temp", 1017))},
		{"counters are exact", `{` + ts + `,"good":9007199254740993,"scrap":-9223372036854775808}`,
			sample(count("good", 9007199254740993), count("scrap", -9223372036854775808))},
		{"a counter may be written 17.0", `{` + ts + `,"good":17.0}`, sample(count("good", 17))},
		{"the largest sequence number", `{` + ts + `,"seq":18446744073709551615}`,
			with(sample(), func(s *plant.Sample) { s.Seq, s.HasSeq = 1<<64-1, true })},
		{"texts and booleans stay what they are", `{` + ts + `,"recipe":"A\n\u4e2d","door":true,"lid":false}`,
			sample(plant.Field{Name: "door", Kind: plant.Bool, Bool: true}, plant.Field{Name: "lid", Kind: plant.Bool}, text("recipe", "A\n中"))},
		{"null is absent", `{` + ts + `,"good":null,"temp":null,"state":null,"seq":null}`, sample()},
		{"null time", `{"ts":null,"temp":1}`, with(sample(num("temp", 1)), noTime)},
		{"no time", `{"good":5}`, with(sample(count("good", 5)), noTime)},
		{"an empty object proves life", `{}`, with(sample(), noTime)},
		{"objects", `{` + ts + `,"motor":{"temp":61,"fan":{"rpm":900}},"a.b":1}`,
			sample(num("a_b", 1), num("motor_fan_rpm", 900), num("motor_temp", 61))},
		{"names of our own", `{` + ts + `,"plant":"x","line":1,"machine":true,"time":5,"arrived":6,"flags":"f","gateway":"g"}`,
			sample(num("payload_arrived", 6), text("payload_flags", "f"), text("payload_gateway", "g"), num("payload_line", 1),
				plant.Field{Name: "payload_machine", Kind: plant.Bool, Bool: true}, text("payload_plant", "x"), num("payload_time", 5))},
		{"good quality", `{` + ts + `,"quality":"GOOD"}`, sample(text("quality", "GOOD"))},
		{"good OPC quality", `{` + ts + `,"quality":192}`, sample(num("quality", 192))},
		{"bad quality", `{` + ts + `,"quality":"BAD"}`, with(sample(text("quality", "BAD")), func(s *plant.Sample) { s.Flags = plant.BadQuality })},
		{"bad quality as boolean", `{` + ts + `,"quality":false}`,
			with(sample(plant.Field{Name: "quality", Kind: plant.Bool}), func(s *plant.Sample) { s.Flags = plant.BadQuality })},
		{"white space", " \t\r\n{ " + ts + " , \"temp\" : -1.5e2 } \n", sample(num("temp", -150))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, failures := newDecoder(t, shipped(t, "json")).Decode(nil, message(tc.payload))
			if len(failures) > 0 {
				t.Fatalf("failures: %v", failures)
			}
			if diff := cmp.Diff([]plant.Sample{tc.want}, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefusesWithThePlace(t *testing.T) {
	for _, tc := range []struct{ name, payload, reason, words string }{
		{"a counter as text", `{` + ts + `,"good":"17"}`, "type", `at byte 27 (/good): the counter is the text "17"; it must be a number`},
		{"a counter as boolean", `{"good":true}`, "type", "at byte 8 (/good): the counter is true"},
		{"a counter with a fraction", `{"good":17.5}`, "number", "17.5 is not written as a whole number"},
		{"a counter with an exponent", `{"good":1e3}`, "number", "1e3 is not written as a whole number"},
		{"a counter past 64 bits", `{"good":9223372036854775808}`, "number", "at byte 8 (/good): the counter 9223372036854775808 does not fit"},
		{"a reading past a float", `{"temp":1e400}`, "number", "at byte 8 (/temp): the number 1e400 is too large"},
		{"seconds in milliseconds", `{"ts":1700000000}`, "time", `it looks like seconds: if it is, set time.unit: s in profile "json"`},
		{"nanoseconds in milliseconds", `{"ts":1700000000123456789}`, "time", "it looks like nanoseconds"},
		{"a clock never set", `{"ts":0}`, "time", "is the device's clock set?"},
		{"a time as text", `{"ts":"1700000000123"}`, "type", "wants a number of milliseconds"},
		{"a time with a fraction", `{"ts":1700000000123.5}`, "time", "not written as a whole number"},
		{"a time past 64 bits", `{"ts":99999999999999999999}`, "time", "99999999999999999999 milliseconds is no time"},
		{"a negative number", `{"seq":-1}`, "number", "the sequence number -1"},
		{"a number as text", `{"seq":"1"}`, "type", "the sequence number is the text"},
		{"a number past 64 bits", `{"seq":18446744073709551616}`, "number", "the sequence number"},
		{"a state as number", `{"state":6}`, "type", "at byte 9 (/state): the state is 6; it must be a text"},
		{"an array", `{"a":{"tags":[1,2]}}`, "type", "at byte 12 (/a/tags): is an array, which no field can hold"},
		{"a counter as object", `{"good":{"v":1}}`, "type", "at byte 7 (/good): is an object"},
		{"a name with no text", `{"":1}`, "type", "its name is empty"},
		{"a name with a newline", `{"a\nb":1}`, "type", "control character"},
		{"a name that ends in a backslash", `{"a\\":1}`, "type", `ends in \`},
		{"two paths, one field", `{"a":{"b":1},"a_b":2}`, "syntax", `two members become the field "a_b"`},
		{"two paths, one counter", `{"good":1,"payload_seq":3,"seq":2,"x":{"y":1},"x.y":2}`, "syntax", `"x_y"`},
		{"no object", `17`, "type", "the message is no JSON object"},
		{"an array of samples nobody declared", `[{"good":1}]`, "type", "the message is no JSON object"},
		{"nothing", ``, "syntax", "the message is empty"},
		{"white space only", " \n", "syntax", "the message is empty"},
		{"truncated", `{"good":17`, "syntax", "at byte 10: the message ends in the middle"},
		{"a name twice", `{"good":1,"temp":2,"good":3}`, "syntax", "at byte 19 (/good): duplicate object member name"},
		{"invalid UTF-8", "{\"state\":\"a\xffb\"}", "utf8", "at byte 11 (/state)"},
		{"trailing data", `{"good":1} {"good":2}`, "syntax", "at byte 10: more follows"},
		{"300 levels", strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300), "depth", "deeper than 64 levels"},
		{"300 levels of arrays", `{"x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}", "depth", "at byte 68"},
		{"100,000 levels", strings.Repeat("[", 100_000), "depth", "deeper than 64 levels"},
		{"10 MB", `{"x":"` + strings.Repeat("x", 10<<20) + `"}`, "size", "allows 1048576 (max_size)"},
		{"many fields", `{` + manyFields(1001) + `}`, "size", "at most 1000 fields"},
		{"deep and long names", strings.Repeat(`{"`+strings.Repeat("n", 200)+`":`, 40) + `{` + manyFields(900) + `}` + strings.Repeat("}", 40), "size", "its path is longer than 512 bytes"},
		{"a long name", `{"` + strings.Repeat("n", 257) + `":1}`, "type", "longer than 256 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, failures := newDecoder(t, shipped(t, "json")).Decode(nil, message(tc.payload))
			if len(got) != 0 || len(failures) != 1 {
				t.Fatalf("%d samples, failures %v; want one failure", len(got), failures)
			}
			if failures[0].Reason != tc.reason || !strings.Contains(failures[0].Words, tc.words) {
				t.Errorf("got %+v\nwant %s: %s", failures[0], tc.reason, tc.words)
			}
			if len(failures[0].Words) > 600 {
				t.Errorf("%d bytes of words", len(failures[0].Words))
			}
		})
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"f` + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String() + `":1`)
	}
	return b.String()
}

func TestADepthOf64IsRead(t *testing.T) {
	_, failures := newDecoder(t, shipped(t, "json")).Decode(nil, message(strings.Repeat(`{"a":`, 64)+"1"+strings.Repeat("}", 64)))
	if len(failures) != 0 {
		t.Error(failures)
	}
}

func TestARetainedMessageIsFlagged(t *testing.T) {
	m := message(`{}`)
	m.Retained = true
	got, _ := newDecoder(t, shipped(t, "json")).Decode(nil, m)
	if len(got) != 1 || !got[0].Flags.Has(plant.Retained) {
		t.Errorf("got %+v", got)
	}
}

func TestSourceSelectsTheProfile(t *testing.T) {
	d := newDecoder(t, shipped(t, "json"), shipped(t, "line-protocol"))
	m := message("heartbeat good=17i")
	m.Source = 1
	if got, failures := d.Decode(nil, m); len(got) != 1 || len(failures) != 0 {
		t.Error(got, failures)
	}
	m.Source = 2
	if got, failures := d.Decode(nil, m); len(got) != 0 || len(failures) != 1 {
		t.Error(got, failures)
	}
}

func TestNewRefusesABadProfile(t *testing.T) {
	_, err := New([]*collector.Profile{{Name: "x", Format: "xml"}})
	if plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), `"xml" is none of`) {
		t.Error(err)
	}
}

// reasons lists failures' reasons.
func reasons(fs []collector.Failure) (out []string) {
	for _, f := range fs {
		out = append(out, f.Reason)
	}
	slices.Sort(out)
	return out
}
