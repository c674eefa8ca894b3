package custom

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"github.com/seed-00829101/heartline/plant"
)

// Input is a value that a rule asks for before it is evaluated.
type Input struct {
	// Name is how it is written: temp, avg(temp, '10m').
	Name string
	Kind Kind
	// Of is the reading or word it is of, Reading says which of both.
	Of      string
	Reading bool
	// mayBeUnknown: it is the state of a line, or a phase, which may be unknown.
	mayBeUnknown bool
	fn           function
	over         time.Duration
}

// finder goes over a condition, refuses what is not bounded, and puts a name in
// the place of each call of ours.
type finder struct {
	each   string
	fields *Fields
	text   string
	inputs []*Input
	// unknown: the condition speaks of what is unknown.
	unknown bool
	err     *file.Error // the first
}

// says notes what a text of the condition is.
func (f *finder) says(n *ast.StringNode) { f.unknown = f.unknown || n.Value == unknown }

// unknown is the state of a line, or the phase of a plant, that is not known.
const unknown = "unknown"

// refused notes what is wrong at n.
func (f *finder) refused(n ast.Node, format string, args ...any) ast.Node {
	if f.err == nil {
		f.err = &file.Error{Location: n.Location(), Message: fmt.Sprintf(format, args...)}
	}
	return n
}

var operators = []string{"==", "!=", "<", "<=", ">", ">=", "and", "&&", "or", "||", "+", "-", "*", "/", "**", "^", "in", "contains", "startsWith", "endsWith"}

// expression returns what stands for n in the program.
func (f *finder) expression(n ast.Node) ast.Node {
	switch x := n.(type) {
	case *ast.IntegerNode:
		return numberAt(x, float64(x.Value))
	case *ast.FloatNode, *ast.BoolNode:
	case *ast.StringNode:
		f.says(x)
	case *ast.IdentifierNode:
		return f.word(x)
	case *ast.UnaryNode:
		x.Node = f.expression(x.Node)
	case *ast.BinaryNode:
		return f.binary(x)
	case *ast.ConditionalNode:
		x.Cond, x.Exp1, x.Exp2 = f.expression(x.Cond), f.expression(x.Exp1), f.expression(x.Exp2)
	case *ast.CallNode:
		return f.call(x)
	case *ast.MemberNode:
		if name, ok := dotted(x); ok {
			return f.refused(n, "names with dots are written in quotes: field('%s')", name)
		}
		return f.refused(n, "%s is no part of a rule; of a reading there are no parts", f.piece(n))
	default:
		return f.refused(n, "%s is no part of a rule; there are comparisons, and, or, not, + - * / **, in [...], ?: and functions", f.piece(n))
	}
	return n
}

// piece is what is written at n, for a message.
func (f *finder) piece(n ast.Node) string {
	text, at := []rune(f.text), n.Location()
	if at.From < 0 || at.From >= len(text) {
		return "this"
	}
	return fmt.Sprintf("%q", string(text[at.From:min(max(at.To, at.From+1), len(text))]))
}

func (f *finder) binary(x *ast.BinaryNode) ast.Node {
	if !slices.Contains(operators, x.Operator) {
		return f.refused(x, "%q is no operator of a rule; there are %s", x.Operator, strings.Join(operators, " "))
	}
	f.compared(x)
	x.Left = f.expression(x.Left)
	if list, ok := x.Right.(*ast.ArrayNode); ok && x.Operator == "in" {
		for i, n := range list.Nodes {
			switch c := n.(type) {
			case *ast.FloatNode:
			case *ast.StringNode:
				f.says(c)
			case *ast.IntegerNode:
				list.Nodes[i] = numberAt(c, float64(c.Value))
			default:
				return f.refused(n, "is no text and no number: a list holds values like ['running', 'idle']")
			}
		}
		return x
	}
	x.Right = f.expression(x.Right)
	if x.Operator == "/" {
		call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: divide}, Arguments: []ast.Node{x.Left, x.Right}}
		call.SetLocation(x.Location())
		call.Callee.SetLocation(x.Location())
		return call
	}
	return x
}

func numberAt(n ast.Node, v float64) ast.Node {
	out := &ast.FloatNode{Value: v}
	out.SetLocation(n.Location())
	return out
}

// word is a name that is read as it is.
func (f *finder) word(x *ast.IdentifierNode) ast.Node {
	w, ok := vocabularies[f.each][x.Value]
	switch {
	case ok && !w.now:
		return f.refused(x, "%s is what was counted: ask for it over some time, like delta(%s, '1h')", x.Value, x.Value)
	case ok:
		return f.input(x, Input{Name: x.Value, Kind: w.kind, Of: x.Value, mayBeUnknown: f.each != EachMachine && w.changes || x.Value == "phase"})
	case f.each == EachMachine && functionNamed(x.Value) == nil:
		return f.reading(x, x.Value, Input{Name: x.Value})
	}
	return f.refused(x, "there is no %q; a rule of each %s knows %s", x.Value, f.each, f.fields.known(f.each))
}

