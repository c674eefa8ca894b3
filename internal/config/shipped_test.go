package config

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/configs"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

const shipped = "../../configs/"

func mustLoad(t *testing.T, env ...string) *Loaded {
	t.Helper()
	loaded, err := Load(nil, env)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestShippedConfigurationIsTheDefaults(t *testing.T) {
	got := mustLoad(t, "HEARTLINE_CONFIG="+shipped+"heartline.yaml")
	if len(got.Warnings) > 0 {
		t.Errorf("it has warnings:\n%v", got.Warnings)
	}
	want := Defaults()
	want.DataDir, want.Registry, want.Rules = shipped+want.DataDir, shipped+want.Registry, shipped+want.Rules
	want.InfluxDB.VerdictBucket = "factory_verdicts"
	if diff := cmp.Diff(want, got.Config, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("a written default is none (-default +written):\n%s", diff)
	}
	data, err := place{name: shipped + "heartline.yaml"}.read()
	if err != nil {
		t.Fatal(err)
	}
	root, _ := parseYAML("heartline.yaml", data)
	values, _ := walkYAML("heartline.yaml", root, new(Config))
	for _, k := range keys() {
		if _, ok := lookup(values, k.path); !ok {
			t.Errorf("it does not show the key %s", k.path)
		}
	}
}

// What docker-compose.yml mounts, with its files where a test can put them.
func TestConfigurationOfTheContainers(t *testing.T) {
	text, err := os.ReadFile("../../packaging/compose/heartline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "heartline.yaml")
	write(t, file, strings.NewReplacer("/run/secrets/", "", "/var/lib/heartline-tokens/", "").Replace(string(text)), 0o600)
	write(t, filepath.Join(dir, "mqtt-password"), "secret\n", 0o600)
	env := "HEARTLINE_CONFIG=" + file
	if _, err := LoadForSetup(nil, []string{env}); err != nil { // what is mounted into setup
		t.Error(err)
	}
	write(t, filepath.Join(dir, "influxdb"), "secret\n", 0o600)
	for _, name := range []string{"plants.yaml", "rules.yaml"} {
		data, err := os.ReadFile(shipped + name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(data), 0o600)
	}
	loaded := mustLoad(t, env)
	var got []string
	for _, w := range loaded.Warnings {
		got = append(got, w.Path)
	}
	// Between the containers nothing is encrypted, and the page has no users.
	if diff := cmp.Diff([]string{"mqtt.servers[0].url", "influxdb.url", "http.listen"}, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if len(loaded.Registry.Plants) == 0 || loaded.Config.DataDir != "/var/lib/heartline" {
		t.Errorf("%d plants, data_dir %q", len(loaded.Registry.Plants), loaded.Config.DataDir)
	}
}

func TestShippedRulesAreTheDefaults(t *testing.T) {
	got, err := ReadRules(shipped + "rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rules.Config{}.WithDefaults(), got); diff != "" {
		t.Errorf("a written default is none (-default +written):\n%s", diff)
	}
}

func TestShippedRegistriesMeanTheSame(t *testing.T) {
	fromYAML, err := ReadRegistry(shipped + "plants.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data, err := place{name: shipped + "plants.csv"}.read()
	if err != nil {
		t.Fatal(err)
	}
	fromCSV, doc, problems := syntaxOf("plants.csv", data)
	fromCSV.Calendars = fromYAML.Calendars // a table has none of its own
	if problems = append(problems, checkRegistry(fromCSV, &registryDocs{plants: doc, own: 2})...); len(problems) > 0 {
		t.Fatal(problems)
	}
	fromCSV.Index()
	if diff := cmp.Diff(versioned(fromYAML), versioned(fromCSV), cmpopts.IgnoreUnexported(plant.Registry{}, plant.Plant{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("plants.csv differs (-yaml +csv):\n%s", diff)
	}
	conf := rules.Config{}.WithDefaults()
	if a, b := versionOf(fromYAML, conf), versionOf(fromCSV, conf); a != b {
		t.Errorf("their versions are %s and %s", a, b)
	}
}

// versioned is reg without differences that mean nothing.
func versioned(reg *plant.Registry) *plant.Registry {
	for _, p := range reg.Plants {
		for _, l := range p.Lines {
			if l.Commissioned != nil && *l.Commissioned {
				l.Commissioned = nil
			}
		}
	}
	return reg
}

func TestDemoIsBuiltIn(t *testing.T) {
	loaded, err := LoadFrom(configs.FS, "demo/heartline.yaml", nil, []string{"HEARTLINE_RULES=" + shipped + "rules.yaml", "HEARTLINE_REGISTRY="})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := loaded.Config.DataDir, "heartline-demo"; got != want {
		t.Errorf("its data_dir is %q, want %q: beside nothing that is built in", got, want)
	}
	want := []string{"demo/heartline.yaml", "demo/plants.yaml", shipped + "rules.yaml"}
	if diff := cmp.Diff(want, loaded.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	loaded, err = LoadFrom(configs.FS, "demo/heartline.yaml", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded.Warnings) > 0 {
		t.Errorf("it has warnings:\n%v", loaded.Warnings)
	}
	if len(loaded.Registry.Plants) == 0 {
		t.Error("it has no plants")
	}
}

// Every file that is built in or lies in configs/ is loaded by some test; this
// one finds those that nobody knows.
func TestEveryShippedFileIsKnown(t *testing.T) {
	known := map[string]bool{
		"heartline.yaml": true, "plants.yaml": true, "plants.csv": true, "rules.yaml": true, "calendars.yaml": true, "embed.go": true,
		"demo/heartline.yaml": true, "demo/plants.yaml": true, "demo/rules.yaml": true,
		"custom-rules.yaml":     true, // package scenario's tests play it
		"steel.csv-format.yaml": true, // package sim's tests load it
	}
	files, err := filepath.Glob(shipped + "*")
	if err != nil {
		t.Fatal(err)
	}
	deeper, err := filepath.Glob(shipped + "*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, deeper...) {
		name, _ := filepath.Rel(shipped, f)
		if dir := path.Dir(filepath.ToSlash(name)); dir == "profiles" || name == "profiles" || name == "demo" ||
			dir == "scenarios" || name == "scenarios" { // package scenario's tests play them
			continue
		}
		if !known[filepath.ToSlash(name)] {
			t.Errorf("configs/%s is loaded by no test", name)
		}
	}
}

var templateInWords = regexp.MustCompile(`[\w+]+(?:/[\w+#{}]+)*/\{[\w+#{}/]*`)

func TestTemplatesInShippedProfilesCanBePasted(t *testing.T) {
	all, err := BuiltinProfiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		text, err := fs.ReadFile(configs.FS, "profiles/"+p.Name+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, written := range templateInWords.FindAllString(string(text), -1) {
			template, err := collector.ParseTemplate(written)
			if err != nil {
				t.Errorf("%s says %s: %v", p.Name, written, err)
				continue
			}
			l := new(loader)
			if l.checkIdentity("source", template, p); len(l.problems) > 0 {
				t.Errorf("%s says %s: %v", p.Name, written, l.problems)
			}
		}
	}
}

func TestBuiltinProfiles(t *testing.T) {
	files, err := fs.Glob(configs.FS, "profiles/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	byName, problems := builtinProfiles()
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(byName) != len(files) || len(files) == 0 {
		t.Errorf("%d files hold %d names", len(files), len(byName))
	}
	for _, f := range files {
		name := f[len("profiles/") : len(f)-len(".yaml")]
		if p, err := BuiltinProfile(name); err != nil || p.Name != name {
			t.Errorf("profile %s: %+v, %v", name, p, err)
		}
	}
	if all, err := BuiltinProfiles(); err != nil || len(all) != len(byName) {
		t.Errorf("all of them: %d of %d, %v", len(all), len(byName), err)
	}
	if _, err := BuiltinProfile("none"); plant.CodeOf(err) != plant.CodeNotFound {
		t.Errorf("an absent profile is %v", err)
	}
}

func TestShippedCalendars(t *testing.T) {
	reg := filepath.Join(t.TempDir(), "plants.csv")
	write(t, reg, "plant,line,machines,calendar\na,l,m,three-shift\nb,l,m,weekdays\n", 0o644)
	loaded := mustLoad(t, "HEARTLINE_REGISTRY="+reg, "HEARTLINE_CALENDARS="+shipped+"calendars.yaml")
	if got := len(loaded.Registry.Plant("a").Schedule().Shifts); got != 3 {
		t.Errorf("three-shift has %d shifts", got)
	}
	if got := loaded.Registry.Plant("a").Schedule().Holidays.Countries; len(got) != 1 || got[0] != "CN" {
		t.Errorf("three-shift has the holidays of %v, want those of what it extends", got)
	}
	if loaded.Registry.HolidayTable("DE") == nil {
		t.Error("the holidays of DE are missing")
	}
}
