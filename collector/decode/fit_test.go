package decode

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
)

// allShipped returns every built-in profile.
func allShipped(t testing.TB) []*collector.Profile {
	t.Helper()
	files, err := os.ReadDir("../../configs/profiles")
	if err != nil {
		t.Fatal(err)
	}
	var out []*collector.Profile
	for _, f := range files {
		out = append(out, shipped(t, strings.TrimSuffix(f.Name(), ".yaml")))
	}
	return out
}

func TestFitsNamesTheGatewayFirst(t *testing.T) {
	for _, tc := range []struct{ want, payload string }{
		{"json", `{"ts":1700000000123,"seq":42,"state":"running","good":1017,"scrap":2,"temp":61.5}`},
		{"json", `{"temp":61.5}`},
		{"thingsboard", `{"ts":1700000000123,"values":{"good":1017}}`},
		{"thingsboard", `[{"ts":1700000000123,"values":{"temp":1}},{"ts":1700000000124,"values":{"temp":2}}]`},
		{"umh-historian", `{"timestamp_ms":1700000000,"spindle":3}`},
		{"umh-count", `{"timestamp_ms":1700000000123,"count":1,"scrap":0}`},
		{"kepware", `{"timestamp":1700000000999,"values":[{"id":"Ch.Dev.Tag","v":1.2,"q":true,"t":1700000000123}]}`},
		{"aveva", `{"d":61.5,"dt":5,"ts":"2026-02-10T08:00:00Z","q":192}`},
		{"neuron", `{"timestamp":1700000000123,"node":"n","group":"g","values":{"temp":1},"errors":{"x":2014},"metas":{}}`},
		{"advantech", `{"d":{"Hbt":1}}`},
		{"xinje", `{"Variant":[{"Unix":"1614576888000","Pub_Data":{"device":{"temp":1}}}]}`},
		{"devtank", `{"UNIX":1700000000,"NAME":"m1","VALUES":{"TEMP":"23.5"}}`},
		{"value", `32.5`},
		{"line-protocol", `heartbeat,machine=m1 good=17i 1700000000123000000`},
		{"csv", "1700000000123,1017,2"},
		{"mtconnect", `2016-09-27T22:04:33.304836Z|execution|UNAVAILABLE`},
	} {
		m := collector.Message{Topic: "a/b/temp", Payload: []byte(tc.payload), Arrived: arrived}
		var got []string
		for _, f := range Fits(allShipped(t), m) {
			got = append(got, f.Profile.Name)
			if len(f.Samples) == 0 || f.Samples[0].Plant != Unnamed {
				t.Errorf("%s: %s makes %+v", tc.payload, f.Profile.Name, f.Samples)
			}
		}
		if len(got) == 0 || got[0] != tc.want {
			t.Errorf("%s fits %v; want %s first", tc.payload, got, tc.want)
		}
	}
	for _, payload := range []string{`{"a":`, "\xff\xfe", ""} {
		if got := Fits(allShipped(t), collector.Message{Topic: "a", Payload: []byte(payload), Arrived: arrived}); len(got) != 0 {
			t.Errorf("%q fits %s", payload, got[0].Profile.Name)
		}
	}
}

func TestPathsOf(t *testing.T) {
	got := pathsOf([]byte(`{"a":{"b":[{"c":"x","d":[1,[2]]},{"e":null}],"f":1},"g":2}`))
	want := pathSet{"a": true, "a.b": true, "a.b.c": true, "a.b.d": true, "a.b.e": true, "a.f": true, "g": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := pathsOf([]byte(`[{"a":1},{"b":2}]`)); !got["$"] || !got["a"] || !got["b"] {
		t.Error(got)
	}
}
