package decode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// line shows a sample as one line: machine, time in its unit, state, fields.
func line(s plant.Sample) string {
	at := fmt.Sprintf("%d%s", int64(s.Stamp)/int64(s.Unit.Duration()), units[s.Unit].key)
	if s.Flags.Has(plant.NoDeviceTime) {
		at = "arrival"
	}
	out := fmt.Sprintf("%s/%s %s", s.Line, s.Machine, at)
	if s.HasSeq {
		out += fmt.Sprintf(" #%d", s.Seq)
	}
	for _, word := range []struct {
		word string
		on   bool
	}{{s.State, s.State != ""}, {"bad", s.Flags.Has(plant.BadQuality)}, {"delta", s.Flags.Has(plant.Delta)}} {
		if word.on {
			out += " " + word.word
		}
	}
	for _, f := range s.Fields {
		switch f.Kind {
		case plant.Int:
			out += fmt.Sprintf(" %s=%di", f.Name, f.Int)
		case plant.Float:
			out += fmt.Sprintf(" %s=%v", f.Name, f.Float)
		case plant.String:
			out += fmt.Sprintf(" %s=%q", f.Name, f.Str)
		case plant.Bool:
			out += fmt.Sprintf(" %s=%v", f.Name, f.Bool)
		}
	}
	return out
}

