package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// declaredText is what a person declares, as it is written.
type declaredText struct {
	Kind   string `yaml:"kind"`
	Plant  string `yaml:"plant"`
	Line   string `yaml:"line"`
	From   string `yaml:"from"`
	To     string `yaml:"to"`
	At     string `yaml:"at"`
	Reason string `yaml:"reason"`
	ID     string `yaml:"id"`
}

// declarable are the kinds of declaration.
var declarable = []string{plant.DeclareExclude, plant.DeclarePlannedStop, plant.DeclareChangeover, plant.DeclareNote, plant.DeclareWithdraw}

func (l *loader) declared() {
	ids := map[string]bool{}
	for i := range l.file.Declared {
		t := &l.file.Declared[i]
		at := fmt.Sprintf("declared[%d]", i)
		before := len(l.problems)
		d := &plant.Declaration{ID: t.ID, Kind: t.Kind, Reason: t.Reason, By: "scenario"}
		if !slices.Contains(declarable, t.Kind) {
			l.add(at+".kind", "%q cannot be declared; there are %s", t.Kind, strings.Join(declarable, ", "))
			continue
		}
		l.declaredFor(at, t, d)
		said := l.declaredTimes(at, t, d)
		if t.Kind == plant.DeclareWithdraw && !ids[t.ID] {
			l.add(at+".id", "%q is the id of no declaration above it", t.ID)
		}
		if d.ID == "" {
			d.ID = strconv.Itoa(i + 1)
		}
		ids[d.ID] = true
		if len(l.problems) == before && t.Kind != plant.DeclareWithdraw {
			l.wouldBeTaken(at, d, said)
		}
		if len(l.problems) == before {
			l.out.records.rows = append(l.out.records.rows, row{at: said, rank: rankUp, course: -1, said: d})
		}
	}
}

// wouldBeTaken refuses what `heartline declare` would refuse: the rules pass
// it over.
func (l *loader) wouldBeTaken(at string, d *plant.Declaration, said plant.Instant) {
	if err := d.Check(said); err != nil {
		l.add(at, "%v", err)
	}
}

// declaredFor finds the plant or line that it is about.
func (l *loader) declaredFor(at string, t *declaredText, d *plant.Declaration) {
	who, ok := l.subject(at, t.Plant, t.Line)
	if !ok {
		return
	}
	d.Plant, d.Line = who.plant, who.line
	if d.Line != "" && t.Kind == plant.DeclareExclude {
		l.add(at+".line", "a plant is excluded, not a line; name the plant")
	}
}

// declaredTimes reads from, to and at, which is when it is said: by default
// when it begins. What is no more than said has no other; a changeover may be
// open until it is withdrawn.
func (l *loader) declaredTimes(at string, t *declaredText, d *plant.Declaration) (said plant.Instant) {
	if t.Kind == plant.DeclareWithdraw || t.Kind == plant.DeclareNote {
		if t.From != "" || t.To != "" {
			l.add(at, "a %s has a time at which it is said, at, and neither from nor to", t.Kind)
		}
		l.time(at+".at", t.At, &said)
		d.From, d.To = said, said
		return said
	}
	open := t.Kind == plant.DeclareChangeover && t.To == ""
	if !l.time(at+".from", t.From, &d.From) || !open && !l.time(at+".to", t.To, &d.To) {
		return 0
	}
	if !open && d.To <= d.From {
		l.add(at+".to", "%q is not after %q", t.To, t.From)
		return 0
	}
	if said = d.From; t.At != "" {
		l.time(at+".at", t.At, &said)
	}
	if d.Over(said) {
		l.add(at+".at", "%q is after its end, %q: what is over changes nothing", t.At, t.To)
	}
	return said
}
