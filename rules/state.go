package rules

import (
	"strconv"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// State is everything the rules remember. It is changed by Step alone and is
// not safe for concurrent use.
type State struct {
	def *Definition

	seq       uint64        // newest frame seen
	index     int           // transitions of that frame so far
	at        plant.Instant // the rules' clock
	listening bool
	links     map[string]*link
	plants    map[string]*plantState
	order     []*plantState // by the registry
	strangers map[string]*stranger
	deadlines deadlines
	dirty     []string
	late      uint64 // amounts that came for closed slots
	res       Result
	history   *History // nil: nobody collects
	patient   bool     // see Patient
	rules     customRules
	speaker   speaker
	failed    map[string]bool // custom rules that failed since they were read
	defined   struct {        // def as snapshots hold it
		of   *Definition
		text []byte
	}
}

// NewState returns the state before the first event. def may be nil: a
// Defined event brings it.
func NewState(def *Definition) *State {
	s := &State{
		links: map[string]*link{}, plants: map[string]*plantState{},
		strangers: map[string]*stranger{}, listening: true,
	}
	s.define(def)
	return s
}

// Seq is the newest frame that the state includes; 0 before the first.
func (s *State) Seq() uint64 { return s.seq }

// At is the rules' clock: the stamp of the newest frame; 0 before the first.
func (s *State) At() plant.Instant { return s.at }

// Definition is the version of registry and rules that holds now; never nil.
func (s *State) Definition() *Definition { return s.def }

// Step applies ev and returns what changed. What falls due up to ev.At fires
// first, in order, dated by when it fell due: more or fewer ticks change
// nothing. Events come in the order of the queue. The Result is valid until
// the next Step.
func (s *State) Step(ev Event) *Result {
	s.res.reset()
	if ev.Seq != s.seq {
		s.seq, s.index = ev.Seq, 0
	}
	if s.at == 0 && ev.At > 0 && len(s.order) > 0 {
		s.begin(ev.At)
	}
	s.pass(max(ev.At, s.at))
	switch ev.Kind {
	case SampleSeen:
		s.seen(ev.Sample)
	case SlotSeen:
		s.slotSeen(ev.Slot)
	case GatewayLink:
		s.gatewayLink(ev.Plant, ev.Gateway, ev.Up)
	case BrokerLink:
		b := s.broker(ev.Broker)
		s.earsChanged(func() { b.Down = !ev.Up })
	case Listening:
		s.earsChanged(func() { s.listening = ev.Up })
	case Defined:
		s.define(ev.Definition)
	case Declared:
		s.declaration(ev.Declaration)
	}
	return &s.res
}

// begin enrols what NewState was given: time begins with the first event.
func (s *State) begin(at plant.Instant) {
	s.at = at
	def := s.def
	s.def, s.plants = nil, map[string]*plantState{}
	s.define(def)
}

// pass lets time pass until at.
func (s *State) pass(at plant.Instant) {
	for {
		d, ok := s.deadlines.due(at)
		if !ok {
			break
		}
		s.at = max(d.at, s.at)
		switch {
		case d.machine != nil && d.machine.due == d.at:
			d.machine.due = 0
			d.machine.line.plant.changes()
			s.quiet(d.machine)
		case d.plant != nil && d.plant.due == d.at:
			d.plant.due = 0
			d.plant.changes()
			s.tickPlant(d.plant)
		}
	}
	s.at = at
}

// seen finds the machine a sample is of. Those nobody enrolled are shown, and
// enter no figure. A retained message proves nothing about now.
func (s *State) seen(x *plant.Sample) {
	if x.Flags.Has(plant.Retained) {
		return
	}
	p := s.plants[x.Plant]
	if p == nil {
		s.meet(x)
		return
	}
	m := p.machines[machineID{x.Line, x.Machine}]
	if m == nil {
		return // a machine or line too many: stored, and shown by its points
	}
	p.changes()
	if s.patient {
		p.slots.reachBack(x.Stamp, len(p.lines))
		p.nextEnd = 0
	}
	s.sample(m, x)
	if p.stale {
		p.recount(s)
	}
}

// emit completes a transition and adds it to the result.
func (s *State) emit(t plant.Transition) {
	t.ID = strconv.FormatUint(s.seq, 10) + "-" + strconv.Itoa(s.index)
	t.Definition = s.def.Version
	s.index++
	s.res.Transitions = append(s.res.Transitions, t)
	if s.rules != (customRules{}) && t.Kind != plant.KindAlert {
		s.heedTransition(&t)
	}
}

// touch notes that the plant's view may have changed.
func (s *State) touch(p *plantState) {
	if !p.dirty {
		p.dirty = true
		s.dirty = append(s.dirty, p.id)
	}
}

const (
	// maxStrangers and maxStrangerLines bound what is remembered of plants
	// and lines that nobody enrolled.
	maxStrangers     = 10_000
	maxStrangerLines = 100
)

// stranger is a plant that was heard although nobody enrolled it.
type stranger struct {
	Lines map[string]plant.Instant `json:"lines"` // when heard last
	dirty bool
}

// meet notes a sample of a plant that is in no registry.
func (s *State) meet(x *plant.Sample) {
	g := s.strangers[x.Plant]
	if g == nil {
		if len(s.strangers) >= maxStrangers {
			return
		}
		g = &stranger{Lines: map[string]plant.Instant{}}
		s.strangers[strings.Clone(x.Plant)] = g
	}
	if _, known := g.Lines[x.Line]; known {
		g.Lines[x.Line] = s.at
	} else if len(g.Lines) < maxStrangerLines {
		g.Lines[strings.Clone(x.Line)] = s.at
	}
	if !g.dirty {
		g.dirty = true
		s.dirty = append(s.dirty, strings.Clone(x.Plant))
	}
}
