package decode

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// mergeTags makes one part of those that are of one machine and time.
func (d *Decoder) mergeTags() {
	t, around := &d.tag, &d.json.around
	t.order, t.merged = t.order[:0], t.merged[:0]
	for i := range d.parts {
		p := &d.parts[i]
		if p.failed {
			continue
		}
		if !p.saw(roleTime) && around.saw(roleTime) {
			p.at, p.unit, p.has = around.at, around.unit, p.has|1<<roleTime
		}
		t.order = append(t.order, i)
	}
	slices.SortStableFunc(t.order, func(i, j int) int { return d.parts[i].compare(&d.parts[j]) })
	for at, i := range t.order {
		p := &d.parts[i]
		own := d.fields[p.first:p.end]
		first := len(d.fields)
		if at == 0 || d.parts[t.order[at-1]].compare(p) != 0 {
			t.merged = append(t.merged, *p)
			t.merged[len(t.merged)-1].first = first
		} else if m := &t.merged[len(t.merged)-1]; !m.failed {
			d.checkMerge(m, p)
		}
		m := &t.merged[len(t.merged)-1]
		d.fields = append(d.fields, own...)
		m.inherit(p)
		m.end = len(d.fields)
	}
	if around.saw(roleSeq) {
		numberOnce(t.merged)
	}
	d.parts = append(d.parts[:0], t.merged...)
}

// checkMerge fails m where p cannot join it: neither of two values may win.
func (d *Decoder) checkMerge(m, p *part) {
	switch {
	case m.saw(roleState) && p.saw(roleState):
		d.fail(reasonSyntax, "the list has two states of one machine and time")
	case m.saw(roleSeq) && p.saw(roleSeq):
		d.fail(reasonSyntax, "the list has two sequence numbers of one machine and time")
	case m.end-m.first+p.end-p.first > MaxFields:
		d.fail(reasonSize, fmt.Sprintf("the list has more than %d values of one machine and time", MaxFields))
	default:
		return
	}
	m.failed = true
}

// numberOnce leaves the message's sequence number to one sample of each
// machine: with the others it would look like a repetition.
func numberOnce(parts []part) {
	numbered := map[[3]string]bool{}
	for i := range parts {
		if p := &parts[i]; !p.saw(roleSeq) {
			key := [3]string{p.plant, p.line, p.machine}
			p.unnumbered = numbered[key]
			numbered[key] = true
		}
	}
}

// compare orders parts by machine and time; 0: they are of one sample.
func (p *part) compare(q *part) int {
	own := func(p *part) plant.Instant {
		if p.saw(roleTime) {
			return p.at
		}
		return 0
	}
	return cmp.Or(cmp.Compare(own(p), own(q)), strings.Compare(p.plant, q.plant), strings.Compare(p.line, q.line),
		strings.Compare(p.machine, q.machine), strings.Compare(p.gateway, q.gateway))
}
