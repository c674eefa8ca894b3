package collector

import "sync/atomic"

// item is what waits in the inbox: a message, a control record that came
// between messages, or something to do between them.
type item struct {
	message Message
	control *Control
	ack     func() // of a control that came as a message
	do      func() // run by the loop between messages
}

// inbox hands messages over from the sources to the loop. Its bound is a
// little above what a broker may have in flight to us (65,535 packet ids):
// what is not acknowledged is the back-pressure.
type inbox struct {
	items    chan item
	overflow atomic.Uint64
}

func newInbox(size int) *inbox { return &inbox{items: make(chan item, size)} }

// Deliver implements Inbox.
func (b *inbox) Deliver(m Message) bool {
	select {
	case b.items <- item{message: m}:
		return true
	default:
		b.overflow.Add(1)
		return false
	}
}

// Link implements Inbox.
func (b *inbox) Link(e LinkEvent) bool {
	c := &Control{Kind: ControlBroker, Broker: e.Broker, Up: e.Up}
	if e.Gateway != "" {
		c = &Control{Kind: ControlGateway, Broker: e.Broker, Plant: e.Plant, Gateway: e.Gateway, Up: e.Up}
	}
	select {
	case b.items <- item{control: c, ack: e.Ack}:
		return true
	default:
		b.overflow.Add(1)
		return false
	}
}
