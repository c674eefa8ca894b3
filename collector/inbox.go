package collector

import (
	"sync"
	"sync/atomic"
)

// item is what waits in the inbox: a message, a control record that came
// between messages, or something to do between them.
type item struct {
	message Message
	control *Control
	ack     func() // of a control that came as a message
	do      func() // run by the loop between messages
}

// keptItems is how many items' room an inbox keeps for the next ones.
const keptItems = 1 << 13

// inbox hands items over from the sources to the loop, which takes all that
// wait at once. Its bound is a little above what a broker may have in flight to
// us (65,535 packet ids): what is not acknowledged is the back-pressure.
type inbox struct {
	max      int64
	overflow atomic.Uint64
	waiting  atomic.Int64
	came     chan struct{} // one token: there may be something to take

	mu  sync.Mutex // guards in: shared by the sources and the loop
	in  []item
	out []item // the loop's, up to next handed out
	// next is the first of out that the loop has not seen.
	next int
}

func newInbox(size int) *inbox { return &inbox{max: int64(size), came: make(chan struct{}, 1)} }

// push adds it, whether there is room or not.
func (b *inbox) push(it *item) {
	b.waiting.Add(1)
	b.mu.Lock()
	b.in = append(b.in, *it)
	b.mu.Unlock()
	b.signal()
}

func (b *inbox) signal() {
	select {
	case b.came <- struct{}{}:
	default:
	}
}

// pop returns the next item, or nil. It is valid until the next call. The
// loop's.
func (b *inbox) pop() *item {
	if b.next == len(b.out) {
		b.swap()
		if len(b.out) == 0 {
			return nil
		}
	}
	b.waiting.Add(-1)
	b.next++
	return &b.out[b.next-1]
}

// swap takes what came, and gives the room of what was taken before for more.
func (b *inbox) swap() {
	clear(b.out)
	if cap(b.out) > keptItems {
		b.out = nil
	}
	b.mu.Lock()
	b.in, b.out = b.out[:0], b.in
	b.mu.Unlock()
	b.next = 0
}

// Deliver implements Inbox.
func (b *inbox) Deliver(m Message) bool { return b.offer(&item{message: m}) }

// Link implements Inbox.
func (b *inbox) Link(e LinkEvent) bool {
	c := &Control{Kind: ControlBroker, Broker: e.Broker, Up: e.Up}
	if e.Gateway != "" {
		c = &Control{Kind: ControlGateway, Broker: e.Broker, Plant: e.Plant, Gateway: e.Gateway, Up: e.Up}
	}
	return b.offer(&item{control: c, ack: e.Ack})
}

// offer pushes it where there is room, and else counts it.
func (b *inbox) offer(it *item) bool {
	if b.waiting.Load() >= b.max {
		b.overflow.Add(1)
		return false
	}
	b.push(it)
	return true
}
