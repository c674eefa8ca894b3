package custom

import (
	"slices"
	"time"

	"github.com/expr-lang/expr/vm"
)

// Set is the rules of one kind: of machines, lines or plants. It evaluates them
// one after the other, and is not safe for concurrent use.
type Set struct {
	programs []*Program
	uses     [][]int     // the inputs of each
	inputs   []*Input    // that any of them asks for
	places   []place     // where their values lie
	readings []string    // that any of them asks for
	windows  []windowKey // that any of them asks for
	values   []value     // of the inputs, for what is looked at now
	boxed    []value     // those in env
	vm       vm.VM
	env      map[string]any
}

// windowKey tells windows of one machine, line or plant apart.
type windowKey struct {
	of      string
	reading bool
	over    time.Duration
	m       measure
}

// place is where the value of an input lies.
type place struct {
	reading int // -1: none
	window  int // -1: none
}

// NewSet compiles the rules that are about each. What cannot be compiled is left
// out and returned.
func NewSet(rules []Rule, each string, fields *Fields) (s *Set, bad []string) {
	s = &Set{env: map[string]any{}}
	s.vm.MemoryBudget = 10 * maxNodes
	for _, r := range rules {
		if r.Each != each {
			continue
		}
		p, mistakes := Compile(r.WithDefaults(), fields)
		if p == nil {
			bad = append(bad, r.Name+": "+mistakes[0].Error())
			continue
		}
		s.add(p)
	}
	if len(s.programs) == 0 {
		return nil, bad
	}
	return s, bad
}

func (s *Set) add(p *Program) {
	uses := make([]int, len(p.inputs))
	for i, in := range p.inputs {
		uses[i] = s.use(in)
	}
	s.programs, s.uses = append(s.programs, p), append(s.uses, uses)
}

// indexOf is where v stands in all, to which it is added where it does not.
func indexOf[T comparable](all *[]T, v T) int {
	if i := slices.Index(*all, v); i >= 0 {
		return i
	}
	*all = append(*all, v)
	return len(*all) - 1
}

// Windows is how many windows each machine, line or plant keeps; 0 where s is
// nil.
func (s *Set) Windows() int {
	if s == nil {
		return 0
	}
	return len(s.windows)
}

// Readings are the names of the readings that s asks for. Read-only.

func (s *Set) Readings() []string { return s.readings }

// Rules returns how many rules s has, and Rule the i-th of them.
func (s *Set) Rules() int { return len(s.programs) }

// Rule is the i-th rule. Read-only.
func (s *Set) Rule(i int) *Rule { return s.programs[i].rule }
