package collector

import (
	"bytes"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// add takes one item into the open batch.
func (l *Loop) add(it *item) {
	switch {
	case it.do != nil:
		it.do()
	case it.control != nil:
		if err := l.open.frame.AddControl(*it.control); err != nil {
			l.cfg.Log.Error("a change of a link is not noted", "err", err)
		}
		l.ackLater(it.ack)
	default:
		l.message(&it.message)
	}
}

func (l *Loop) message(m *Message) {
	l.stats.Messages.Add(1)
	l.stats.Bytes.Add(uint64(len(m.Payload)))
	var failures []Failure
	l.samples, failures = l.cfg.Decoder.Decode(l.samples[:0], m)
	l.takeAll(m)
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

// takeAll takes the samples of m.
func (l *Loop) takeAll(m *Message) {
	var packet Packet
	redelivered := false
	for i := range l.samples {
		s := &l.samples[i]
		if s.Flags.Has(plant.NoDeviceTime) && packet == (Packet{}) {
			packet = l.packets.of(m)
			redelivered = l.packets.redelivered(m, packet)
		}
		l.take(m, s, packet, redelivered)
	}
	if !redelivered {
		l.packets.remember(m.Broker, packet)
	}
}

// take puts one sample into the frame: once, at a stamp of its own.
func (l *Loop) take(m *Message, s *plant.Sample, packet Packet, redelivered bool) {
	l.stats.Samples.Add(1)
	known := l.recent.find(s)
	if known == nil {
		if known = l.meet(s); known == nil && len(l.recent.machines) < maxMachines {
			l.bury(m, s.Plant, Failure{Reason: "discovered", Words: l.tooMany(s)})
			return
		}
	}
	hash := l.hasher.Sum(s)
	what, stamp := known.look(s, hash)
	if redelivered && s.Flags.Has(plant.NoDeviceTime) {
		what = seenRepeated
	}
	account := l.account(known, m, s.Plant)
	switch what {
	case seenRepeated:
		l.stats.Repeated.Add(1)
		l.open.books.other(account, Tally{Received: 1, Duplicate: 1})
		return
	case seenConflict:
		l.bury(m, s.Plant, Failure{Reason: "conflict", Words: "another sample of machine " + s.Machine +
			" has the same time and number but says something else; the first one was kept"})
		return
	}
	if err := l.open.frame.AddSample(s, stamp, l.source(m), packet); err != nil {
		l.bury(m, s.Plant, Failure{Reason: "type", Words: err.Error()})
		return
	}
	if known != nil {
		known.remember(s, hash, stamp)
	}
	l.open.books.sample(account)
	if gaps := l.cfg.Observe(s); gaps != 0 {
		l.open.books.other(account, Tally{Gaps: gaps})
	}
}

// account is the number of the account of a sample from m, of a machine that
// may be nil.
func (l *Loop) account(known *machineRecent, m *Message, plantID string) int {
	source := l.source(m)
	if known == nil {
		return l.chart.number(Account{plantID, source}, true)
	}
	if known.account < 0 || known.source != source {
		known.account, known.source = l.chart.number(Account{plantID, source}, true), source
	}
	return known.account
}

// source is the topic template of the source that took m.
func (l *Loop) source(m *Message) string {
	if m.Source < 0 || m.Source >= len(l.cfg.Sources) {
		return ""
	}
	return l.cfg.Sources[m.Source].String()
}

// bury keeps a message, or the part of it that failed, as a dead letter.
func (l *Loop) bury(m *Message, plantID string, f Failure) {
	if plantID == "" {
		plantID = m.Levels.Plant
	}
	l.stats.DeadLettered.Add(1)
	// Topics are hostile: only plants that are enrolled or heard of have an
	// account.
	account := l.chart.number(Account{plantID, l.source(m)}, l.cfg.Enrolled(MachineID{Plant: plantID}))
	l.open.books.other(account, Tally{Received: 1, DeadLettered: 1})
	d := DeadLetter{
		At: m.Arrived, Topic: strings.Clone(m.Topic), Broker: m.Broker, Source: l.source(m),
		Plant: strings.Clone(plantID), Payload: bytes.Clone(m.Payload), Reason: f.Reason, Words: f.Words,
	}
	l.sayDead(&d)
	l.open.dead = append(l.open.dead, d)
}
