package decode

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

func TestReadsLineProtocol(t *testing.T) {
	ns := func(s plant.Sample) plant.Sample { s.Unit = plant.Nanosecond; return s }
	for _, tc := range []struct {
		name, payload string
		want          []plant.Sample
	}{
		{"one line", `heartbeat,machine=m1 good=17i,scrap=2u,temp=61.5,n=5i,state="run\"ning",seq=4i 1700000000123000000`,
			[]plant.Sample{with(ns(sample(count("good", 17), num("n", 5), count("scrap", 2), num("temp", 61.5))), func(s *plant.Sample) {
				s.State, s.Seq, s.HasSeq = `run"ning`, 4, true
			})}},
		{"a counter without i", "heartbeat good=9007199254740993 1700000000123000000", []plant.Sample{ns(sample(count("good", 9007199254740993)))}},
		{"several machines, comments, blank lines", "# c\n\nheartbeat,machine=m1 temp=1 1700000000123000000\r\n\nheartbeat,machine=m1,line=l1,plant=p1 temp=2 1700000000123000000\n",
			[]plant.Sample{ns(sample(num("temp", 1))), ns(sample(num("temp", 2)))}},
		{"other tags are texts", `heartbeat,host=a\ b,time=x door=T,name.d="x\\y" 1700000000123000000`,
			[]plant.Sample{ns(sample(plant.Field{Name: "door", Kind: plant.Bool, Bool: true}, text("host", "a b"), text("name.d", `x\y`), text("payload_time", "x")))}},
		{"no time", "heartbeat temp=1", []plant.Sample{with(sample(num("temp", 1)), func(s *plant.Sample) {
			s.Stamp, s.Unit, s.Flags = s.Arrived, plant.Nanosecond, plant.NoDeviceTime
		})}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, failures := newDecoder(t, shipped(t, "line-protocol")).Decode(nil, message(tc.payload))
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" || len(failures) > 0 {
				t.Error(diff, failures)
			}
		})
	}
}

func TestOneTopicCarriesManyMachines(t *testing.T) {
	m := message("heartbeat,machine=m1 good=1i\nheartbeat,machine=m2 good=2i\nheartbeat,machine=m3,line=x good=3i\nheartbeat good=4i")
	m.Levels = collector.Levels{Plant: "p1", Line: "l1"}
	got, failures := newDecoder(t, shipped(t, "line-protocol")).Decode(nil, m)
	if len(got) != 2 || got[0].Machine != "m1" || got[1].Machine != "m2" {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff([]string{"id", "topic"}, reasons(failures)); diff != "" {
		t.Error(diff)
	}
}

func TestALineThatFailsLeavesItsNeighbours(t *testing.T) {
	const good = "heartbeat temp=1 1700000000123000000\n"
	for _, tc := range []struct{ bad, reason, words string }{
		{"heartbeat", "syntax", "at line 2:"},
		{"heartbeat temp", "syntax", "at line 2:15: want '=' after field key"},
		{"heartbeat temp=", "syntax", "at line 2:"},
		{"heartbeat temp=1,", "syntax", "at line 2:"},
		{`heartbeat temp=1 17x`, "syntax", "at line 2:18: invalid timestamp"},
		{"heartbeat,=a temp=1", "syntax", "at line 2:"},
		{"heartbeat,a= temp=1", "syntax", "at line 2:"},
		{"heartbeat,a temp=1", "syntax", "at line 2:"},
		{"heartbeat temp=NaN", "syntax", "at line 2:"},
		{"heartbeat temp=+Inf", "syntax", "at line 2:"},
		{"heartbeat temp=tru", "syntax", `in sample 2, "temp": "tru" is neither`},
		{"heartbeat temp=0x10", "number", `in sample 2, "temp": "0x10" is no number`},
		{"heartbeat temp=1_0", "number", "is no number"},
		{"heartbeat temp=1.5i", "number", "is no number"},
		{"heartbeat temp=-1u", "number", "is no number"},
		{"heartbeat temp=1e400", "number", "too large"},
		{"heartbeat good=1.5", "number", "not written as a whole number"},
		{"heartbeat good=9223372036854775808u", "number", "does not fit"},
		{`heartbeat good="1"`, "type", `the counter is the text "1"`},
		{"heartbeat,good=1 temp=2", "type", `the counter is the text "1"`},
		{"heartbeat state=1", "type", "it must be a text"},
		{"heartbeat temp=1,temp=2", "syntax", `two members become the field "temp"`},
		{"heartbeat good=1,seq=1,seq=2", "syntax", "twice"},
		{"heartbeat temp=1 1700000000", "time", "it looks like seconds"},
		{"heartbeat,ho\xffst=a temp=1", "utf8", "at line 2:"},
		{"heartbeat temp=\"a\xff\"", "utf8", "at line 2:"},
	} {
		t.Run(tc.bad, func(t *testing.T) {
			got, failures := newDecoder(t, shipped(t, "line-protocol")).Decode(nil, message(good+tc.bad+"\n"+good))
			if len(got) != 2 || len(failures) != 1 {
				t.Fatalf("%d samples, failures %v; want two samples and one failure", len(got), failures)
			}
			if failures[0].Reason != tc.reason || !strings.Contains(failures[0].Words, tc.words) {
				t.Errorf("got %+v\nwant %s: %s", failures[0], tc.reason, tc.words)
			}
		})
	}
}

func TestMeasurements(t *testing.T) {
	p := shipped(t, "line-protocol")
	p.Measurements = []string{"a", "b"}
	got, failures := newDecoder(t, p).Decode(nil, message("a x=1\nb x=2\ncpu x=3\n"))
	if len(got) != 2 || len(failures) != 1 || !strings.Contains(failures[0].Words, `in sample 3: the measurement "cpu"`) {
		t.Error(got, failures)
	}
}

func TestAMessageMakesFewFailures(t *testing.T) {
	for _, payload := range []string{strings.Repeat("x\n", 5000), "\n", "# only\n", "", strings.Repeat("a b=1\n", maxSamples+1)} {
		got, failures := newDecoder(t, shipped(t, "line-protocol")).Decode(nil, message(payload))
		if len(got) != 0 || len(failures) == 0 || len(failures) > maxFailures {
			t.Errorf("%.20q: %d samples, %d failures", payload, len(got), len(failures))
		}
		if len(failures) == maxFailures && !strings.HasSuffix(failures[maxFailures-1].Words, "and 4992 more parts of this message cannot be read") {
			t.Errorf("the last one says %q", failures[maxFailures-1].Words)
		}
	}
}
