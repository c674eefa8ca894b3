package doctor

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/decode"
)

// shape is topics of one length whose last level is the same word, or that all
// hold bare values: one source takes them.
type shape struct {
	levels  int
	last    string
	profile string
}

// Proposal is what would read what was heard.
type Proposal struct {
	Sources  []ProposedSource
	Strange  []string // topics that no built-in profile reads
	Nameless []string // topics that one reads, and that have no level for each id it needs
	lines    []proposedLine
}

// ProposedSource is a source with an example of what it reads.
type ProposedSource struct {
	Template, Profile, Example string
	Topics                     int
}

// Propose finds a source for what was heard. Topics that differ in some levels
// alone are one template: the levels that vary are taken for what the messages
// do not say themselves, plant, line and machine, from the left.
func (h *Heard) Propose(profiles []*collector.Profile) *Proposal {
	byShape := map[shape][]string{}
	byName := map[string]*collector.Profile{}
	out := &Proposal{}
	for _, topic := range slices.Sorted(maps.Keys(h.topics)) {
		fits := decode.Fits(profiles, collector.Message{Topic: topic, Payload: h.topics[topic].payload})
		if len(fits) == 0 {
			out.Strange = append(out.Strange, topic)
			continue
		}
		levels := strings.Split(topic, "/")
		s := shape{len(levels), levels[len(levels)-1], fits[0].Profile.Name}
		if fits[0].Profile.NeedsField() {
			s.last = "" // the last level names the value
		}
		byShape[s] = append(byShape[s], topic)
		byName[s.profile] = fits[0].Profile
	}
	for s, topics := range byShape {
		text, ok := template(topics, unsaid(byName[s.profile]), s.last == "")
		if !ok {
			out.Nameless = append(out.Nameless, topics...)
			continue
		}
		out.source(ProposedSource{Template: text, Profile: s.profile, Example: topics[0], Topics: len(topics)})
		out.enrol(h, topics, text, byName[s.profile])
	}
	slices.Sort(out.Nameless)
	slices.SortFunc(out.Sources, func(a, b ProposedSource) int { return strings.Compare(a.Template, b.Template) })
	return out
}

// source adds s, or what it reads to one that is the same.
func (p *Proposal) source(s ProposedSource) {
	i := slices.IndexFunc(p.Sources, func(o ProposedSource) bool { return o.Template == s.Template && o.Profile == s.Profile })
	if i < 0 {
		p.Sources = append(p.Sources, s)
		return
	}
	p.Sources[i].Topics += s.Topics
	p.Sources[i].Example = min(p.Sources[i].Example, s.Example)
}

// unsaid are the ids that a profile's messages do not say.
func unsaid(p *collector.Profile) (out []string) {
	for _, id := range []string{"plant", "line", "machine"} {
		if !p.Gives(id) {
			out = append(out, id)
		}
	}
	return out
}

// template is the levels that topics share; those that differ are named by
// ids, the rightmost ones. It reports whether there is a level for each.
func template(topics, ids []string, field bool) (string, bool) {
	example := strings.Split(topics[0], "/")
	levels, last := slices.Clone(example), len(example)-1
	var open []int
	for i := range levels {
		if i == last && field {
			levels[i] = "{field}"
		} else if slices.ContainsFunc(topics, func(t string) bool { return strings.Split(t, "/")[i] != example[i] }) {
			open = append(open, i)
		}
	}
	for _, i := range beside(last, field) {
		if len(open) < len(ids) && !slices.Contains(open, i) {
			open = append(open, i)
		}
	}
	slices.Sort(open)
	extra := len(open) - len(ids)
	if extra < 0 {
		return "", false
	}
	for k, i := range open {
		if k < extra {
			levels[i] = "+"
		} else {
			levels[i] = "{" + ids[k-extra] + "}"
		}
	}
	return strings.Join(levels, "/"), true
}

// beside are the levels that name something though they do not vary, the
// likeliest first: words mostly stand first and last.
func beside(last int, field bool) (out []int) {
	for i := last - 1; i > 0; i-- {
		out = append(out, i)
	}
	switch {
	case field && last == 0:
		return nil
	case field:
		return append(out, 0)
	case last == 1: // gateway/plant
		return []int{1, 0}
	case last == 0:
		return []int{0}
	}
	return append(out, 0, last)
}
