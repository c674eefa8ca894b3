package custom

import (
	"encoding"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-00829101/heartline/plant"
)

// closed reads the values of a word that can be no others; nil: it takes any
// text.
func closed(each, name string) encoding.TextUnmarshaler {
	if _, known := vocabularies[each][name]; !known {
		return nil
	}
	switch {
	case name == "phase":
		return new(plant.Phase)
	case name == "line_state", name == "state" && each == EachLine:
		return new(plant.LineState)
	case name == "means":
		return new(plant.Meaning)
	}
	return nil
}

// compared refuses the comparison of a word with what it never is: it would come
// out the same always.
func (f *finder) compared(x *ast.BinaryNode) {
	var texts []ast.Node
	word, other := x.Left, x.Right
	if _, ok := word.(*ast.StringNode); ok {
		word, other = other, word
	}
	name, ok := word.(*ast.IdentifierNode)
	if !ok {
		return
	}
	switch x.Operator {
	case "==", "!=":
		texts = []ast.Node{other}
	case "in":
		if list, ok := other.(*ast.ArrayNode); ok {
			texts = list.Nodes
		}
	}
	reads := closed(f.each, name.Value)
	for _, n := range texts {
		if text, ok := n.(*ast.StringNode); ok && reads != nil && reads.UnmarshalText([]byte(text.Value)) != nil {
			f.refused(n, "%s is never %q; docs/rules.md has its words", name.Value, text.Value)
		}
	}
}

// dotted is the name that someone wrote without quotes.
func dotted(x *ast.MemberNode) (string, bool) {
	part, ok := x.Property.(*ast.StringNode)
	if !ok || strings.ContainsAny(part.Value, "'") {
		return "", false
	}
	switch n := x.Node.(type) {
	case *ast.IdentifierNode:
		return n.Value + "." + part.Value, true
	case *ast.MemberNode:
		before, ok := dotted(n)
		return before + "." + part.Value, ok
	}
	return "", false
}
