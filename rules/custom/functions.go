package custom

import (
	"math"
	"reflect"
	"strings"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
)

// function is one of ours: a value that is looked up, not reckoned by the
// program.
type function struct {
	name    string
	example []string // its name and arguments
	kind    Kind
	over    bool // its second argument is a time
	quoted  bool // its argument is a text
	amounts bool // it may be of what is counted
	m       measure
}

var functions = []function{
	{name: "avg", example: []string{"avg", "temp", "'10m'"}, over: true, m: sums},
	{name: "min", example: []string{"min", "temp", "'10m'"}, over: true, m: mins},
	{name: "max", example: []string{"max", "temp", "'10m'"}, over: true, m: maxes},
	{name: "count", example: []string{"count", "temp", "'10m'"}, over: true, m: sums},
	{name: "delta", example: []string{"delta", "energy_kwh", "'1h'"}, over: true, amounts: true, m: lasts},
	{name: "rate", example: []string{"rate", "made", "'1h'"}, over: true, amounts: true, m: lasts},
	{name: "changes", example: []string{"changes", "state", "'1h'"}, over: true, m: sums},
	{name: "age", example: []string{"age", "state"}},
	{name: "field", example: []string{"field", "'Channel1.Device1.Temp'"}, quoted: true},
	{name: "text", example: []string{"text", "'program'"}, quoted: true, kind: Text},
	{name: "label", example: []string{"label", "'region'"}, quoted: true, kind: Text},
	{name: "lines", example: []string{"lines", "'stalled'"}, quoted: true},
}

func functionNamed(name string) *function {
	for i := range functions {
		if functions[i].name == name {
			return &functions[i]
		}
	}
	return nil
}

func (fn *function) write() string {
	return fn.name + "(" + strings.Join(fn.example[1:], ", ") + ")"
}

func functionNames() string {
	var names []string
	for i := range functions {
		names = append(names, functions[i].write())
	}
	return strings.Join(append(names, "abs(x)", "round(x)", "min(x, y)", "max(x, y)"), ", ")
}

// plain are the functions that the program reckons itself.
var plain = []string{"abs", "round", "min", "max"}

// divide stands for /: what is divided by nothing is not known. It is no name
// that anybody can write.
const divide = "/"

// functions tells the language the functions that the program reckons.
func (p *Program) functions(c *conf.Config) {
	set := func(name string, fn func(args ...any) (any, error), types ...any) {
		f := &builtin.Function{Name: name, Func: fn}
		f.Types = typesOf(types...)
		c.Functions[name] = f
	}
	one, two := new(func(float64) float64), new(func(float64, float64) float64)
	set("abs", func(a ...any) (any, error) { return math.Abs(a[0].(float64)), nil }, one)
	set("round", func(a ...any) (any, error) { return math.Round(a[0].(float64)), nil }, one)
	set("min", func(a ...any) (any, error) { return min(a[0].(float64), a[1].(float64)), nil }, two)
	set("max", func(a ...any) (any, error) { return max(a[0].(float64), a[1].(float64)), nil }, two)
	set(divide, func(a ...any) (any, error) {
		x, y := a[0].(float64), a[1].(float64)
		if y == 0 {
			p.undefined = true
		}
		return x / y, nil
	}, two)
	// Taken for functions of the language else, with other arguments.
	set("count", func(...any) (any, error) { return 0.0, nil }, two)
}

func typesOf(examples ...any) (out []reflect.Type) {
	for _, x := range examples {
		out = append(out, reflect.TypeOf(x).Elem())
	}
	return out
}
