package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/decode"
	"github.com/seed-00829101/heartline/plant"
)

// proposedLine is a line that was heard.
type proposedLine struct {
	plant, line string
	machines    []string
	interval    time.Duration // 0: not heard often enough
	delta       bool
	counters    []string // fields that are whole numbers
}

// enrol takes the machines of topics into the proposal.
func (p *Proposal) enrol(h *Heard, topics []string, text string, profile *collector.Profile) {
	t, err := collector.ParseTemplate(text)
	if err != nil {
		return
	}
	decoder, err := decode.New([]*collector.Profile{profile})
	if err != nil {
		return
	}
	for _, topic := range topics {
		levels, ok := t.Match(topic)
		if !ok {
			continue
		}
		heard := h.topics[topic]
		samples, _ := decoder.Decode(nil, &collector.Message{Topic: topic, Payload: heard.payload, Levels: levels, Arrived: heard.last})
		for i := range samples {
			p.machine(&samples[i], heard)
		}
	}
}

func (p *Proposal) machine(s *plant.Sample, heard *heardTopic) {
	i := slices.IndexFunc(p.lines, func(l proposedLine) bool { return l.plant == s.Plant && l.line == s.Line })
	if i < 0 {
		p.lines = append(p.lines, proposedLine{plant: strings.Clone(s.Plant), line: strings.Clone(s.Line)})
		i = len(p.lines) - 1
	}
	l := &p.lines[i]
	if !slices.Contains(l.machines, s.Machine) {
		l.machines = append(l.machines, strings.Clone(s.Machine))
	}
	if heard.messages > 1 {
		every := (heard.last.Sub(heard.first) / time.Duration(heard.messages-1)).Round(time.Second)
		l.interval = max(l.interval, every, time.Second)
	}
	l.delta = l.delta || s.Flags.Has(plant.Delta)
	for _, f := range s.Fields {
		if f.Kind == plant.Int && !slices.Contains(l.counters, f.Name) {
			l.counters = append(l.counters, strings.Clone(f.Name))
		}
	}
}

// YAML is the proposal, to be pasted.
func (p *Proposal) YAML() string {
	var b strings.Builder
	b.WriteString("# Proposed by what was heard. Look at it before you use it: which level of a\n# topic is the plant, the line, the machine cannot be heard.\n\n# heartline.yaml\n")
	if len(p.Sources) > 0 {
		b.WriteString("mqtt:\n  sources:\n")
	}
	for _, s := range p.Sources {
		topics := "topics"
		if s.Topics == 1 {
			topics = "topic"
		}
		fmt.Fprintf(&b, "    # %d %s, such as %s\n    - {topic: %q, profile: %s}\n", s.Topics, topics, s.Example, s.Template, s.Profile)
	}
	leftOut(&b, p.Nameless, "# the levels of %q are too few for plant, line and machine: write a profile that says them by ids: (docs/profiles.md)\n")
	leftOut(&b, p.Strange, "# no built-in profile reads %q: write one (docs/profiles.md)\n")
	b.WriteString("\n# plants.yaml\n")
	if len(p.lines) > 0 {
		b.WriteString("plants:\n")
	}
	slices.SortFunc(p.lines, func(a, b proposedLine) int { return cmp.Or(cmp.Compare(a.plant, b.plant), cmp.Compare(a.line, b.line)) })
	before := ""
	for _, l := range p.lines {
		if l.plant != before {
			fmt.Fprintf(&b, "  - id: %q\n    lines:\n", l.plant)
			before = l.plant
		}
		l.write(&b)
	}
	return b.String()
}

// leftOut names topics that are not in the proposal, ten at most.
func leftOut(b *strings.Builder, topics []string, words string) {
	for i, t := range topics {
		if i == 10 {
			fmt.Fprintf(b, "# and %d more\n", len(topics)-i)
			break
		}
		fmt.Fprintf(b, words, t)
	}
}

// write writes the line: it is in no figure and no alert until somebody
// confirms it.
func (l *proposedLine) write(b *strings.Builder) {
	fmt.Fprintf(b, "      - id: %q\n        commissioned: false    # heartline confirm %s/%s\n", l.line, l.plant, l.line)
	var names []string
	for _, m := range l.machines {
		names = append(names, fmt.Sprintf("%q", m))
	}
	fmt.Fprintf(b, "        machines: [%s]\n", strings.Join(names, ", "))
	if len(l.machines) > 1 {
		fmt.Fprintf(b, "        output: [%s]    # stations in series: the last one? parallel ones: sum\n", names[len(names)-1])
	}
	if l.interval > 0 {
		fmt.Fprintf(b, "        interval: %s\n", plant.Duration(l.interval))
	} else {
		b.WriteString("        interval: 1m    # heard once: how often does it report?\n")
	}
	switch {
	case len(l.counters) == 0:
		b.WriteString("        # no whole number was heard: what counts its output?\n")
	case slices.Contains(l.counters, "good"):
	default:
		fmt.Fprintf(b, "        counter: {field: %q}    # of %s\n", l.counters[0], strings.Join(l.counters, ", "))
	}
	b.WriteString("        # normal: 500/h    # what it makes when all is well\n")
}
