package config

import (
	"bytes"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
)

// within turns the line and column of p, which are within the value at its
// path, into those of the file. Where the value is folded the column is not
// known.
func (d *document) within(p plant.Problem) (line, column int) {
	n := nodeOf(d.root, p.Path)
	if n == nil || n.Kind != yaml.ScalarNode {
		return lineOf(d.root, p.Path), 0
	}
	switch n.Style {
	case yaml.LiteralStyle:
		lines := bytes.Split(d.data, []byte("\n"))
		if line = n.Line + p.Line; n.Line >= len(lines) {
			return n.Line, 0
		}
		first := lines[n.Line] // the one below the |
		return line, len(first) - len(bytes.TrimLeft(first, " ")) + p.Column
	case yaml.FoldedStyle:
		return n.Line, 0
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		p.Column++
	}
	if p.Line > 1 {
		return n.Line, 0
	}
	return n.Line, n.Column + p.Column - 1
}

// nodeOf is the value at path; nil: there is none.
func nodeOf(root *yaml.Node, path string) *yaml.Node {
	if root == nil {
		return nil
	}
	n := resolve(root)
	for path != "" {
		var step string
		step, path = cutStep(path)
		var next *yaml.Node
		if i, err := strconv.Atoi(step); err == nil && n.Kind == yaml.SequenceNode && i < len(n.Content) {
			next = n.Content[i]
		} else if n.Kind == yaml.MappingNode {
			for _, p := range pairs(n) {
				if p.key.Value == step {
					next = p.value
				}
			}
		}
		if next == nil {
			return nil
		}
		n = resolve(next)
	}
	return n
}
