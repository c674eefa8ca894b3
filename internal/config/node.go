package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// resolve follows aliases.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// loopIn returns an alias that stands inside what it stands for, or nil.
func loopIn(n *yaml.Node, above []*yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		if slices.Contains(above, n.Alias) {
			return n
		}
		return nil
	}
	if n.Kind != yaml.ScalarNode {
		above = append(above, n)
	}
	for _, c := range n.Content {
		if found := loopIn(c, above); found != nil {
			return found
		}
	}
	return nil
}

type pair struct{ key, value *yaml.Node }

// pairs returns a mapping's keys and values, those merged in by << after its
// own and without those that its own replace.
func pairs(n *yaml.Node) []pair {
	var own, merged []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolve(n.Content[i]), resolve(n.Content[i+1])
		switch {
		case key.Tag != "!!merge":
			own = append(own, pair{key, value})
		case value.Kind == yaml.MappingNode:
			merged = append(merged, pairs(value)...)
		case value.Kind == yaml.SequenceNode:
			for _, e := range value.Content {
				if e = resolve(e); e.Kind == yaml.MappingNode {
					merged = append(merged, pairs(e)...)
				}
			}
		}
	}
	for _, m := range merged {
		if !slices.ContainsFunc(own, func(p pair) bool { return p.key.Value == m.key.Value }) {
			own = append(own, m)
		}
	}
	return own
}

// lineOf returns the line of the value at path in root; where it is absent,
// the line of the nearest group around it; 0 where root is nil.
func lineOf(root *yaml.Node, path string) int {
	if root == nil {
		return 0
	}
	n, line := resolve(root), root.Line
	for path != "" {
		var step string
		step, path = cutStep(path)
		var next *yaml.Node
		if i, err := strconv.Atoi(step); err == nil && n.Kind == yaml.SequenceNode && i < len(n.Content) {
			next, line = resolve(n.Content[i]), n.Content[i].Line
		} else if n.Kind == yaml.MappingNode {
			for _, p := range pairs(n) {
				if p.key.Value == step {
					next, line = p.value, p.key.Line
				}
			}
		}
		if next == nil {
			return line
		}
		n = next
	}
	return line
}

// cutStep splits plants[3].id into plants and [3].id, and [3].id into 3 and id.
func cutStep(path string) (step, rest string) {
	if path[0] == '[' {
		step, rest, _ = strings.Cut(path[1:], "]")
		return step, strings.TrimPrefix(rest, ".")
	}
	i := strings.IndexAny(path, ".[")
	if i < 0 {
		return path, ""
	}
	if path[i] == '[' {
		return path[:i], path[i:]
	}
	return path[:i], path[i+1:]
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func kindWords(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a group of keys"
	case yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("the value %q", n.Value)
}

// hasUnmarshaler reports whether t reads YAML itself, by either form of the
// method.
func hasUnmarshaler(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[yaml.Unmarshaler]()) ||
		p.Implements(reflect.TypeFor[interface {
			UnmarshalYAML(func(any) error) error
		}]())
}

// plainYAML takes the library's own words off an error.
func plainYAML(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:\n  ")
	text = strings.TrimPrefix(text, "yaml: ")
	return yamlLine.ReplaceAllString(text, "")
}

func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() && yamlName(f) == name && name != "" && name != "-" {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func namesOf(t reflect.Type) []string {
	var out []string
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() && yamlName(f) != "" && yamlName(f) != "-" {
			out = append(out, yamlName(f))
		}
	}
	return out
}

// suggest names the known word nearest to name, or all of them.
func suggest(name string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(name), k); d < least {
			best, least = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	return "known are: " + strings.Join(known, ", ")
}

// distance is the number of letters to insert, remove or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := last
			if a[i] != b[j] {
				replace++
			}
			last, row[j+1] = row[j+1], min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
