package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

var sameRegistry = cmp.Options{cmpopts.IgnoreUnexported(plant.Registry{}, plant.Plant{}), cmpopts.EquateEmpty()}

func mustParse(t *testing.T, file string, data []byte) *plant.Registry {
	t.Helper()
	reg, _, problems := parseRegistry(file, data)
	if len(problems) > 0 {
		t.Fatalf("%s: %v", file, problems)
	}
	return reg
}

// text is a quick way to compare many plants.
func text(t *testing.T, plants []*plant.Plant) string {
	t.Helper()
	out, err := json.Marshal(plants)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A large file is read in parts; the whole must be the same.
func TestLargeRegistryIsReadAsAWhole(t *testing.T) {
	yaml, csv := registryOf(1000)
	whole := new(plant.Registry)
	if problems := decodeYAML("plants.yaml", yaml, whole); len(problems) > 0 {
		t.Fatal(problems)
	}
	for n := 2; n <= 7; n++ {
		parts := cutPlants(yaml, n)
		if len(parts) != n {
			t.Errorf("%d parts, want %d", len(parts), n)
		}
		plants, _, ok := decodeParts(parts)
		if !ok {
			t.Fatalf("%d parts cannot be read", n)
		}
		if text(t, plants) != text(t, whole.Plants) {
			t.Errorf("%d parts hold other plants than the whole", n)
		}
	}
	if text(t, mustParse(t, "plants.csv", csv).Plants) != text(t, whole.Plants) {
		t.Error("the CSV holds other plants")
	}
}

func TestRegistryIsCutOnlyWhereItCanBe(t *testing.T) {
	const item = "  - {id: p%d, lines: [{id: l, machines: [m]}]}\n"
	many := func(format string) (out string) {
		for i := range 9 {
			out += fmt.Sprintf(format, i)
		}
		return out
	}
	for name, c := range map[string]struct {
		text string
		cut  bool
	}{
		"plain":            {"plants:\n" + many(item), true},
		"after a comment":  {"# plants:\nplants:\n" + many(item), false}, // the first "plants:" is not its own line
		"not indented":     {"plants:\n" + many(item[2:]), true},
		"a list in a line": {"plants: [" + strings.TrimSuffix(many("{id: p%d, lines: [{id: l, machines: [m]}]},"), ",") + "]\n", false},
		"comments between": {"plants:\n" + many("  # a plant\n"+item), false},
		"aliases":          {"plants:\n  - {id: q, lines: &l [{id: l, machines: [m]}]}\n" + many("  - {id: p%d, lines: *l}\n"), true},
		"quoted":           {"plants:\n" + many("  - id: p%d\n    name: \"x\n  - y\"\n    lines: [{id: l, machines: [m]}]\n"), true},
	} {
		t.Run(name, func(t *testing.T) {
			want := new(plant.Registry)
			if problems := decodeYAML("plants.yaml", []byte(c.text), want); len(problems) > 0 {
				t.Fatal(problems)
			}
			for n := 2; n < 12; n++ {
				parts := cutPlants([]byte(c.text), n)
				if got := len(parts) > 1; got != c.cut {
					t.Fatalf("it was cut: %v, want %v", got, c.cut)
				}
				if got, _, ok := decodeParts(parts); c.cut && ok && !cmp.Equal(want.Plants, got, sameRegistry) {
					t.Errorf("cut in %d it means something else: %d plants, want %d", n, len(got), len(want.Plants))
				}
			}
		})
	}
}

func TestMistakeInALargeRegistryIsToldWithItsLine(t *testing.T) {
	yaml, _ := registryOf(1000)
	yaml = bytes.Replace(yaml, []byte("id: plant-00900"), []byte("idd: plant-00900"), 1)
	line := 1 + bytes.Count(yaml[:bytes.Index(yaml, []byte("idd:"))], []byte("\n"))
	_, _, problems := parseRegistry("plants.yaml", yaml)
	want := fmt.Sprintf("plants.yaml:%d: plants[900].idd: there is no such key; did you mean id?", line)
	if got := problems.Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestVersionIsOfTheMeaning(t *testing.T) {
	conf := rules.Config{}.WithDefaults()
	version := func(text string) string {
		reg := mustParse(t, "plants.yaml", []byte(text))
		reg.Index()
		return versionOf(reg, conf)
	}
	a := version("plants: [{id: a, lines: [{id: l, machines: [m]}]}, {id: b, lines: [{id: l, machines: [m]}]}]")
	if b := version("# Another way to write it.\nplants:\n- id: b\n  lines: [{id: l, machines: [m], interval: 1m, weight: 1, counter: {field: good}}]\n- {id: a, lines: [{id: l, machines: [m], output: sum}]}\n"); a == b {
		t.Error("output: sum and a single machine are different words; their versions may not be the same by accident")
	}
	if b := version("plants:\n- id: b\n  lines: [{id: l, machines: [m], interval: 1m, weight: 1, counter: {field: good}}]\n- {id: a, lines: [{id: l, machines: [m]}]}\n"); a != b {
		t.Errorf("the same meaning has versions %s and %s", a, b)
	}
	if b := version("plants: [{id: a, lines: [{id: l, machines: [m2]}]}, {id: b, lines: [{id: l, machines: [m]}]}]"); a == b {
		t.Error("another machine has the same version")
	}
	if len(a) != 12 {
		t.Errorf("the version %q is not short", a)
	}
}

func TestCSVForms(t *testing.T) {
	want := mustParse(t, "plants.csv", []byte("plant,line,machines,output\np,\"l, 1\",m1;m2,sum\n"))
	for name, text := range map[string]string{
		"byte order mark":  "\xef\xbb\xbfplant,line,machines,output\np,\"l, 1\",m1;m2,sum\n",
		"windows":          "plant,line,machines,output\r\np,\"l, 1\",m1;m2,sum\r\n",
		"other order":      "output,machines,line,plant\nsum,m1; m2;,\"l, 1\", p \n",
		"no end of line":   "plant,line,machines,output\np,\"l, 1\",m1;m2,sum",
		"comments, blanks": "# x\nplant,line,machines,output\n\n,,,\n# y\np,\"l, 1\",m1;m2,sum\n",
	} {
		if diff := cmp.Diff(want, mustParse(t, "plants.csv", []byte(text)), sameRegistry); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := len(mustParse(t, "PLANTS.CSV", nil).Plants); got != 0 {
		t.Errorf("an empty file has %d plants", got)
	}
	_, _, problems := parseRegistry("plants.csv", []byte("plant,line,machines\np,l\xff,m\n"))
	if got, want := problems.Error(), `plants.csv:2: is not UTF-8; save the file as "CSV UTF-8"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Whatever is in a file, it is read or refused, with a line of that file.
func fuzzRegistry(f *testing.F, file string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		reg, _, problems := parseRegistry(file, data)
		for _, p := range problems {
			if p.File != file || p.What == "" || p.Line < 0 || p.Line > 2+bytes.Count(data, []byte("\n"))+bytes.Count(data, []byte("\r")) {
				t.Errorf("a problem without a place or words: %+v", p)
			}
		}
		if len(problems) == 0 {
			reg.Index()
			versionOf(reg, rules.Config{})
		}
	})
}

func FuzzRegistryYAML(f *testing.F) {
	fuzzRegistry(f, "plants.yaml", "plants:\n- id: p\n  lines: [{id: l, machines: [m], normal: 5/h}]\n",
		"plants: [~]", "plants: [{id: p, lines: [~], gateways: [~]}]", "a: &a [*a]", "plants: &p [{<<: *p}]", "- x", "---\n---\n", "plants: !!binary x", "\xff", "? [a]\n: b")
}

func FuzzRegistryCSV(f *testing.F) {
	fuzzRegistry(f, "plants.csv", "plant,line,machines,labels,gateway\np,l,m1;m2,a=b;c=d,g\n", "plant;line", "plant,line,machines\n\"", "\xef\xbb\xbf", "#\n", "plant,line,machines\n,,m\n")
}
