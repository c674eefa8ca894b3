package pulse

import (
	"iter"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// Restore returns a Tracker that knows what another wrote down with Save. What
// cannot be read is a CodeDamaged error; an error of pieces is returned as it is.
func Restore(cfg Config, pieces iter.Seq2[[]byte, error]) (*Tracker, error) {
	t := New(cfg)
	r := restoring{tracker: t}
	for piece, err := range pieces {
		if err != nil {
			return nil, err
		}
		if !r.read(piece) {
			return nil, plant.Errorf(plant.CodeDamaged, "what was seen of machines is damaged, or of another version")
		}
	}
	return t, nil
}

// restoring is a Tracker that is being read.
type restoring struct {
	tracker *Tracker
	codec   codec
	begun   bool
	room    []machine // memory for those to come
}

// read reads one piece and reports whether it could.
func (r *restoring) read(piece []byte) bool {
	c := &r.codec
	c.buf, c.pos, c.reads = piece, 0, true
	if !r.begun && !r.begin() {
		return false
	}
	for c.left() > 0 {
		if len(r.room) == 0 {
			r.room = make([]machine, savePiece)
		}
		m := &r.room[0]
		r.room = r.room[1:]
		m.code(c, r.tracker)
		if c.bad || len(r.tracker.order) >= r.tracker.cfg.MaxMachines {
			break
		}
		r.tracker.machines[m.id] = m
		r.tracker.order = append(r.tracker.order, m)
		if m.gateway != nil && m.lag.draining {
			m.gateway.draining++
		}
	}
	return !c.bad
}

// begin reads what comes before the machines.
func (r *restoring) begin() bool {
	var version, at, machines, gateways uint64
	c, t := &r.codec, r.tracker
	c.uint(&version)
	c.uint(&at)
	c.uint(&machines)
	c.uint(&gateways)
	if c.bad || version != saveVersion || machines > DefaultMaxMachines || gateways > uint64(t.cfg.MaxGateways) {
		return false
	}
	r.begun, c.at = true, plant.Instant(at)
	t.machines = make(map[collector.MachineID]*machine, machines)
	t.order = make([]*machine, 0, machines)
	for range gateways {
		g := &gateway{number: len(t.ways)}
		if g.code(c); c.bad {
			return false
		}
		t.gateways[g.gatewayID] = g
		t.ways = append(t.ways, g)
	}
	return true
}

// code writes or reads all of m but its body.
func (m *machine) code(c *codec, t *Tracker) {
	c.names(&m.id.Plant, &m.id.Line, &m.id.Machine)
	m.codeGateway(c, t)
	for _, v := range [...]*uint64{&m.samples, &m.retained, &m.repeats, &m.late, &m.jumps, &m.future, &m.backlogs, &m.body.content} {
		c.uint(v)
	}
	c.time(&m.first)
	c.time(&m.last)
	c.time(&m.newest)
	unit := uint8(m.unit)
	c.byte(&unit)
	m.unit = plant.Unit(unit)
	c.bool(&m.timed)
	c.bool(&m.numbered)
	c.bool(&m.jumped)
	m.made.code(c)
	m.came.code(c)
	m.back.code(c)
	m.lag.code(c)
	m.seq.code(c)
}

func (m *machine) codeGateway(c *codec, t *Tracker) {
	number := uint64(0) // none
	if m.gateway != nil {
		number = uint64(m.gateway.number) + 1
	}
	c.uint(&number)
	switch {
	case !c.reads || number == 0:
	case number > uint64(len(t.ways)):
		c.fail()
	default:
		m.gateway = t.ways[number-1]
	}
}

func (r *intervals) code(c *codec) {
	c.bounded(&r.next, ringSize-1)
	c.bounded(&r.filled, ringSize)
	for i := range r.filled {
		step := uint64(r.steps[i])
		c.uint(&step)
		r.steps[i] = uint32(step)
	}
	median := uint64(r.median)
	c.uint(&median)
	r.median = uint32(median)
}

func (r *run) code(c *codec) {
	c.byte(&r.length)
	if r.length > 0 {
		c.time(&r.at)
		c.time(&r.last)
		c.time(&r.from)
	}
}

func (l *lag) code(c *codec) {
	c.bool(&l.known)
	c.bool(&l.draining)
	c.bool(&l.behind)
	c.byte(&l.burst)
	c.span(&l.usual)
	c.span(&l.from)
	c.time(&l.refAt)
	c.span(&l.refLag)
	c.time(&l.lateAt)
}

func (q *sequence) code(c *codec) {
	if c.bool(&q.have); !q.have {
		return
	}
	c.bool(&q.lossy)
	for _, v := range [...]*uint64{&q.first, &q.last, &q.modulus, &q.missing, &q.resets, &q.wraps, &q.stuck} {
		c.uint(v)
	}
	c.time(&q.lastAt)
	c.time(&q.resetAt)
	n := uint8(len(q.spans))
	if c.bounded(&n, maxSpans); n == 0 {
		return
	}
	if c.reads {
		q.spans = make([]span, n, maxSpans)
	}
	for i := range q.spans {
		s := &q.spans[i]
		c.uint(&s.from)
		c.uint(&s.to)
		c.time(&s.after)
		c.time(&s.before)
	}
}

func (g *gateway) code(c *codec) {
	c.names(&g.Plant, &g.Gateway)
	for _, v := range [...]*uint64{&g.samples, &g.late, &g.jumps, &g.future, &g.backlogs} {
		c.uint(v)
	}
	c.time(&g.last)
	c.time(&g.drainAt)
	c.bounded(&g.next, offsetRing-1)
	c.bounded(&g.filled, offsetRing)
	for i := range g.filled {
		c.span(&g.offsets[i])
	}
}
