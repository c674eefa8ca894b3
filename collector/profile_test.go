package collector

import (
	"strings"
	"testing"
)

func TestProfileCheck(t *testing.T) {
	good := func() *Profile { return &Profile{Name: "x", Format: FormatJSON} }
	for _, tc := range []struct {
		name   string
		change func(*Profile)
		want   string // "" for none, else path: part of what
	}{
		{"defaults", func(*Profile) {}, ""},
		{"line protocol", func(p *Profile) { p.Format, p.Plant = FormatLineProtocol, "plant" }, ""},
		{"no name", func(p *Profile) { p.Name = "" }, "name: is missing"},
		{"no format", func(p *Profile) { p.Format = "" }, `format: "" is none of json, line-protocol, csv, pairs, value`},
		{"unit", func(p *Profile) { p.Time.Unit = "auto" }, `time.unit: "auto" is none of s, ms, us, ns, rfc3339`},
		{"measurements", func(p *Profile) { p.Measurements = []string{"a"} }, "measurements: belongs to"},
		{"samples in lines", func(p *Profile) { p.Format, p.Samples = FormatLineProtocol, "a" }, "samples: belongs to"},
		{"a time field in lines", func(p *Profile) { p.Format, p.Time.Field = FormatLineProtocol, "a" }, "time.field: belongs to"},
		{"a text time in lines", func(p *Profile) { p.Format, p.Time.Unit = FormatLineProtocol, UnitRFC3339 }, "time.unit: rfc3339 belongs to"},
		{"quality", func(p *Profile) { p.Quality.Field = "q" }, "quality.good: is empty"},
		{"two roles", func(p *Profile) { p.Machine = "state" }, `machine: "state" is already state`},
		{"a counter twice", func(p *Profile) { p.Counters = []ProfileCounter{{Field: "a"}, {Field: "a"}} }, `counters[1].field: "a" is already counters[0].field`},
		{"counter without field", func(p *Profile) { p.Counters = []ProfileCounter{{}} }, "counters[0].field: is missing"},
		{"kind", func(p *Profile) { p.Counters = []ProfileCounter{{Field: "a", Kind: "sum"}} }, `counters[0].kind: "sum" is neither`},
		{"kinds", func(p *Profile) { p.Counters = []ProfileCounter{{Field: "a", Kind: "delta"}, {Field: "b"}} }, "counters[1].kind: differs"},
		{"scale", func(p *Profile) { p.Counters = []ProfileCounter{{Field: "a", Scale: -1}} }, "counters[0].scale: -1 is no scale"},
		{"scales", func(p *Profile) { p.Counters = []ProfileCounter{{Field: "a", Scale: 2}, {Field: "b"}} }, "counters[1].scale: differs"},
		{"path", func(p *Profile) { p.Exclude = []string{"a..b"} }, `exclude[0]: "a..b" is no path`},
		{"in and out", func(p *Profile) { p.Include, p.Exclude = []string{"a"}, []string{"a"} }, `include[0]: "a" is also under exclude`},
		{"rename to ours", func(p *Profile) { p.Rename = []ProfileRename{{From: "a", To: "flags"}} }, `rename[0].to: "flags" is a tag or field`},
		{"rename to nothing", func(p *Profile) { p.Rename = []ProfileRename{{From: "a"}} }, "rename[0].to: is empty"},
		{"rename twice", func(p *Profile) { p.Rename = []ProfileRename{{From: "a", To: "b"}, {From: "a", To: "c"}} }, `rename[1].from: "a" is renamed twice`},
		{"rename together", func(p *Profile) { p.Rename = []ProfileRename{{From: "a", To: "c"}, {From: "b", To: "c"}} }, `rename[1].to: two paths become "c"`},
		{"ids", func(p *Profile) { p.IDs.Line = "a/b" }, "ids.line: "},
		{"a range of qualities", func(p *Profile) { p.Tags = ProfileTags{List: "$", Quality: "q", Good: []string{"192..255"}} }, ""},
		{"tags without good", func(p *Profile) { p.Tags = ProfileTags{List: "l", Quality: "q"} }, "tags.good: is empty"},
		{"tags and samples", func(p *Profile) { p.Tags, p.Samples = ProfileTags{List: "l"}, "s" }, "tags: is an array of values"},
		{"tag levels", func(p *Profile) { p.Tags = ProfileTags{List: "l", Levels: "{line}"} }, `tags.levels: "{line}" does not end`},
		{"unwrapped rows", func(p *Profile) { p.Format, p.Unwrap = FormatCSV, []string{"a"} }, "unwrap: belongs to format: json"},
		{"a long separator", func(p *Profile) { p.Format, p.Separator = FormatCSV, "::" }, `separator: "::" is not one character`},
		{"size", func(p *Profile) { p.MaxSize = 1 << 30 }, "max_size: is more than 64MiB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := good()
			tc.change(p)
			got := p.Check().Error()
			if tc.want == "" && got != "" || !strings.HasPrefix(got, tc.want) || strings.Contains(got, "\n") {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
