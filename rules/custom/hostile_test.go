package custom

import (
	"strings"
	"testing"
)

// An annotation cannot make itself large: with a variable that is named anew each
// time from twice itself, forty steps would make a terabyte.
func TestAnAnnotationNamesNoVariables(t *testing.T) {
	twice := `{{$x := print .Rule .Rule}}` + strings.Repeat(`{{$x = print $x $x}}`, 40)
	for name, text := range map[string]string{"twice itself": twice, "in an if": `{{if $x := .Rule}}{{$x}}{{end}}`} {
		p, mistakes := Compile(Rule{Name: "r", Each: EachMachine, When: "temp > 5", Severity: "s", Annotations: map[string]string{"summary": text}}, &Fields{})
		if p != nil || len(mistakes) != 1 || !strings.Contains(mistakes[0].What, "names no variables") {
			t.Errorf("%s: %v", name, mistakes)
		}
	}
}
