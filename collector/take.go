package collector

import (
	"bytes"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/seed-00829101/heartline/plant"
)

// add takes one item into the open batch.
func (l *Loop) add(it item) {
	if it.control != nil {
		l.open.frame.AddControl(*it.control)
		l.ackLater(it.ack)
		return
	}
	m := &it.message
	l.stats.Messages.Add(1)
	l.stats.Bytes.Add(uint64(len(m.Payload)))
	var failures []Failure
	l.samples, failures = l.cfg.Decoder.Decode(l.samples[:0], m)
	for i := range l.samples {
		l.take(m, &l.samples[i])
	}
	for _, f := range failures {
		l.bury(m, "", f)
	}
	l.ackLater(m.Ack)
}

func (l *Loop) ackLater(ack func()) {
	if ack != nil {
		l.open.acks = append(l.open.acks, ack)
	}
}

// take puts one sample into the frame: once, at a stamp of its own.
func (l *Loop) take(m *Message, s *plant.Sample) {
	l.stats.Samples.Add(1)
	what, stamp := l.recent.look(s, l.hasher.Sum(s))
	switch what {
	case seenRepeated:
		l.stats.Repeated.Add(1)
		return
	case seenConflict:
		l.bury(m, s.Plant, Failure{Reason: "conflict", Words: "another sample of machine " + s.Machine +
			" has the same time and number but says something else; the first one was kept"})
		return
	}
	if err := l.open.frame.AddSample(s, stamp, l.source(m), packetOf(m)); err != nil {
		l.bury(m, s.Plant, Failure{Reason: "type", Words: err.Error()})
	}
}

// source is the topic template of the source that took m.
func (l *Loop) source(m *Message) string {
	if m.Source < 0 || m.Source >= len(l.cfg.Sources) {
		return ""
	}
	return l.cfg.Sources[m.Source]
}

// packetOf is what tells m from its redelivery by the broker.
func packetOf(m *Message) Packet {
	if m.QoS == 0 || m.PacketID == 0 {
		return Packet{}
	}
	sum := xxhash.New()
	_, _ = sum.WriteString(m.Topic)
	_, _ = sum.Write([]byte{0})
	_, _ = sum.Write(m.Payload)
	return Packet{m.PacketID, sum.Sum64()}
}

// bury keeps a message, or the part of it that failed, as a dead letter.
func (l *Loop) bury(m *Message, plantID string, f Failure) {
	if plantID == "" {
		plantID = m.Levels.Plant
	}
	l.stats.DeadLettered.Add(1)
	d := DeadLetter{
		At: m.Arrived, Topic: strings.Clone(m.Topic), Broker: m.Broker, Source: l.source(m),
		Plant: strings.Clone(plantID), Payload: bytes.Clone(m.Payload), Reason: f.Reason, Words: f.Words,
	}
	l.sayDead(&d)
	l.open.dead = append(l.open.dead, d)
}
