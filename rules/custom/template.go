package custom

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// subject is what a template may say: its fields are part of the language.
type subject struct {
	Rule, Severity       string
	Plant, Line, Machine string
	Labels               map[string]string
	// Value is that of the first input that is a number, else of the first.
	Value any
	// Values are those of all inputs, by how they are written in the rule.
	Values map[string]any
}

// templates compiles the annotations, and tries each.
func (p *Program) templates() (out []*Mistake) {
	p.annotations = map[string]*template.Template{}
	for _, name := range slices.Sorted(maps.Keys(p.rule.Annotations)) {
		t, err := p.template(p.rule.Annotations[name])
		if err != nil {
			out = append(out, &Mistake{Key: "annotations", What: name + ": " + err.Error()})
		}
		p.annotations[name] = t
	}
	return out
}

func (p *Program) template(text string) (*template.Template, error) {
	if len(text) > maxAnnotation {
		return nil, fmt.Errorf("is longer than %d bytes", maxAnnotation)
	}
	t, err := template.New("").Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, errors.New(templateWords(err))
	}
	if t.Tree == nil || t.Root == nil {
		return t, nil
	}
	if len(t.Templates()) > 1 {
		return nil, errors.New("define and block are no part of an annotation")
	}
	if err := bounded(t.Root); err != nil {
		return nil, err
	}
	try := subject{Rule: p.rule.Name, Severity: p.rule.Severity, Labels: p.rule.Labels, Values: map[string]any{}}
	for _, in := range p.inputs {
		try.Values[in.Name] = zeros[in.Kind]
	}
	try.Value = p.first(try.Values)
	if _, err := render(t, &try); err != nil {
		return nil, errors.New(templateWords(err))
	}
	return t, nil
}

// first is the value that is meant by .Value.
func (p *Program) first(values map[string]any) any {
	for _, in := range p.inputs {
		if in.Kind == Number {
			return values[in.Name]
		}
	}
	return values[p.inputs[0].Name]
}

func templateWords(err error) string {
	text := strings.TrimPrefix(err.Error(), "template: ")
	if _, rest, found := strings.Cut(text, ": "); found && strings.HasPrefix(text, ":") {
		text = rest
	}
	return text + "; there are .Rule .Severity .Plant .Line .Machine .Labels .Value and, by how they are written in when, {{index .Values \"temp\"}}"
}

// calls are the functions that a template may call: none goes over lists.
var calls = []string{"and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "index", "printf", "print"}

// bounded refuses what could run long.
func bounded(n parse.Node) error {
	switch x := n.(type) {
	case *parse.ListNode:
		if x == nil {
			return nil
		}
		for _, c := range x.Nodes {
			if err := bounded(c); err != nil {
				return err
			}
		}
	case *parse.TextNode, *parse.CommentNode:
	case *parse.ActionNode:
		return bounded(x.Pipe)
	case *parse.IfNode:
		return errors.Join(bounded(x.Pipe), bounded(x.List), bounded(x.ElseList))
	case *parse.PipeNode:
		if len(x.Decl) > 0 { // what names itself grows with each step
			return errors.New("an annotation names no variables")
		}
		for _, c := range x.Cmds {
			for _, a := range c.Args {
				if err := bounded(a); err != nil {
					return err
				}
			}
		}
	case *parse.IdentifierNode:
		if !slices.Contains(calls, x.Ident) {
			return fmt.Errorf("%s is no function of an annotation; there are %s", x.Ident, strings.Join(calls, ", "))
		}
	case *parse.StringNode, *parse.NumberNode, *parse.BoolNode, *parse.FieldNode, *parse.DotNode, *parse.NilNode, *parse.VariableNode:
	default:
		return fmt.Errorf("%q is no part of an annotation; there are values, functions and if", n.String())
	}
	return nil
}

// cutting keeps the first bytes that are written.
type cutting struct {
	strings.Builder
	cut bool
}

var errLong = errors.New("too long")

func (c *cutting) Write(b []byte) (int, error) {
	if left := maxAnnotation - c.Len(); len(b) > left {
		c.Builder.WriteString(strings.ToValidUTF8(string(b[:left]), ""))
		c.cut = true
		return left, errLong
	}
	return c.Builder.Write(b)
}

// render runs t; what is longer than an annotation may be is cut.
func render(t *template.Template, s *subject) (string, error) {
	var out cutting
	err := t.Execute(&out, s)
	if out.cut {
		return out.String() + "...", nil
	}
	return out.String(), err
}
