package mqtt

import (
	"strings"

	"github.com/seed-00829101/heartline/collector"
)

// maxRoutes and maxRouted (bytes) bound the topics that are remembered, together
// to 16 MB; a message of another one is looked at anew.
const (
	maxRoutes = 1 << 15
	maxRouted = 512
)

// route is where the messages of a topic go: will topics before sources.
type route struct {
	topic  string
	own    bool // published by us
	wills  []Will
	source int // -1: nobody asked for it
	levels collector.Levels
}

// route returns the route of topic. The receiver's.
func (l *link) route(topic []byte) *route {
	if r := l.routes[string(topic)]; r != nil {
		return r
	}
	r := l.newRoute(string(topic))
	if len(l.routes) < maxRoutes && len(topic) <= maxRouted {
		l.routes[r.topic] = r
	}
	return r
}

func (l *link) newRoute(topic string) *route {
	r := &route{topic: topic, own: l.own != "" && strings.HasPrefix(topic, l.own), wills: l.wills[topic], source: -1}
	for i := range l.cfg.Sources {
		if levels, ok := l.cfg.Sources[i].Template.Match(topic); ok {
			r.source, r.levels = i, levels
			break
		}
	}
	return r
}
