package custom

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template"
	"time"

	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Program is a rule that was compiled. It is not safe for concurrent use.
type Program struct {
	rule        *Rule
	inputs      []*Input
	code        *vm.Program
	annotations map[string]*template.Template
	// unknown: it speaks of what is unknown. Else it is not evaluated on that.
	unknown   bool
	undefined bool // the run divided by nothing
}

// Compile checks and compiles a rule, with its defaults filled in. The
// mistakes are everything that is wrong with it; then there is no Program.
func Compile(r Rule, fields *Fields) (*Program, []*Mistake) {
	mistakes := r.check()
	p := &Program{rule: &r}
	if vocabularies[r.Each] != nil && r.When != "" {
		if m := p.condition(fields); m != nil {
			mistakes = append(mistakes, m)
		}
	}
	if len(mistakes) == 0 {
		mistakes = p.templates()
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return p, nil
}

// Shortest is the shortest window that the rule asks for; 0: it asks for none.
func (p *Program) Shortest() (over time.Duration) {
	for _, in := range p.inputs {
		if in.fn.over && (over == 0 || in.over < over) {
			over = in.over
		}
	}
	return over
}

// condition compiles the rule's condition.
func (p *Program) condition(fields *Fields) *Mistake {
	text := p.rule.When
	if len(text) > MaxCondition {
		return &Mistake{Key: "when", What: fmt.Sprintf("is longer than %d bytes", MaxCondition)}
	}
	config := p.language()
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		return mistakeOf(err)
	}
	f := finder{each: p.rule.Each, fields: fields, text: text}
	tree.Node = f.expression(tree.Node)
	if f.err != nil {
		return mistakeOf(f.err.Bind(tree.Source))
	}
	p.inputs, p.unknown = f.inputs, f.unknown
	env := map[string]any{}
	for _, in := range p.inputs {
		env[in.Name] = zeros[in.Kind]
	}
	config.WithEnv(env)
	if _, err := checker.Check(tree, config); err != nil {
		return mistakeOf(err)
	}
	if len(p.inputs) == 0 {
		return &Mistake{Key: "when", What: fmt.Sprintf("names nothing that a %s says: it always comes out the same; known are: %s", p.rule.Each, fields.known(p.rule.Each))}
	}
	if err := optimizer.Optimize(&tree.Node, config); err != nil {
		return mistakeOf(err)
	}
	if p.code, err = compiler.Compile(tree, config); err != nil {
		return mistakeOf(err)
	}
	return nil
}

var zeros = [...]any{Number: 0.0, Text: "", Truth: false}

// language is expr-lang without what reads clocks, makes lists or texts, or
// goes over them.
func (p *Program) language() *conf.Config {
	c := conf.CreateNew()
	c.MaxNodes = maxNodes
	c.Expect, c.ExpectAny = reflect.Bool, false
	c.Strict = true
	for name := range c.Builtins {
		c.Disabled[name] = true
	}
	for name := range c.Disabled {
		delete(c.Builtins, name)
	}
	p.functions(c)
	return c
}

// mistakeOf is err in the words and with the place of a mistake in when.
func mistakeOf(err error) *Mistake {
	m := &Mistake{Key: "when", What: err.Error()}
	var at *file.Error
	if errors.As(err, &at) {
		m.What, m.Line, m.Column = at.Message, at.Line, at.Column+1
	}
	m.What = strings.TrimPrefix(m.What, "compilation failed: ")
	switch got, plain := strings.CutPrefix(m.What, "expected bool, but got "); {
	case plain:
		m.What = "comes out as a " + got + ", and a condition is true or false; compare it with something, like temp > 80"
	case m.What == `unexpected token Operator("=")`:
		m.What = "= compares nothing; write =="
	case strings.HasPrefix(m.What, "unexpected token EOF"):
		m.What = "the condition ends here, and something is missing"
	}
	if strings.Contains(m.What, "mismatched types") || strings.Contains(m.What, "comes out as") || strings.HasPrefix(m.What, "invalid op") || strings.HasPrefix(m.What, "cannot use") {
		m.What = types.Replace(m.What)
	}
	return m
}

// types are the language's words for what we call otherwise.
var types = strings.NewReplacer("float64", "number", "string", "text", "bool", "truth", "mismatched types", "these do not go together:", "invalid operation: ", "")
