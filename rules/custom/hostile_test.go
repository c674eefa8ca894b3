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

// What can never be so is a mistake, and a name with dots is told how to be
// written.
func TestConditionsThatAreNeverSo(t *testing.T) {
	for _, c := range []struct{ each, when, says string }{
		{EachLine, "state == 'stoped'", `state is never "stoped"`},
		{EachLine, "'stoped' != state", `state is never "stoped"`},
		{EachLine, "state not in ['stalled', 'short stop']", `state is never "short stop"`},
		{EachLine, "state in ['stalled', 'short_stop', 'unknown', 'off_shift', 'planned_stop', 'running']", ""},
		{EachLine, "phase == 'resume'", `phase is never "resume"`},
		{EachPlant, "phase in ['ramping_up', 'excluded']", ""},
		{EachMachine, "line_state == 'idle'", `line_state is never "idle"`},
		{EachMachine, "means in ['internal', '']", ""},
		{EachMachine, "means == 'fault'", `means is never "fault"`},
		{EachMachine, "state == 'idle' and phase == 3", ""}, // its own words
		{EachMachine, "Channel1.Device1.Temp > 3", "field('Channel1.Device1.Temp')"},
		{EachMachine, "temp[0] > 3", "there are no parts"},
	} {
		_, mistakes := Compile(Rule{Name: "r", Each: c.each, When: c.when, Severity: "s"}, &Fields{})
		said := ""
		for _, m := range mistakes {
			said += m.What
		}
		if c.says == "" && said != "" || !strings.Contains(said, c.says) {
			t.Errorf("%s %s: %q, want %q", c.each, c.when, said, c.says)
		}
	}
}
