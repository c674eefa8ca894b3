package config

import (
	"strings"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Document is a YAML file of a user's that holds a registry and rules among
// other things, able to say where a key stands in it.
type Document struct{ document }

// ReadDocument reads a YAML file into the struct that into points to, as
// strictly as the configuration. problems is everything that is wrong in it.
func ReadDocument(file string, into any) (doc *Document, problems plant.Problems) {
	data, err := place{name: file}.read()
	if err != nil {
		return nil, plant.Problems{{File: file, What: fileWords(err)}}
	}
	return &Document{document{file: file, data: data}}, decodeYAML(file, data, into)
}

// Locate gives p its file and, by its path, its line.
func (d *Document) Locate(p plant.Problem) plant.Problem { return d.locate(p) }

// Files are what a document may take its registry and rules from, instead of
// its own keys plants, calendars and rules. Names are relative to it.
type Files struct {
	Registry  string `yaml:"registry"`
	Calendars string `yaml:"calendars"`
	Rules     string `yaml:"rules"`
}

// Definition reads what from names in place of what stands in the document
// (reg, conf), and checks both together. The registry is indexed, the rules
// have their defaults.
func (d *Document) Definition(reg *plant.Registry, conf *rules.Config, from Files) (problems, warnings plant.Problems) {
	docs := &registryDocs{plants: &d.document}
	rulesDoc, prefix := &d.document, "rules"
	read := func(key, name string, use func(file string, data []byte) plant.Problems) {
		if name == "" {
			return
		}
		at := place{name: d.file}.beside(name)
		data, err := at.read()
		if err != nil {
			problems = append(problems, d.locate(plant.Problem{Path: "files." + key, What: at.name + ": " + fileWords(err)}))
			return
		}
		problems = append(problems, use(at.name, data)...)
	}
	read("registry", from.Registry, func(file string, data []byte) (ps plant.Problems) {
		var own *plant.Registry
		own, docs.plants, ps = syntaxOf(file, data)
		reg.Plants, reg.Calendars = own.Plants, own.Calendars
		return ps
	})
	docs.own = len(reg.Calendars)
	read("calendars", from.Calendars, func(file string, data []byte) plant.Problems {
		var more calendarFile
		ps := decodeYAML(file, data, &more)
		docs.calendars = &document{file: file, data: data}
		reg.Calendars = append(reg.Calendars, more.Calendars...)
		return ps
	})
	read("rules", from.Rules, func(file string, data []byte) plant.Problems {
		rulesDoc, prefix = &document{file: file, data: data}, ""
		return decodeYAML(file, data, conf)
	})
	if len(problems) > 0 {
		return problems, nil
	}
	if problems = checkRegistry(reg, docs); len(problems) > 0 {
		return problems, nil
	}
	reg.Index()
	*conf = conf.WithDefaults()
	problems, warnings = conf.Check(reg)
	return locateRules(problems, docs, rulesDoc, prefix), locateRules(warnings, docs, rulesDoc, prefix)
}

// locateRules locates what a check of rules against a registry found; the
// rules stand under the key prefix of their file.
func locateRules(ps plant.Problems, reg *registryDocs, rules *document, prefix string) plant.Problems {
	for i, p := range ps {
		if strings.HasPrefix(p.Path, "plants[") || strings.HasPrefix(p.Path, "calendars[") {
			ps[i] = reg.locate(p)
			continue
		}
		p.Path = joinPath(prefix, p.Path)
		ps[i] = rules.locate(p)
	}
	return ps
}
