package mqtt

import (
	"github.com/cespare/xxhash/v2"

	"github.com/seed-00829101/heartline/collector"
)

// roomPatience is how long nothing is read while as many messages as may be held
// wait to be on disk: less than what paho waits for the answer to its ping, which
// is not read either.
const roomPatience = dialTimeout / 2

// receive takes each message, in the order of receipt, from the goroutine that
// reads. It hands over, and waits for nothing but room in the window: we may read
// faster than the disk takes.
func (s *session) receive(m *publish) {
	s.window.await(roomPatience, s.conn.done)
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.closed {
		return
	}
	s.counters.received.Add(1)
	var h *held
	if m.qos > 0 {
		kind := puback
		if m.qos == 2 {
			kind = pubrec
		}
		var ok bool
		h, ok = s.window.take(m.id, kind, m.dup, sum(m.topic, m.payload))
		if !ok {
			s.counters.refused.Add(1)
			s.refuse(errWindowFull)
			return
		}
		if h == nil {
			s.counters.redelivered.Add(1)
			return
		}
	}
	if !s.deliver(m, h) {
		s.counters.refused.Add(1)
		if h != nil {
			s.window.forget(h)
			s.refuse(errInboxFull)
		}
	}
}

// deliver gives m to the inbox and reports whether it was taken. h is nil for
// QoS 0.
func (s *session) deliver(m *publish, h *held) bool {
	var ack func()
	if h != nil {
		ack = h.ack
	}
	to := s.route(m.topic)
	switch {
	case to.own:
		s.counters.ignored.Add(1)
		return settle(ack)
	case to.wills != nil:
		return s.deliverWill(m, to.wills, ack)
	case to.source < 0:
		s.unmatched(to.topic)
		return settle(ack)
	}
	return s.inbox.Deliver(collector.Message{
		Topic: to.topic, Payload: m.payload, Retained: m.retained, QoS: m.qos, Dup: m.dup, PacketID: m.id,
		Broker: s.server.Name, Source: to.source, Levels: to.levels, Arrived: s.cfg.Clock(), Ack: ack,
	})
}

// deliverWill tells the inbox about a gateway's link. A retained word of life
// says that the gateway was there once, and nothing about now; a retained
// offline is the last the broker knows, and true until the gateway says
// otherwise. An empty payload only clears a retained one.
func (s *session) deliverWill(m *publish, wills []Will, ack func()) bool {
	up := willUp(m.payload)
	if len(m.payload) == 0 || m.retained && up {
		s.counters.ignored.Add(1)
		return settle(ack)
	}
	for i, w := range wills {
		e := collector.LinkEvent{Broker: s.server.Name, Plant: w.Plant, Gateway: w.Gateway, Up: up}
		if i == len(wills)-1 {
			e.Ack = ack
		}
		if !s.inbox.Link(e) {
			return false
		}
	}
	return true
}

// settle acknowledges what nobody needs; its turn comes after what was
// received before it.
func settle(ack func()) bool {
	if ack != nil {
		ack()
	}
	return true
}

// refuse gives the connection up, so that the broker sends again what was not
// acknowledged: MQTT 3.1.1 knows no other way to say no. Nothing more of this
// connection is delivered, or the order would be lost. With gate held.
func (s *session) refuse(err error) {
	s.closed = true
	select {
	case s.over <- err:
	default:
	}
}

// sum identifies a message among those that used the same packet id.
func sum(topic, payload []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.Write(topic)
	_, _ = d.Write([]byte{0})
	_, _ = d.Write(payload)
	return d.Sum64()
}
