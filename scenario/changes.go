package scenario

import (
	"fmt"

	"github.com/seed-00829101/heartline/plant"
)

// changes expects exactly these changes of a plant or line, of those in
// (from, to].
type changes struct {
	subject
	from, to plant.Instant // 0: no bound
	want     []change
}

func (l *loader) changes(at string, t *expectText, who subject) expectation {
	e := &changes{subject: who}
	if t.From != "" {
		l.time(at+".from", t.From, &e.from)
	}
	if t.To != "" {
		l.time(at+".to", t.To, &e.to)
	}
	if e.to != 0 && e.to < e.from {
		l.add(at+".to", "%q is before from, %q", t.To, t.From)
	}
	if len(t.Changes) == 1 && t.Changes[0] == "none" {
		return e
	}
	for i, text := range t.Changes {
		path := fmt.Sprintf("%s.changes[%d]", at, i)
		x, err := parseChange(text, who.kind(), &l.out.clock)
		switch {
		case err != nil:
			l.add(path, "%v", err)
			continue
		case i > 0 && len(e.want) > 0 && x.at < e.want[len(e.want)-1].at:
			l.add(path, "%q is before the change above it; write them in the order of time", text)
		case x.at < e.from || e.to != 0 && x.at > e.to:
			l.add(path, "%q is not between from and to", text)
		}
		e.want = append(e.want, x)
	}
	return e
}

func (e *changes) last() (at plant.Instant) {
	for _, x := range e.want {
		at = max(at, x.at)
	}
	return max(at, e.from, e.to)
}

func (e *changes) count() int { return max(len(e.want), 1) }

func (e *changes) check(o *outcome) []Failure {
	told := o.changes(&e.subject, e.from, e.to)
	f := Failure{Line: e.place, What: e.subject.String() + ": its changes are others"}
	for _, pair := range align(e.want, told) {
		f.Rows = append(f.Rows, o.row(pair))
		if pair.want == nil || pair.got == nil || !pair.want.agrees(pair.got) {
			f.wrong++
			f.Evidence = append(f.Evidence, o.evidence(&e.subject, pair)...)
		}
	}
	if f.wrong == 0 {
		return nil
	}
	if n := len(e.want); n > 0 && e.kind() == plant.KindPhase && len(told) < n {
		f.Evidence = append(f.Evidence, o.tooSoon(e.want[n-1].at)...)
	}
	return []Failure{f}
}

// pair is an expected change beside what was told; one of them may be absent.
type pair struct {
	want *change
	got  *plant.Transition
}

// maxTable bounds the table that align makes.
const maxTable = 4_000_000

// align puts what agrees side by side, as much as can be in order; between
// that, what is left, as it comes.
func align(want []change, told []*plant.Transition) (out []pair) {
	for len(want) > 0 && len(told) > 0 && want[0].agrees(told[0]) {
		out = append(out, pair{&want[0], told[0]})
		want, told = want[1:], told[1:]
	}
	if len(want)*len(told) > maxTable {
		return append(out, abreast(want, told)...)
	}
	common := agreement(want, told)
	i, j := 0, 0
	for i < len(want) && j < len(told) {
		switch {
		case want[i].agrees(told[j]) && common[i][j] == 1+common[i+1][j+1], common[i+1][j+1] == common[i][j]:
			out = append(out, pair{&want[i], told[j]})
			i, j = i+1, j+1
		case common[i+1][j] == common[i][j]:
			out = append(out, pair{want: &want[i]})
			i++
		default:
			out = append(out, pair{got: told[j]})
			j++
		}
	}
	return append(out, abreast(want[i:], told[j:])...)
}

// agreement says how many of want[i:] and told[j:] can agree in order.
func agreement(want []change, told []*plant.Transition) [][]int {
	common := make([][]int, len(want)+1)
	for i := range common {
		common[i] = make([]int, len(told)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(told) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if want[i].agrees(told[j]) {
				common[i][j] = max(common[i][j], 1+common[i+1][j+1])
			}
		}
	}
	return common
}

// abreast puts both side by side as they come.
func abreast(want []change, told []*plant.Transition) (out []pair) {
	for i := range max(len(want), len(told)) {
		var p pair
		if i < len(want) {
			p.want = &want[i]
		}
		if i < len(told) {
			p.got = told[i]
		}
		out = append(out, p)
	}
	return out
}
