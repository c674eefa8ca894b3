package config

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
)

// decodeYAML reads data into the struct that into points to, strictly. The
// common case, a good file, costs one pass; only where that fails is the
// file walked, to tell everything that is wrong in it, and where.
func decodeYAML(file string, data []byte, into any) plant.Problems {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	err := dec.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil // an empty file
	}
	if err == nil {
		if err = dec.Decode(new(yaml.Node)); errors.Is(err, io.EOF) {
			return nil
		}
	}
	root, problems := parseYAML(file, data)
	if problems == nil {
		_, problems = walkYAML(file, root, into)
	}
	if problems == nil && err != nil {
		problems = plant.Problems{yamlProblem(file, err)}
	}
	return problems
}

// parseYAML returns the one document of data, nil where it is empty.
func parseYAML(file string, data []byte) (*yaml.Node, plant.Problems) {
	if !utf8.Valid(data) {
		line := 1 + bytes.Count(data[:invalidAt(data)], []byte("\n"))
		return nil, plant.Problems{{File: file, Line: line, What: "is not UTF-8; save the file as UTF-8"}}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, plant.Problems{yamlProblem(file, err)}
	}
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, plant.Problems{yamlProblem(file, err)}
	default:
		return nil, plant.Problems{{File: file, Line: second.Line, What: "a second document begins here; a file holds one, so remove the --- line"}}
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	if n := loopIn(doc.Content[0], nil); n != nil {
		return nil, plant.Problems{{File: file, Line: n.Line, What: "*" + n.Value + " stands inside what it stands for"}}
	}
	return doc.Content[0], nil
}

// invalidAt returns where data stops being UTF-8.
func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(data)
}

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// yamlProblem turns the library's "yaml: line 3: ..." into a problem.
func yamlProblem(file string, err error) plant.Problem {
	p := plant.Problem{File: file, What: strings.TrimPrefix(err.Error(), "yaml: ")}
	if m := yamlLine.FindStringSubmatch(p.What); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.What = strings.TrimPrefix(p.What, m[0])
	}
	p.What = "is no YAML: " + p.What
	return p
}