// Payloads in the shape of each gateway, and what becomes of them: samples,
// then failures with their first words.
func TestGatewaysAsTheySend(t *testing.T) {
	for _, tc := range []struct {
		profile, template, topic, payload string
		want                              []string
	}{
		{"thingsboard", "", "", `{"ts":1700000000123,"values":{"good":1017,"temp":61.5}}`, []string{"l1/m1 1700000000123ms good=1017i temp=61.5"}},
		{"thingsboard", "", "", `[{"ts":1700000000123,"values":{"good":1}},{"ts":1700000000124,"values":{"good":2}}]`,
			[]string{"l1/m1 1700000000123ms good=1i", "l1/m1 1700000000124ms good=2i"}},
		{"thingsboard", "", "", `{"good":1017,"on":true}`, []string{"l1/m1 arrival good=1017i on=true"}},
		{"thingsboard", "", "", `[{"ts":1700000000,"values":{"good":1}},{"good":2}]`, []string{"l1/m1 arrival good=2i", "time: at byte 7 (/0/ts): 1700000000 milliseconds is no time"}},
		{"thingsboard", "", "", `{"ts":1700000000123,"values":7}`, []string{"type: at byte 29 (/values): is 7; profile \"thingsboard\" wants an object"}},
		{"umh-historian", "", "", `{"timestamp_ms":1700000000123,"spindle":3,"good":5}`, []string{"l1/m1 1700000000123ms good=5i spindle=3"}},
		{"umh-historian", "", "", `{"timestamp_ms":1700000000,"good":5}`, []string{"l1/m1 1700000000s good=5i"}},
		{"umh-historian", "", "", `{"timestamp_ms":17,"good":5}`, []string{"time: at byte 16 (/timestamp_ms): "}},
		{"umh-count", "", "", `{"timestamp_ms":1700000000123,"count":1,"scrap":0}`, []string{"l1/m1 1700000000123ms delta good=1i scrap=0i"}},
		{"kepware", "kepware/{plant}", "kepware/p1",
			`{"timestamp":1700000000999,"values":[{"id":"L1.P1.good","v":1017,"q":true,"t":1700000000123},{"id":"L1.P1.temp","v":61.5,"q":true,"t":1700000000123},` +
				`{"id":"L1.P2.good","v":9,"q":false,"t":1700000000123},{"v":"x","id":"L1.P1.name.of.it","q":true,"t":1700000000124},{"id":"L1.P1.oil","v":3,"q":false,"t":1700000000123}]}`,
			[]string{"L1/P1 1700000000123ms good=1017i oil_bad=3 temp=61.5", "L1/P2 1700000000123ms bad good_bad=9", `L1/P1 1700000000124ms name_of_it="x"`}},
		{"kepware", "kepware/{plant}", "kepware/p1", `{"timestamp":1700000000999,"values":[{"id":"L1.P1.good","v":1017,"q":true}]}`, []string{"L1/P1 1700000000999ms good=1017i"}},
		{"kepware", "kepware/{plant}", "kepware/p1", `{"timestamp":1700000000999,"values":[{"id":"good","v":1},{"v":1},{"id":"a.b.c","v":[1]},{"id":"a.b.c","v":2}]}`,
			[]string{"a/b 1700000000999ms c=2", "topic: ", "missing: ", "type: "}},
		{"kepware", "kepware/{plant}", "kepware/p1", `{"timestamp":1700000000999,"values":[{"v":"x","id":"L.P.good","q":true}]}`, []string{`type: at byte 42 (/values/0): the counter is the text "x"`}},
		{"kepware", "kepware/{plant}", "kepware/p1", `{"timestamp":1700000000999,"values":[{"t":17,"v":5,"id":"L.P.good"}]}`, []string{`time: at byte 42 (/values/0): 17 milliseconds`}},
		{"aveva", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/good", `{"d":1017,"dt":"Int64","ts":"2026-02-10T08:00:00.123Z","q":192}`,
			[]string{"l1/m1 1770710400123ms good=1017i q=192"}},
		{"aveva", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/temp", `{"d":61.5,"ts":"2026-02-10T08:00:00Z","q":24}`, []string{"l1/m1 1770710400s q=24 temp_bad=61.5"}},
		{"aveva", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/good", `{"q":24,"d":1017,"ts":"2026-02-10T08:00:00Z"}`, []string{"l1/m1 1770710400s bad good_bad=1017i q=24"}},
		{"aveva", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/state", `{"d":"run","ts":"2026-02-10T08:00:00Z","q":0}`, []string{"l1/m1 1770710400s run bad q=0"}},
		{"aveva", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/temp", `{"d":61.5,"ts":"2026-02-10T08:00:00Z","q":216}`, []string{"l1/m1 1770710400s q=216 temp=61.5"}},
		{"neuron-tags", "", "", `{"node":"m1","group":"g","timestamp":1647497389075,"tags":[{"name":"temp","value":123},{"name":"speed","error":2014}]}`,
			[]string{`l1/m1 1647497389075ms errors_speed=2014 group="g" temp=123`}},
		{"neuron-tags", "", "", `{"node":"m1","timestamp":1647497389075,"tags":[{"name":"good","error":2014},{"name":"temp","value":1,"error":0}]}`,
			[]string{`l1/m1 1647497389075ms bad errors_good=2014 temp=1`}},
		{"neuron-tags", "", "", `{"node":"m1","timestamp":1647497389075,"seq":7,"tags":[{"name":"state","value":"a"},{"name":"state","value":"b"}]}`,
			[]string{"syntax: the list has two states of one machine and time"}},
		{"neuron", "", "", `{"timestamp":1700000000123,"node":"m1","group":"g","values":{"good":7},"errors":{"state":3002,"good":0}}`,
			[]string{`l1/m1 1700000000123ms bad errors_good=0 errors_state=3002 good=7i group="g"`}},
		{"neuron", "", "factory/p1/l1/n1/x", `{"timestamp":1700000000123,"node":"m1","group":"g","values":{"temp":1.5},"errors":{"good":2014},"metas":{"a":[1]}}`,
			[]string{`l1/m1 1700000000123ms bad errors_good=2014 group="g" temp=1.5`}},
		{"neuron", "", "", `{"timestamp":1700000000123,"node":"m1","group":"g","values":{"good":7},"errors":{"temp":3002}}`,
			[]string{`l1/m1 1700000000123ms errors_temp=3002 good=7i group="g"`}},
		{"advantech", "", "", `{"d":{"Hbt":1}}`, []string{"l1/m1 arrival Hbt=1"}},
		{"xinje", "", "", `{"Variant":[{"Unix":"1614576888000","Pub_Data":{"device":{"good":5,"name":"07"}}}]}`, []string{`l1/m1 1614576888000ms good=5i name="07"`}},
		{"xinje", "", "", `{"Variant":[{"Unix":"yesterday","Pub_Data":{"device":{"good":5}}}]}`, []string{"number: at byte 20 (/Variant/0/Unix): is the text"}},
		{"xinje", "", "", `{"Variant":[{"Unix":"1614576888000","Pub_Data":{"PLC 1":{"good":9007199254740993},"up":true}}]}`, []string{`l1/m1 1614576888000ms Pub_Data_up=true good=9007199254740993i`}},
		{"xinje", "", "", `{"Variant":[{"Unix":"1614576888000","Pub_Data":{"a":{"good":1},"b":{"good":2}}}]}`, []string{`syntax: two members become the field "good"`}},
		{"devtank", "", "", `{"UNIX":1700000000,"NAME":"m1","VALUES":{"CNT1":"1017","TEMP":"23.5"}}`, []string{"l1/m1 1700000000s TEMP=23.5 good=1017i"}},
		{"devtank", "", "", `{"UNIX":1700000000,"NAME":"m1","VALUES":{"CNT1":"9223372036854775807"}}`, []string{"l1/m1 1700000000s good=9223372036854775807i"}},
		{"devtank", "", "", `{"UNIX":1700000000,"NAME":"m1","VALUES":{"TEMP":"ERR"}}`, []string{"number: at byte 48 (/VALUES/TEMP): is the text \"ERR\""}},
		{"value", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/temp", ` 32.5 `, []string{"l1/m1 arrival temp=32.5"}},
		{"value", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/good", `1017`, []string{"l1/m1 arrival good=1017i"}},
		{"value", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/state", `"idle\n"`, []string{"l1/m1 arrival idle\n"}},
		{"value", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/good", `1e3`, []string{"number: the value: the counter 1e3"}},
		{"value", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/good", ``, []string{"syntax: the value: the message is empty"}},
		{"value", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/x", `{"a":1}`, []string{"type: the value: is an object"}},
		{"csv", "", "", "1700000000123,1017,2\r\n1700000001123,1018,\n", []string{"l1/m1 1700000000123ms good=1017i scrap=2i", "l1/m1 1700000001123ms good=1018i"}},
		{"csv", "", "", "1700000000123,1017\n1700000000123,x,1\n1700000000124,\"5\",0", []string{"l1/m1 1700000000124ms good=5i scrap=0i",
			"syntax: at line 1: the row has 2 cells", `number: at line 2, "good": is the text "x"`}},
		{"value", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/temp", `NaN`, []string{"number: the value: \"NaN\" is written as no decimal number"}},
		{"value", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/temp", `+5`, []string{"number: "}},
		{"value", "factory/{plant}/{line}/{machine}/{field}", "factory/p1/l1/m1/temp", "1\xff", []string{"utf8: at byte 1: is not UTF-8"}},
		{"csv", "", "", "\ufeffts,good,scrap\r\n1700000000123,9007199254740993,2\r\n", []string{"l1/m1 1700000000123ms good=9007199254740993i scrap=2i"}},
		{"csv", "", "", "1700000000123,1,2\nts,good,scrap\n", []string{"l1/m1 1700000000123ms good=1i scrap=2i", `number: at line 2, "ts"`}},
		{"csv", "", "", "1700000000123,\"a", []string{"syntax: parse error on line 1"}},
		{"mtconnect", "", "", "2016-09-27T22:04:33.304836Z|execution|ACTIVE|part_count|1017|Sspeed|1200.5\n2016-09-27T22:04:34.304836Z|execution|UNAVAILABLE\n",
			[]string{"l1/m1 1475013873304836us ACTIVE Sspeed=1200.5 good=1017i", "l1/m1 1475013874304836us UNAVAILABLE bad"}},
		{"mtconnect", "", "", "2016-09-27T22:04:33.304836Z|execution\nyesterday|a|b\n2016-09-27T22:04:33.304836Z\n",
			[]string{"syntax: at line 1: the name \"execution\" has no value", "time: at line 2", "syntax: at line 3: the line has no name"}},
		{"mtconnect", "", "", "2016-09-27T22:04:33Z|system|FAULT|404|1|HIGH|Servo alarm\n", []string{`l1/m1 1475013873s system="FAULT|404|1|HIGH|Servo alarm"`}},
		{"line-protocol", "", "", `heartbeat,machine=m1 good=17i 1700000000123000000`, []string{"l1/m1 1700000000123000000ns good=17i"}},
	} {
		t.Run(tc.profile, func(t *testing.T) {
			m := message(tc.payload)
			if tc.template != "" {
				template, err := collector.ParseTemplate(tc.template)
				if err != nil {
					t.Fatal(err)
				}
				m.Topic = tc.topic
				m.Levels, _ = template.Match(tc.topic)
			}
			samples, failures := newDecoder(t, shipped(t, tc.profile)).Decode(nil, m)
			var got []string
			for _, s := range samples {
				got = append(got, line(s))
			}
			for i, f := range failures {
				words := f.Reason + ": " + f.Words
				if at := len(samples) + i; at < len(tc.want) && strings.HasPrefix(words, tc.want[at]) {
					words = tc.want[at]
				}
				got = append(got, words)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", tc.payload, diff)
			}
		})
	}
}

// What comes every second from every machine costs no memory. CSV does: its
// reader cannot be used again.
func TestKnownGatewaysAllocateNothing(t *testing.T) {
	for _, x := range gatewayMessages {
		if x.profile == "csv" {
			continue
		}
		d, m := newDecoder(t, shipped(t, x.profile)), message(x.payload)
		m.Levels.Field = "temp"
		samples, failures := d.Decode(nil, m)
		if len(samples) == 0 || len(failures) > 0 {
			t.Fatal(x.profile, failures)
		}
		if n := testing.AllocsPerRun(100, func() { samples, _ = d.Decode(samples[:0], m) }); n > 0 {
			t.Errorf("%s allocates %v times a message", x.profile, n)
		}
	}
}
