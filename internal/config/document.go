package config

import (
	"strings"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Document is a YAML file of a user's, able to say where a key stands in it.
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

// CheckDefinition checks a registry under the keys plants and calendars of d,
// and rules under the key rules; both are as they were read. It fills in
// defaults, and indexes the registry.
func (d *Document) CheckDefinition(reg *plant.Registry, conf *rules.Config) (problems, warnings plant.Problems) {
	if problems = checkRegistry(reg, &registryDocs{plants: &d.document, own: len(reg.Calendars)}); len(problems) > 0 {
		return problems, nil
	}
	reg.Index()
	*conf = conf.WithDefaults()
	problems, warnings = conf.Check(reg)
	locate := func(ps plant.Problems) plant.Problems {
		for i, p := range ps {
			if !strings.HasPrefix(p.Path, "plants[") && !strings.HasPrefix(p.Path, "calendars[") {
				p.Path = joinPath("rules", p.Path)
			}
			ps[i] = d.locate(p)
		}
		return ps
	}
	return locate(problems), locate(warnings)
}
