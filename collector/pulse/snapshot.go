package pulse

import (
	"slices"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// Machine is what was seen of one machine. It is the caller's own.
type Machine struct {
	collector.MachineID
	Gateway string // empty where its samples name none

	Samples     uint64
	Retained    uint64 // of them, kept by a broker: they say nothing below
	First, Last plant.Instant
	// Newest is the newest stamp, by the device's clock where Timed.
	Newest plant.Instant
	Timed  bool
	Unit   plant.Unit

	// Interval is the time between two stamps, Arrivals that between two
	// arrivals of live samples; 0 where it is not known. OnChange: the steps
	// follow no interval.
	Interval, Arrivals time.Duration
	OnChange           bool

	Repeats, Late, Future uint64
	// Jumps is how often its clock was set back.
	Jumps uint64
	// Offset is how far its stamps usually are behind our clock.
	Offset   time.Duration
	Draining bool
	Backlogs uint64

	// Numbered: it sends sequence numbers.
	Numbered bool
	// Missing is how many numbers are missing now; Resets how often counting
	// began anew, Wraps how often it passed its largest number, Modulus that
	// number + 1 where it was seen. Stuck: samples whose number had not grown.
	Missing, Resets, Wraps, Stuck uint64
	Modulus                       uint64

	States      []Word // most frequent first
	OtherStates uint64 // samples whose word is not among them
	Fields      []Field
	OtherFields uint64 // values of fields that are not among them
	Counters    []Counter
}

// Field is a field that was seen.
type Field struct {
	Name    string
	Kind    plant.FieldKind
	Samples uint64
}

// Counter is what a counter's steps look like.
type Counter struct {
	Name  string
	Delta bool // as its profile declares it
	// Looks is KindTotal or KindDelta, by its steps; empty where those could
	// be either's.
	Looks   string
	Samples uint64
	Last    float64
	// Of the increments (of a declared delta: the values); 0: none yet.
	Smallest, Typical, Largest float64
	Rises, Falls, Flats        uint64
	// Of the falls: to a low value; from just below a usual limit, the
	// newest time from Before.
	Resets, Rollovers uint64
	Before            float64
	// Implausible is rises of more than ten times the largest before.
	Implausible uint64
}

// Gateway is what was seen of one gateway, or of the machines of a plant whose
// samples name no gateway.
type Gateway struct {
	Plant, Gateway string

	Samples uint64
	Last    plant.Instant // heard, by our clock
	Clock   Kind
	// Offset is how far stamps are behind our clock (arrived - stamp), the
	// median of the newest live samples; known where HasOffset.
	Offset    time.Duration
	HasOffset bool
	// Zone is by how much the clock is ahead where Clock is ClockZone: +8h
	// where a device sends Chinese time as if it were UTC.
	Zone time.Duration

	Future, Late, Backlogs, Jumps uint64
	// Draining is how many of its machines drain a backlog now.
	Draining int
}

func (m *machine) snapshot() Machine {
	out := Machine{
		MachineID: m.id, Samples: m.samples, Retained: m.retained, First: m.first, Last: m.last,
		Newest: m.newest, Timed: m.timed, Unit: m.unit,
		Repeats: m.repeats, Late: m.late, Future: m.future, Jumps: m.jumps,
		Offset: m.lag.usual, Draining: m.lag.draining, Backlogs: m.backlogs,
		Numbered: m.numbered, Missing: m.seq.missing, Resets: m.seq.resets, Wraps: m.seq.wraps, Stuck: m.seq.stuck, Modulus: m.seq.modulus,
		States: slices.Clone(m.said.seen), OtherStates: m.said.other, OtherFields: m.body.other,
	}
	if m.gateway != nil {
		out.Gateway = m.gateway.Gateway
	}
	out.Interval, out.OnChange = m.made.interval(m.unit)
	out.Arrivals, _ = m.came.interval(plant.Millisecond)
	if !m.timed {
		out.Interval, out.OnChange = m.came.interval(plant.Millisecond)
	}
	slices.SortStableFunc(out.States, func(a, b Word) int { return int(b.Count) - int(a.Count) })
	for _, f := range m.body.fields {
		out.Fields = append(out.Fields, Field{f.name, f.kind, f.samples})
	}
	for i := range m.body.counters {
		out.Counters = append(out.Counters, m.body.counters[i].snapshot())
	}
	return out
}

func (c *counter) snapshot() Counter {
	last := c.lastF
	if c.kind == plant.Int {
		last = float64(c.lastI)
	}
	return Counter{
		Name: c.name, Delta: c.delta, Looks: c.looks(), Samples: c.samples, Last: last,
		Smallest: c.smallest, Typical: c.typical(), Largest: c.largest,
		Rises: c.rises, Falls: c.falls, Flats: c.flats,
		Resets: c.resets, Rollovers: c.rollovers, Before: c.before, Implausible: c.leaps,
	}
}

func (g *gateway) snapshot() Gateway {
	out := Gateway{
		Plant: g.Plant, Gateway: g.Gateway, Samples: g.samples, Last: g.last,
		Future: g.future, Late: g.late, Backlogs: g.backlogs, Jumps: g.jumps,
	}
	out.Clock, out.Zone = g.kind()
	out.Offset, _, out.HasOffset = g.offset()
	if g.isDraining() {
		out.Draining = g.draining
	}
	return out
}
