package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
)

// walker compares a document with the Go type it is meant for, and collects
// everything wrong with it.
type walker struct {
	file     string
	problems plant.Problems
	budget   int // of nodes: aliases can make a short file endless
}

const maxNodes = 20_000_000

// walkYAML checks root against what like points to. It returns the values
// that are good, as maps, lists and texts.
func walkYAML(file string, root *yaml.Node, like any) (map[string]any, plant.Problems) {
	w := walker{file: file, budget: maxNodes}
	if root == nil {
		return nil, nil
	}
	v, _ := w.value(root, reflect.TypeOf(like).Elem(), "")
	m, _ := v.(map[string]any)
	return m, w.problems
}

func (w *walker) add(n *yaml.Node, path, format string, args ...any) {
	w.problems = append(w.problems, plant.Problem{File: w.file, Line: n.Line, Path: path, What: fmt.Sprintf(format, args...)})
}

// value checks n against t; false means that n is not set or not good.
func (w *walker) value(n *yaml.Node, t reflect.Type, path string) (any, bool) {
	n = resolve(n)
	if w.budget--; w.budget < 0 {
		if w.budget == -1 {
			w.add(n, path, "the file's aliases (*name) unfold without end")
		}
		return nil, false
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil, false
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case isText(t):
		return w.text(n, t, path)
	case hasUnmarshaler(t):
		return w.custom(n, t, path)
	}
	switch t.Kind() {
	case reflect.Struct:
		return w.group(n, t, path)
	case reflect.Map:
		return w.dictionary(n, t, path)
	case reflect.Slice:
		return w.list(n, t, path)
	}
	if n.Kind != yaml.ScalarNode {
		w.add(n, path, "is %s; write one value", kindWords(n))
		return nil, false
	}
	if err := checkScalar(t, n.Value); err != nil {
		w.add(n, path, "%v", err)
		return nil, false
	}
	return n.Value, true
}

func (w *walker) text(n *yaml.Node, t reflect.Type, path string) (any, bool) {
	if n.Kind != yaml.ScalarNode {
		w.add(n, path, "is %s; write one value", kindWords(n))
		return nil, false
	}
	if err := reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(n.Value)); err != nil {
		w.add(n, path, "%v", err)
		return nil, false
	}
	return n.Value, true
}

// custom leaves n to the type's own UnmarshalYAML.
func (w *walker) custom(n *yaml.Node, t reflect.Type, path string) (any, bool) {
	v := reflect.New(t)
	if err := n.Decode(v.Interface()); err != nil {
		// The type's own words may begin with the key's name, as the path ends.
		what := strings.TrimPrefix(plainYAML(err), path[strings.LastIndex(path, ".")+1:]+": ")
		w.add(n, path, "%s", what)
		return nil, false
	}
	return v.Elem().Interface(), true
}

func (w *walker) group(n *yaml.Node, t reflect.Type, path string) (any, bool) {
	if n.Kind != yaml.MappingNode {
		w.add(n, path, "is %s; write a group of keys: %s", kindWords(n), strings.Join(namesOf(t), ", "))
		return nil, false
	}
	out := map[string]any{}
	seen := map[string]int{}
	for _, p := range pairs(n) {
		name := p.key.Value
		at := joinPath(path, name)
		if first, dup := seen[name]; dup {
			w.add(p.key, at, "is already set in line %d", first)
			continue
		}
		seen[name] = p.key.Line
		f, ok := fieldOf(t, name)
		if !ok {
			w.add(p.key, at, "there is no such key; %s", suggest(name, namesOf(t)))
			continue
		}
		if v, ok := w.value(p.value, f.Type, at); ok {
			out[name] = v
		}
	}
	return out, true
}

func (w *walker) dictionary(n *yaml.Node, t reflect.Type, path string) (any, bool) {
	if n.Kind != yaml.MappingNode {
		w.add(n, path, "is %s; write name: value pairs", kindWords(n))
		return nil, false
	}
	out := map[string]any{}
	seen := map[string]int{}
	for _, p := range pairs(n) {
		at := joinPath(path, p.key.Value)
		if first, dup := seen[p.key.Value]; dup {
			w.add(p.key, at, "is already set in line %d", first)
			continue
		}
		seen[p.key.Value] = p.key.Line
		if v, ok := w.value(p.value, t.Elem(), at); ok {
			out[p.key.Value] = v
		}
	}
	return out, true
}

func (w *walker) list(n *yaml.Node, t reflect.Type, path string) (any, bool) {
	if n.Kind != yaml.SequenceNode {
		w.add(n, path, "is %s; write a list, like [a, b]", kindWords(n))
		return nil, false
	}
	out := []any{}
	for i, e := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		v, ok := w.value(e, t.Elem(), at)
		if !ok {
			v = blank(t.Elem()) // what follows keeps its index
			if resolve(e).Tag == "!!null" {
				w.add(e, at, "is empty")
			}
		}
		out = append(out, v)
	}
	return out, true
}

// blank stands for an element of a list that cannot be read.
func blank(t reflect.Type) any {
	if t.Kind() == reflect.Struct && !isText(t) {
		return map[string]any{}
	}
	return ""
}
