package collector

import (
	"strings"
	"testing"
)

func TestTemplateMatch(t *testing.T) {
	const factory = "factory/{plant}/{line}/{machine}/heartbeat"
	for _, c := range []struct {
		template, topic string
		want            Levels
		ok              bool
	}{
		{factory, "factory/p/l/m/heartbeat", Levels{Plant: "p", Line: "l", Machine: "m"}, true},
		{factory, "factory/绍兴/染 1/m/heartbeat", Levels{Plant: "绍兴", Line: "染 1", Machine: "m"}, true},
		{factory, "factory/p//m/heartbeat", Levels{Plant: "p", Machine: "m"}, true},
		{factory, "factory////heartbeat", Levels{}, true},
		{factory, "factory/p/l/m/state", Levels{}, false},
		{factory, "factory/p/l/m", Levels{}, false},
		{factory, "factory/p/l/m/heartbeat/", Levels{}, false},
		{factory, "/factory/p/l/m/heartbeat", Levels{}, false},
		{factory, "", Levels{}, false},
		{"/{plant}", "/p", Levels{Plant: "p"}, true},
		{"/{plant}", "p", Levels{}, false},
		{"umh/v1/+/{plant}/+/{line}/{machine}/#", "umh/v1/e/p/a/l/m/_historian/x", Levels{Plant: "p", Line: "l", Machine: "m"}, true},
		{"umh/{plant}/#", "umh/p", Levels{Plant: "p"}, true},
		{"umh/{plant}/#", "umh/p/", Levels{Plant: "p"}, true},
		{"umh/{plant}/#", "umh", Levels{}, false},
		{"{gateway}/{field}", "gw/temp", Levels{Gateway: "gw", Field: "temp"}, true},
		{"{plant}/x", "$SYS/x", Levels{}, false},
		{"+/x", "$SYS/x", Levels{}, false},
		{"#", "$SYS/x", Levels{}, false},
		{"#", "a", Levels{}, true},
		{"#", "", Levels{}, true},
		{"$SYS/{plant}", "$SYS/p", Levels{Plant: "p"}, true},
		{"a/{plant}", "a/$p", Levels{Plant: "$p"}, true},
	} {
		tmpl, err := ParseTemplate(c.template)
		if err != nil {
			t.Fatalf("ParseTemplate(%q): %v", c.template, err)
		}
		if got, ok := tmpl.Match(c.topic); got != c.want || ok != c.ok {
			t.Errorf("%q.Match(%q) = %+v, %v; want %+v, %v", c.template, c.topic, got, ok, c.want, c.ok)
		}
	}
	if got, ok := (Template{}).Match("a"); ok {
		t.Errorf("the zero template matched: %+v", got)
	}
}

func TestTemplateFilter(t *testing.T) {
	for text, want := range map[string]string{
		"factory/{plant}/{line}/{machine}/heartbeat": "factory/+/+/+/heartbeat",
		"/{plant}/+/x//#": "/+/+/x//#",
		"a":               "a",
	} {
		tmpl, err := ParseTemplate(text)
		if err != nil {
			t.Fatalf("ParseTemplate(%q): %v", text, err)
		}
		if got := tmpl.Filter(); got != want {
			t.Errorf("%q.Filter() = %q, want %q", text, got, want)
		}
		if got := tmpl.String(); got != text {
			t.Errorf("String() = %q, want %q", got, text)
		}
	}
}

func TestTemplateNamed(t *testing.T) {
	tmpl, err := ParseTemplate("a/{plant}/{field}")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"plant": true, "field": true, "line": false, "nonsense": false, "": false} {
		if got := tmpl.Named(name); got != want {
			t.Errorf("Named(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestParseTemplateRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "is empty",
		"a/#/b":                   "level 2: # may only be the last level",
		"{plant}/{plant}":         "level 2: {plant} is there twice",
		"{plnt}/x":                "level 1: \"{plnt}\" is no named level",
		"a/x{plant}":              "level 2: \"x{plant}\" is no named level",
		"a/{plant":                "is no named level",
		"a/{}":                    "is no named level",
		"a/b+":                    "must stand alone",
		"a/b#":                    "must stand alone",
		"$share/g/a/{plant}":      "shared subscription",
		"a/\x00":                  "is not UTF-8",
		"a/\xff":                  "is not UTF-8",
		strings.Repeat("a", 1e5):  "is longer than 65535 bytes",
		"a/{Plant}/{line}/{line}": "level 2: \"{Plant}\" is no named level",
	} {
		if _, err := ParseTemplate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseTemplate(%.20q) = %v, want an error with %q", text, err, want)
		}
	}
}

func TestTemplateOverlaps(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"a/{plant}", "a/{line}", true},
		{"a/{plant}", "b/{plant}", false},
		{"a/{plant}", "a/{plant}/x", false},
		{"a/#", "a", true},
		{"a/#", "{plant}/b/c", true},
		{"a/#", "b/#", false},
		{"#", "$SYS/x", false},
		{"#", "x", true},
		{"$SYS/#", "$SYS/x", true},
		{"a/+/c", "a/b/+", true},
		{"a/+/c", "a/b/d", false},
	} {
		a, _ := ParseTemplate(c.a)
		b, _ := ParseTemplate(c.b)
		if got := a.Overlaps(b); got != c.want {
			t.Errorf("%q.Overlaps(%q) = %v, want %v", c.a, c.b, got, c.want)
		}
		if got := b.Overlaps(a); got != c.want {
			t.Errorf("%q.Overlaps(%q) = %v, want %v", c.b, c.a, got, c.want)
		}
	}
}

func TestTemplateMatchAllocatesNothing(t *testing.T) {
	tmpl, err := ParseTemplate("factory/{plant}/{line}/{machine}/heartbeat")
	if err != nil {
		t.Fatal(err)
	}
	topic := "factory/shaoxing-07/dye-1/m2/heartbeat"
	if got := testing.AllocsPerRun(100, func() { tmpl.Match(topic) }); got != 0 {
		t.Errorf("%v allocations a match, want 0", got)
	}
}

func BenchmarkTemplateMatch(b *testing.B) {
	tmpl, _ := ParseTemplate("factory/{plant}/{line}/{machine}/heartbeat")
	b.ReportAllocs()
	for b.Loop() {
		tmpl.Match("factory/shaoxing-07/dye-1/m2/heartbeat")
	}
}
