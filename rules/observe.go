package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// link is what we know of our own ears towards one broker.
type link struct {
	Down bool `json:"down,omitempty"`
	// Obs is how long we could hear through it, as of At.
	Obs time.Duration `json:"obs"`
	At  plant.Instant `json:"at"`
}

// broker returns the link of that name; one nobody spoke of is up.
func (s *State) broker(name string) *link {
	b := s.links[name]
	if b == nil {
		b = &link{At: s.at}
		s.links[strings.Clone(name)] = b // a sample's strings are lent
	}
	return b
}

// hears reports whether we can hear through b now.
func (s *State) hears(b *link) bool { return s.listening && !b.Down }

// observable is how long we could have heard through b, as of now.
func (s *State) observable(b *link) time.Duration {
	if s.hears(b) {
		return b.Obs + s.at.Sub(b.At)
	}
	return b.Obs
}

// settle writes down what was observable until now, before something changes.
func (s *State) settle() {
	s.allChange()
	for _, b := range s.links {
		b.Obs, b.At = s.observable(b), s.at
	}
	for _, p := range s.order {
		p.settle(s)
	}
}

// hear notes that the machine was heard now.
func (s *State) hear(m *machine, broker string) {
	b := s.broker(broker)
	if m.Broker != broker {
		m.Broker = strings.Clone(broker)
		m.line.plant.stale = true // whose brokers it depends on has changed
	}
	m.Heard, m.HeardObs, m.Lost = s.at, s.observable(b), ""
	if m.due == 0 && !m.onChange && m.silence > 0 {
		s.schedule(m, s.at.Add(m.silence))
	}
}

// quiet fires where the machine may have become silent or blind. Silence
// counts the time in which we could hear; while we cannot, all time counts,
// and it is we who are blind.
func (s *State) quiet(m *machine) {
	if m.Lost != "" || m.Heard == 0 {
		return
	}
	b := s.broker(m.Broker)
	if !s.hears(b) {
		if due := m.Heard.Add(m.silence); due > s.at {
			s.schedule(m, due)
			return
		}
		s.lose(m, becauseBlind)
		return
	}
	if left := m.silence - (s.observable(b) - m.HeardObs); left > 0 {
		s.schedule(m, s.at.Add(left))
		return
	}
	s.lose(m, becauseSilent)
}

// lose makes the machine silent or blind until it is heard again. All
// machines of a gateway silent at once, two at least, are blind instead.
func (s *State) lose(m *machine, why reason) {
	m.Lost, m.Missed = why, true
	if m.Draining {
		m.Draining = false
		if m.counts {
			s.drains(m.line.plant, false)
		}
	}
	if why == becauseSilent && s.gatewayGone(m) {
		why, m.Lost = becauseBlind, becauseBlind
	}
	if m.counts {
		s.lineChanged(m, plant.LineUnknown, s.at, why)
	}
	if m.line.Rules != nil && m.line.deaf() {
		s.plan(m.line.plant) // its time passes by our clock from here on
	}
	s.touch(m.line.plant)
}

// gatewayGone reports whether nothing shows that one of m's gateways is alive:
// every machine behind it is lost, or late. The lines beneath it are blind then.
func (s *State) gatewayGone(m *machine) bool {
	for _, g := range m.gateways {
		beneath := m.line.plant.beneath(g)
		gone := func(o *machine) bool { return o.Lost != "" || s.missing(o) }
		if len(beneath) < 2 || slices.ContainsFunc(beneath, func(o *machine) bool { return !gone(o) }) {
			continue
		}
		for _, o := range beneath {
			if o.Lost == becauseSilent {
				o.Lost = becauseBlind
			}
			if l := o.line; o.counts && l.Reason == becauseSilent {
				l.Reason = becauseBlind
			}
		}
		return true
	}
	return false
}

// beneath returns the machines behind a gateway that were heard ever.
func (p *plantState) beneath(gateway string) (out []*machine) {
	for _, l := range p.lines {
		for _, m := range l.machines {
			if m.Heard != 0 && slices.Contains(m.gateways, gateway) {
				out = append(out, m)
			}
		}
	}
	return out
}

// missing reports whether the machine should have been heard by now: its silence
// time has passed, or one and a half of its intervals. Machines of a gateway that
// was cut off are heard last one after the other, and fall silent so.
func (s *State) missing(m *machine) bool {
	b := s.broker(m.Broker)
	return !m.onChange && s.hears(b) && s.observable(b)-m.HeardObs >= min(m.silence, m.interval*3/2)
}

// gatewayLink takes a gateway's last will, or its word that it is back. A
// machine is blind until its next sample; one that reports on change only is
// judged by the session alone.
func (s *State) gatewayLink(plantID, gateway string, up bool) {
	p := s.plants[plantID]
	if p == nil {
		return
	}
	p.changes()
	for _, m := range p.beneath(gateway) {
		switch {
		case !up && m.Lost == "":
			s.lose(m, becauseBlind)
		case up && m.onChange && m.Lost != "":
			m.Lost = ""
			if m.counts {
				s.lineChanged(m, m.judge(), s.at, becauseHeard)
			}
		}
	}
}

// earsChanged takes a change of our own: a broker's link, or our listening.
func (s *State) earsChanged(change func()) {
	s.settle()
	change()
	for _, p := range s.order {
		for _, l := range p.lines {
			for _, m := range l.machines {
				if m.Heard == 0 || s.hears(s.broker(m.Broker)) {
					continue
				}
				m.Missed = true
				if m.Lost != "" || m.onChange {
					continue
				}
				s.schedule(m, max(m.Heard.Add(m.silence), s.at))
			}
		}
		p.recount(s)
	}
}
