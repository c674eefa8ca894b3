package pulse

import (
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// Defaults of a Config. A machine takes about 1 KiB, a gateway half of that.
const (
	DefaultMaxMachines = 1_000_000
	DefaultMaxGateways = 100_000
)

// Config bounds a Tracker; zero numbers mean the defaults.
type Config struct {
	MaxMachines int
	MaxGateways int
	// Decimal names the fields that are counters although they are no whole
	// numbers. Whole numbers are counters without being named.
	Decimal []string
	// Resumed is when we began to listen again; what was heard before it, we
	// heard in an earlier run. 0: there was none.
	Resumed plant.Instant
}

// Seen is what one sample shows about its machine.
type Seen struct {
	// Gaps is by how many the missing sequence numbers of the machine became
	// more; less than 0 where one that was missing came after all.
	Gaps int64
	// Reset: the numbers began anew, as after a restart of the device.
	Reset bool
	// Repeat: this very sample was seen before.
	Repeat bool
	// JumpedBack: the device's clock was set back by more than a second.
	// Where samples have no numbers it takes four of them to tell that from
	// late ones.
	JumpedBack bool
	// Future: the stamp is more than five minutes ahead of our clock.
	Future bool
	// Late: the stamp is older than the machine's newest.
	Late bool
	// Draining: the sample came out of a backlog.
	Draining bool
	// Untracked: there are too many machines, and this one is not watched.
	Untracked bool
}

// Tracker watches every machine it is shown. It reads no clock. It is not
// safe for concurrent use; Observe allocates nothing for what it knows.
type Tracker struct {
	cfg      Config
	machines map[collector.MachineID]*machine
	order    []*machine
	gateways map[gatewayID]*gateway
	ways     []*gateway
	beyond   crowd
	faceless uint64 // samples of gateways past MaxGateways
	saving   *Saving
	round    uint32 // of Save
}

// New returns a Tracker that has seen nothing.
func New(cfg Config) *Tracker {
	if cfg.MaxMachines <= 0 {
		cfg.MaxMachines = DefaultMaxMachines
	}
	if cfg.MaxGateways <= 0 {
		cfg.MaxGateways = DefaultMaxGateways
	}
	cfg.Decimal = slices.Clone(cfg.Decimal)
	return &Tracker{cfg: cfg, machines: map[collector.MachineID]*machine{}, gateways: map[gatewayID]*gateway{}}
}

// Observe takes a sample that arrived at `at`, by our clock; show samples in
// order of arrival. The sample is only lent.
func (t *Tracker) Observe(s *plant.Sample, at plant.Instant) Seen {
	m := t.machines[collector.MachineID{Plant: s.Plant, Line: s.Line, Machine: s.Machine}]
	if m == nil {
		if m = t.meet(s); m == nil {
			t.beyond.add(s)
			return Seen{Untracked: true}
		}
	}
	if t.saving != nil {
		t.saving.write(m)
	}
	if m.gateway == nil || m.gateway.Gateway != s.Gateway {
		t.attach(m, s)
	}
	if m.gateway == nil {
		t.faceless++
	}
	return m.observe(s, at, &t.cfg)
}

// meet begins to watch the machine of s; nil where there are too many.
func (t *Tracker) meet(s *plant.Sample) *machine {
	if len(t.order) >= t.cfg.MaxMachines {
		return nil
	}
	id := collector.MachineID{Plant: strings.Clone(s.Plant), Line: strings.Clone(s.Line), Machine: strings.Clone(s.Machine)}
	m := &machine{id: id, saved: t.round}
	t.machines[id] = m
	t.order = append(t.order, m)
	return m
}

// attach puts m behind the gateway that s names.
func (t *Tracker) attach(m *machine, s *plant.Sample) {
	id := gatewayID{Plant: s.Plant, Gateway: s.Gateway}
	g := t.gateways[id]
	if g == nil && len(t.ways) < t.cfg.MaxGateways {
		id = gatewayID{Plant: m.id.Plant, Gateway: strings.Clone(s.Gateway)}
		g = &gateway{gatewayID: id, number: len(t.ways)}
		t.gateways[id] = g
		t.ways = append(t.ways, g)
	}
	if m.lag.draining {
		m.gateway.drains(-1)
		g.drains(1)
	}
	m.gateway = g
}

// Machines yields what was seen of each machine, in the order they were met.
func (t *Tracker) Machines(yield func(Machine) bool) {
	for _, m := range t.order {
		if !yield(m.snapshot()) {
			return
		}
	}
}

// Machine returns what was seen of one machine; false where it was not seen.
func (t *Tracker) Machine(id collector.MachineID) (Machine, bool) {
	m := t.machines[id]
	if m == nil {
		return Machine{}, false
	}
	return m.snapshot(), true
}

// Gateways yields what was seen of each gateway, in the order they were met.
func (t *Tracker) Gateways(yield func(Gateway) bool) {
	for _, g := range t.ways {
		if !yield(g.snapshot()) {
			return
		}
	}
}

// Beyond is what was not watched, as a bound was reached.
type Beyond struct {
	// Machines is how many there are past MaxMachines, to within about 2 %
	// up to 100,000; Samples is how many samples they sent.
	Machines, Samples uint64
	// GatewaySamples came through gateways past MaxGateways: their machines
	// are watched, their clocks by themselves.
	GatewaySamples uint64
}

// Beyond says what was not watched.
func (t *Tracker) Beyond() Beyond {
	return Beyond{Machines: t.beyond.machines(), Samples: t.beyond.samples, GatewaySamples: t.faceless}
}
