package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules/custom"
)

// alertSubject finds the alert that is meant: a custom rule, and the machine,
// line or plant that it speaks of. The only one need not be named.
func (l *loader) alertSubject(at string, t *expectText) (subject, bool) {
	rules := l.out.rules.Custom
	i := slices.IndexFunc(rules, func(r custom.Rule) bool { return r.Name == t.Alert })
	if i < 0 {
		var names []string
		for _, r := range rules {
			names = append(names, r.Name)
		}
		if len(names) == 0 {
			names = []string{"none"}
		}
		l.add(at+".alert", "there is no custom rule %q; there are: %s", t.Alert, strings.Join(names, ", "))
		return subject{}, false
	}
	each := rules[i].Each
	for _, key := range []struct{ name, value string }{{custom.EachMachine, t.Machine}, {custom.EachLine, t.Line}, {custom.EachPlant, t.Plant}} {
		if key.value != "" && key.name != each {
			l.add(at+"."+key.name, "rule %q is about each %s; name that", t.Alert, each)
			return subject{}, false
		}
	}
	who, ok := l.alertOf(at, each, t)
	who.rule = t.Alert
	return who, ok
}

func (l *loader) alertOf(at, each string, t *expectText) (subject, bool) {
	only := func(kind, name string) string {
		if all := l.names.all[kind]; name == "" && len(all) == 1 {
			return all[0]
		}
		return name
	}
	switch each {
	case custom.EachLine:
		return l.subject(at, "", only("line", t.Line))
	case custom.EachPlant:
		return l.subject(at, t.Plant, "")
	}
	m, err := find(l.names.machines, l.names.all["machine"], "machine", only("machine", t.Machine))
	if err != nil {
		l.add(at+".machine", "%v", err)
		return subject{}, false
	}
	return subject{plant: m.plant.ID, line: m.line.ID, machine: m.id, place: l.place(at)}, true
}

// alerts are those of which anything was told, in the order in which it was.
func (o *outcome) alerts() (out []subject) {
	seen := map[name]bool{}
	for i := range o.report.Alerts {
		a := &o.report.Alerts[i]
		key := name{a.Plant, a.Line, a.Machine, a.Rule}
		if !seen[key] {
			seen[key] = true
			out = append(out, subject{plant: a.Plant, line: a.Line, machine: a.Machine, rule: a.Rule})
		}
	}
	return out
}

// alertEvidence says what the condition of an alert was decided on.
func (o *outcome) alertEvidence(t *plant.Transition) string {
	if t.Alert == nil {
		return t.Reason
	}
	var values []string
	for name, v := range t.Alert.Values {
		values = append(values, fmt.Sprintf("%s = %v", name, v))
	}
	slices.Sort(values)
	return fmt.Sprintf("%s %s: %s; %s", o.clock.write(t.At), t.To, t.Reason, strings.Join(values, ", "))
}

// failed says that the rule could not be evaluated, if so.
func (o *outcome) failed(rule string) (out []string) {
	for _, f := range o.report.Failures {
		if f.Rule == rule && f.First {
			out = append(out, "the rule failed at "+o.clock.write(f.At)+": "+f.Why+"; "+f.Sample)
		}
	}
	return out
}
