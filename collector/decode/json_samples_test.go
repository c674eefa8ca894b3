package decode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/plant"
)

const batched = `
name: batched
format: json
samples: data.list
machine: m
`

// brief shows what matters of samples and failures in one line each.
func brief(samples []plant.Sample, reasons []string) (out []string) {
	for _, s := range samples {
		line := fmt.Sprintf("%s %d %s", s.Machine, s.Seq, s.State)
		for _, f := range s.Fields {
			line += fmt.Sprintf(" %s=%v%v%s", f.Name, f.Int, f.Float, f.Str)
		}
		out = append(out, line)
	}
	return append(out, reasons...)
}

func TestAnArrayOfSamples(t *testing.T) {
	for _, tc := range []struct {
		name, profile, payload string
		want                   []string
	}{
		{"each element is one", batched, `{"data":{"list":[{"seq":1,"good":5},{"seq":2,"state":"b","x":{"y":1}},{}]}}`,
			[]string{"m1 1  good=50", "m1 2 b x_y=01", "m1 0 "}},
		{"what stands around is inherited", batched, `{"seq":9,"shift":"A","good":7,"data":{"list":[{"good":5,"seq":1},{}]},"state":"run","line_speed":2,"ts":1700000000123}`,
			[]string{"m1 1 run good=50 line_speed=02 shift=00A", "m1 9 run good=70 line_speed=02 shift=00A"}},
		{"an element fails alone", batched, `{"data":{"list":[{"seq":1},{"good":"5","seq":2},7,[1],{"seq":3,"m":"m1"},{"m":"m2"},{"ts":5}]}}`,
			[]string{"m1 1 ", "m1 3 ", "id", "time", "type", "type", "type"}},
		{"none", batched, `{"data":{"list":[]}}`, nil},
		{"no array", batched, `{"data":{}}`, []string{"missing"}},
		{"null for the array", batched, `{"data":{"list":null}}`, []string{"missing"}},
		{"no array there", batched, `{"data":{"list":{"a":1}}}`, []string{"type"}},
		{"text there", batched, `{"data":{"list":"x"}}`, []string{"type"}},
		{"an array in an element", batched, `{"data":{"list":[{"data":{"list":[{}]}}]}}`, []string{"type"}},
		{"broken at its end", batched, `{"data":{"list":[{"seq":1},{"seq":2}`, []string{"syntax"}},
		{"broken around", batched, `{"good":"x","data":{"list":[{"seq":1},{"seq":2}]}}`, []string{"type"}},
		{"the whole message", "name: x\nformat: json\nsamples: $\n", `[{"seq":1},{"seq":2}]`, []string{"m1 1 ", "m1 2 "}},
		{"no array at all", "name: x\nformat: json\nsamples: $\n", `{"seq":1}`, []string{"missing"}},
		{"a number", "name: x\nformat: json\nsamples: $\n", `1`, []string{"type"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			samples, failures := newDecoder(t, profile(t, tc.profile)).Decode(nil, message(tc.payload))
			if diff := cmp.Diff(tc.want, brief(samples, reasons(failures))); diff != "" {
				t.Error(diff, failures)
			}
		})
	}
}

func TestFailuresInAnArrayNameTheElement(t *testing.T) {
	_, failures := newDecoder(t, profile(t, batched)).Decode(nil, message(`{"data":{"list":[{},{"good":"5"}]}}`))
	if len(failures) != 1 || !strings.HasPrefix(failures[0].Words, "at byte 28 (/data/list/1/good): ") {
		t.Error(failures)
	}
}

func TestASmallMessageCannotGrowLarge(t *testing.T) {
	d := newDecoder(t, profile(t, "name: x\nformat: json\nsamples: s\n"))
	samples, failures := d.Decode(nil, message(`{"s":[`+strings.Repeat(`{},`, 9999)+`{}],`+manyFields(1000)+`}`))
	if len(samples) == 0 || len(failures) != maxFailures || len(d.fields) > maxAllFields {
		t.Errorf("%d samples, %d failures, %d fields", len(samples), len(failures), len(d.fields))
	}
	samples, failures = d.Decode(nil, message(`{"s":[`+strings.Repeat(`{},`, 10_000)+`{}]}`))
	if len(samples) != 0 || len(failures) != 1 || failures[0].Reason != "size" {
		t.Errorf("%d samples, failures %v", len(samples), failures)
	}
}