// reading is an input of what a machine may send.
func (f *finder) reading(n ast.Node, name string, in Input) ast.Node {
	switch {
	case f.each != EachMachine:
		return f.refused(n, "readings are those of machines: write each: machine")
	case !f.fields.has(name):
		return f.refused(n, "there is no reading %q by the profiles of mqtt.sources; known are %s", name, f.fields.known(f.each))
	}
	in.Of, in.Reading = name, true
	return f.input(n, in)
}

// input has the program ask for in, once, under its name.
func (f *finder) input(n ast.Node, in Input) ast.Node {
	if !slices.ContainsFunc(f.inputs, func(o *Input) bool { return o.Name == in.Name }) {
		f.inputs = append(f.inputs, &in)
	}
	out := &ast.IdentifierNode{Value: in.Name}
	out.SetLocation(n.Location())
	return out
}

// call is a call of one of our functions.
func (f *finder) call(x *ast.CallNode) ast.Node {
	name, ok := x.Callee.(*ast.IdentifierNode)
	if !ok {
		return f.refused(x, "%s cannot be called", f.piece(x.Callee))
	}
	if slices.Contains(plain, name.Value) && (len(x.Arguments) < 2 || !isText(x.Arguments[1])) {
		for i := range x.Arguments {
			x.Arguments[i] = f.expression(x.Arguments[i])
		}
		return x
	}
	fn := functionNamed(name.Value)
	if fn == nil {
		return f.refused(x, "there is no function %s; there are %s", name.Value, functionNames())
	}
	if len(x.Arguments) != len(fn.example)-1 {
		return f.refused(x, "%s: write it like %s", name.Value, fn.write())
	}
	return f.function(x, fn)
}

func isText(n ast.Node) bool {
	_, ok := n.(*ast.StringNode)
	return ok
}

// function is a call whose value is an input.
func (f *finder) function(x *ast.CallNode, fn *function) ast.Node {
	in := Input{fn: *fn}
	if fn.over {
		text, ok := x.Arguments[1].(*ast.StringNode)
		if !ok {
			return f.refused(x.Arguments[1], "is no time in quotes; write it like '10m'")
		}
		s, err := plant.ParseSpan(text.Value)
		in.over = s.Fixed + time.Duration(s.Days)*24*time.Hour
		if err != nil || in.over < minWindow || in.over > maxWindow {
			return f.refused(x.Arguments[1], "%q is no time between 10s and 7d; write it like '10m'", text.Value)
		}
	}
	if fn.quoted {
		text, ok := x.Arguments[0].(*ast.StringNode)
		if !ok {
			return f.refused(x.Arguments[0], "%s: write it like %s", fn.name, fn.write())
		}
		return f.named(x, text, fn)
	}
	of, reading, ok := nameOf(x.Arguments[0])
	if !ok {
		return f.refused(x.Arguments[0], "%s: write it like %s", fn.name, fn.write())
	}
	in.Name = fn.name + "(" + of
	if reading {
		in.Name = fn.name + "(field('" + of + "')"
	}
	if fn.over {
		in.Name += ", '" + x.Arguments[1].(*ast.StringNode).Value + "'"
	}
	in.Name += ")"
	w, known := vocabularies[f.each][of]
	switch {
	case reading || !known:
		if fn.name == "changes" {
			return f.refused(x.Arguments[0], "changes are counted of state and phase, not of %s", of)
		}
		return f.reading(x.Arguments[0], of, in)
	case fn.amounts && w.amounts, fn.name == "changes" && w.changes, fn.name == "age" && w.age:
		in.Of = of
		return f.input(x, in)
	}
	return f.refused(x.Arguments[0], "%s(%s) says nothing; write it like %s", fn.name, of, fn.write())
}

// nameOf is the name that n is, or that field('...') names.
func nameOf(n ast.Node) (name string, reading, ok bool) {
	switch x := n.(type) {
	case *ast.IdentifierNode:
		return x.Value, false, true
	case *ast.CallNode:
		callee, _ := x.Callee.(*ast.IdentifierNode)
		if callee == nil || callee.Value != "field" || len(x.Arguments) != 1 {
			return "", false, false
		}
		text, ok := x.Arguments[0].(*ast.StringNode)
		if !ok {
			return "", false, false
		}
		return text.Value, true, true
	}
	return "", false, false
}

// named is field('...'), text('...'), label('...') or lines('...').
func (f *finder) named(x *ast.CallNode, text *ast.StringNode, fn *function) ast.Node {
	in := Input{Name: fn.name + "('" + text.Value + "')", Kind: fn.kind, Of: text.Value, fn: *fn}
	switch fn.name {
	case "field", "text":
		return f.reading(x, text.Value, in)
	case "lines":
		if f.each != EachPlant {
			return f.refused(x, "lines are counted of plants: write each: plant")
		}
		var s plant.LineState
		if text.Value != allLines && s.UnmarshalText([]byte(text.Value)) != nil {
			return f.refused(text, "%q is no state of a line; there are all, running, short_stop, stalled, planned_stop, off_shift, unknown, commissioning", text.Value)
		}
	}
	return f.input(x, in)
}

// allLines asks for the number of all lines of a plant.
const allLines = "all"
