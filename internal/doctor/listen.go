package doctor

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/collector/decode"
	"github.com/seed-00829101/heartline/plant"
)

const (
	// maxTopics bounds how many topics are told apart while listening.
	maxTopics = 20_000
	inbox     = 10_000
)

// Heard is what was heard of one shape of topic.
type Heard struct {
	topics   map[string]*heardTopic
	messages int
}

// heardTopic is what came on one topic.
type heardTopic struct {
	payload     []byte // the newest
	messages    int
	first, last time.Time // arrivals
}

// Listen hears every broker for a while. Our own topics and the brokers' are
// left out.
func Listen(ctx context.Context, brokers []Broker, length time.Duration, progress func(messages int)) (*Heard, error) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	messages := make(chan paho.Message, inbox)
	for _, b := range brokers {
		client, err := connect(b)
		if err != nil {
			return nil, plant.Errorf(plant.CodeUnavailable, "broker %s: %w", b.Name, err)
		}
		defer client.Disconnect(100)
		client.Subscribe("#", 0, func(_ paho.Client, m paho.Message) {
			select {
			case messages <- m:
			default: // it only listens: what there is no room for comes again
			}
		})
	}
	h := &Heard{topics: map[string]*heardTopic{}}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case m := <-messages:
			h.take(m.Topic(), m.Payload(), time.Now())
		case <-tick.C:
			if progress != nil {
				progress(h.messages)
			}
		case <-ctx.Done():
			return h, nil
		}
	}
}

func (h *Heard) take(topic string, payload []byte, at time.Time) {
	if strings.HasPrefix(topic, "heartline/v1/") || strings.HasPrefix(topic, "$") {
		return
	}
	t := h.topics[topic]
	if t == nil {
		if len(h.topics) >= maxTopics {
			return
		}
		t = &heardTopic{first: at}
		h.topics[topic] = t
	}
	h.messages++
	t.messages++
	t.payload, t.last = payload, at
}

// shape is topics of one length whose last level is the same word, or that all
// hold bare values: one source takes them.
type shape struct {
	levels  int
	last    string
	profile string
}

// Proposal is what would read what was heard.
type Proposal struct {
	Sources []ProposedSource
	Strange []string // topics that no built-in profile reads
	lines   []proposedLine
}

// ProposedSource is a source with an example of what it reads.
type ProposedSource struct {
	Template, Profile, Example string
	Topics                     int
}

// Propose finds a source for what was heard. Topics that differ in some levels
// alone are one template: three varying levels are taken for plant, line and
// machine, from the left.
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
		out.Sources = append(out.Sources, ProposedSource{
			Template: template(topics, s.last == ""), Profile: s.profile, Example: topics[0], Topics: len(topics),
		})
		out.enrol(h, topics, out.Sources[len(out.Sources)-1].Template, byName[s.profile])
	}
	slices.SortFunc(out.Sources, func(a, b ProposedSource) int { return strings.Compare(a.Template, b.Template) })
	return out
}

// template is the levels that topics share; those that differ are named.
func template(topics []string, field bool) string {
	levels := strings.Split(topics[0], "/")
	for _, t := range topics[1:] {
		for i, level := range strings.Split(t, "/") {
			if levels[i] != level {
				levels[i] = ""
			}
		}
	}
	last := len(levels) - 1
	if field {
		levels[last] = "{field}"
	}
	return strings.Join(name(levels, topics), "/")
}

// name names the levels: those that vary first, then, where fewer than three
// do, the words beside them.
func name(levels, topics []string) []string {
	example := strings.Split(topics[0], "/")
	var open []int
	for i, l := range levels {
		if l == "" {
			open = append(open, i)
		}
	}
	last := len(levels) - 1
	for i := last - 1; i >= 0 && len(open) < 3; i-- {
		if !slices.Contains(open, i) && levels[i] == example[i] {
			open = append(open, i)
		}
	}
	slices.Sort(open)
	names := []string{"{plant}", "{line}", "{machine}"}
	if extra := len(open) - len(names); extra > 0 {
		for _, i := range open[:extra] {
			levels[i] = "+"
		}
		open = open[extra:]
	}
	for i, at := range open {
		levels[at] = names[len(names)-len(open)+i]
	}
	return levels
}
