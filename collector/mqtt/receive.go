package mqtt

import (
	"strings"

	"github.com/cespare/xxhash/v2"
	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/seed-00829101/heartline/collector"
)

// receive is the only handler paho knows, so that a message that matches two
// filters is handled once, and one that matches none is acknowledged. It
// hands over and never blocks. Paho calls it from one goroutine, in the order
// of receipt.
func (s *session) receive(_ paho.Client, m paho.Message) {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.closed {
		return
	}
	s.counters.received.Add(1)
	var h *held
	if m.Qos() > 0 {
		kind := puback
		if m.Qos() == 2 {
			kind = pubrec
		}
		var ok bool
		h, ok = s.window.take(m.MessageID(), kind, m.Duplicate(), sum(m.Topic(), m.Payload()))
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

// deliver gives m to the inbox and reports whether it was taken. Will topics
// go before sources. h is nil for QoS 0.
func (s *session) deliver(m paho.Message, h *held) bool {
	topic := m.Topic()
	var ack func()
	if h != nil {
		ack = h.ack
	}
	if s.own != "" && strings.HasPrefix(topic, s.own) {
		s.counters.ignored.Add(1)
		return settle(ack)
	}
	if wills := s.wills[topic]; wills != nil {
		return s.deliverWill(m, wills, ack)
	}
	for i := range s.cfg.Sources {
		levels, ok := s.cfg.Sources[i].Template.Match(topic)
		if !ok {
			continue
		}
		return s.inbox.Deliver(collector.Message{
			Topic: topic, Payload: m.Payload(), Retained: m.Retained(), QoS: m.Qos(),
			Broker: s.server.Name, Source: i, Levels: levels, Arrived: s.cfg.Clock(), Ack: ack,
		})
	}
	s.unmatched(topic)
	return settle(ack)
}

// deliverWill tells the inbox about a gateway's link. A retained word of life
// says that the gateway was there once, and nothing about now; a retained
// offline is the last the broker knows, and true until the gateway says
// otherwise. An empty payload only clears a retained one.
func (s *session) deliverWill(m paho.Message, wills []Will, ack func()) bool {
	up := willUp(m.Payload())
	if len(m.Payload()) == 0 || m.Retained() && up {
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
func sum(topic string, payload []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.WriteString(topic)
	_, _ = d.Write([]byte{0})
	_, _ = d.Write(payload)
	return d.Sum64()
}
