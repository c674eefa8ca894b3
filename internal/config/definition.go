package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// document is a file that was read, able to say where a path stands in it.
type document struct {
	file string
	data []byte
	csv  *csvRows // nil: YAML
	root *yaml.Node
}

// locate gives p its file and line; CSV files also get their own words for
// the path.
func (d *document) locate(p plant.Problem) plant.Problem {
	if p.File != "" || d.file == "" {
		return p
	}
	p.File = d.file
	if d.csv != nil {
		p.Line, p.Path = d.csv.locate(p.Path)
		return p
	}
	if d.root == nil {
		d.root, _ = parseYAML(d.file, d.data)
	}
	if p.Column > 0 {
		p.Line, p.Column = d.within(p)
		return p
	}
	p.Line = lineOf(d.root, p.Path)
	return p
}

func locateAll(ps plant.Problems, where func(path string) *document) plant.Problems {
	for i, p := range ps {
		ps[i] = where(p.Path).locate(p)
	}
	return ps
}

// readDefinition reads registry and rules and checks both together.
func (l *loader) readDefinition() {
	reg, regDocs, regGood := l.readRegistry()
	conf, rulesDoc, rulesGood := l.readRules()
	l.out.Registry = reg
	if !regGood {
		return
	}
	reg.Index()
	if !rulesGood {
		return
	}
	l.out.Rules = conf.WithDefaults()
	problems, warnings := l.out.Rules.Check(reg)
	if len(problems) == 0 {
		problems = l.out.Rules.CheckReadings(reg, fieldsOf(l.out.Profiles))
	}
	warnings = append(warnings, l.holidaysMissing(reg)...)
	l.problems = append(l.problems, locateRules(problems, regDocs, rulesDoc, "")...)
	l.out.Warnings = append(l.out.Warnings, locateRules(warnings, regDocs, rulesDoc, "")...)
	l.out.Version = versionOf(reg, l.out.Rules)
}

func (l *loader) readRegistry() (*plant.Registry, *registryDocs, bool) {
	calendars, calendarsGood := l.readCalendars()
	reg, doc, good := l.readPlants()
	docs := &registryDocs{plants: doc, calendars: calendars.doc, own: len(reg.Calendars)}
	reg.Calendars = append(reg.Calendars, calendars.Calendars...)
	if !good || !calendarsGood {
		return reg, docs, false
	}
	problems := checkRegistry(reg, docs)
	l.problems = append(l.problems, problems...)
	return reg, docs, len(problems) == 0
}

func (l *loader) readPlants() (*plant.Registry, *document, bool) {
	name := l.out.Config.Registry
	at, data := l.open("registry", name)
	l.out.registryFile = at.name
	l.out.Config.Registry = at.name
	if data == nil {
		if l.of("registry") == byDefault {
			l.out.Warnings = append(l.out.Warnings, plant.Problem{File: at.name, What: "there is no such file: nobody is enrolled; heartbeats are stored and shown, and no plant gets a verdict"})
		}
		return new(plant.Registry), new(document), l.of("registry") == byDefault
	}
	reg, doc, problems := syntaxOf(at.name, data)
	l.problems = append(l.problems, problems...)
	if len(problems) == 0 && len(reg.Plants) == 0 {
		l.out.Warnings = append(l.out.Warnings, plant.Problem{File: at.name, What: "nobody is enrolled: the file lists no plant; heartbeats are stored and shown, and no plant gets a verdict"})
	}
	return reg, doc, len(problems) == 0
}

// ReadRegistry reads a registry of its own, YAML or (where the name ends in
// .csv) CSV, checked and indexed. Errors are as Load's.
func ReadRegistry(file string) (*plant.Registry, error) {
	data, err := place{name: file}.read()
	if err != nil {
		return nil, plant.Problems{{File: file, What: fileWords(err)}}.Err()
	}
	reg, _, problems := parseRegistry(file, data)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	reg.Index()
	return reg, nil
}

// parseRegistry reads and checks a registry that needs no other file.
func parseRegistry(file string, data []byte) (*plant.Registry, *document, plant.Problems) {
	reg, doc, problems := syntaxOf(file, data)
	if len(problems) == 0 {
		problems = checkRegistry(reg, &registryDocs{plants: doc, own: len(reg.Calendars)})
	}
	return reg, doc, problems
}

// syntaxOf reads a registry; what it means is not checked.
func syntaxOf(file string, data []byte) (*plant.Registry, *document, plant.Problems) {
	reg, doc := new(plant.Registry), &document{file: file, data: data}
	var problems plant.Problems
	if strings.HasSuffix(strings.ToLower(file), ".csv") {
		reg, doc.csv, problems = parseCSV(file, data)
	} else {
		problems = decodeRegistry(file, data, reg)
	}
	return reg, doc, problems
}

func (l *loader) readRules() (rules.Config, *document, bool) {
	var conf rules.Config
	at, data := l.open("rules", l.out.Config.Rules)
	l.out.Config.Rules = at.name
	if data == nil {
		return conf, new(document), l.of("rules") == byDefault
	}
	problems := decodeYAML(at.name, data, &conf)
	l.problems = append(l.problems, problems...)
	return conf, &document{file: at.name, data: data}, len(problems) == 0
}

// ReadRules reads rules of their own and fills in defaults; what they say of
// a registry is checked by rules.Config.Check. Errors are as Load's.
func ReadRules(file string) (rules.Config, error) {
	data, err := place{name: file}.read()
	if err != nil {
		return rules.Config{}, plant.Problems{{File: file, What: fileWords(err)}}.Err()
	}
	var conf rules.Config
	if err := decodeYAML(file, data, &conf).Err(); err != nil {
		return rules.Config{}, err
	}
	return conf.WithDefaults(), nil
}

// versionOf hashes what registry and rules mean: neither the order of plants
// and calendars nor the way the files are written changes it.
func versionOf(reg *plant.Registry, conf rules.Config) string {
	plants := slices.SortedFunc(slices.Values(reg.Plants), func(a, b *plant.Plant) int { return cmp.Compare(a.ID, b.ID) })
	calendars := slices.SortedFunc(slices.Values(reg.Calendars), func(a, b *plant.Calendar) int { return cmp.Compare(a.Name, b.Name) })
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(rules.Definition{Registry: &plant.Registry{Plants: plants, Calendars: calendars, Holidays: reg.Holidays}, Rules: conf}); err != nil {
		panic("config: a checked definition has no JSON: " + err.Error())
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
