package mqtt

import (
	"sync"
	"sync/atomic"
	"time"
)

// Kinds of acknowledgement, as MQTT writes them.
const (
	puback byte = 0x40 // of QoS 1
	pubrec byte = 0x50 // of QoS 2, which we never ask for
)

// held is a message that was delivered and waits for its acknowledgement.
type held struct {
	id     uint16
	kind   byte
	queued bool   // received on this connection, not yet acknowledged on it
	safe   bool   // ack was called
	sum    uint64 // of topic and payload
	ack    func() // Message.Ack
}

// window holds what one server's session has in flight to us. It writes
// acknowledgements in the order of receipt, whatever order they come in, and
// recognises redeliveries: on the same connection (nats-server redelivers by
// time), and on the next one, where the Ack that came while the connection
// was away then acknowledges the redelivered message.
type window struct {
	acked *atomic.Uint64
	max   int
	room  chan struct{} // one token: it is not full any more

	mu    sync.Mutex // guards all below and in held: shared by receiver and acks
	conn  *conn      // nil while away
	queue []*held    // in the order of receipt on conn
	byID  [1 << 16]*held
}

func newWindow(limit int, acked *atomic.Uint64) *window {
	return &window{acked: acked, max: limit, room: make(chan struct{}, 1)}
}

// await waits while the window is full: for d at most, or until gone is closed.
// The receiver's.
func (w *window) await(d time.Duration, gone <-chan struct{}) {
	if !w.full() {
		return
	}
	late := time.NewTimer(d)
	defer late.Stop()
	for w.full() {
		select {
		case <-w.room:
		case <-gone:
			return
		case <-late.C:
			return
		}
	}
}

func (w *window) full() bool { return w.size() >= w.max }

// attach begins a connection: nothing was received on it yet.
func (w *window) attach(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn = c
	for _, h := range w.queue {
		h.queued = false
	}
	w.queue = nil
}

// detach ends it: acknowledgements wait for the redelivery.
func (w *window) detach() { w.attach(nil) }

// take notes the receipt of a message with packet id id. It returns nil where
// the message is a redelivery that must not be delivered again, and false
// where the window is full.
//
// Only DUP, the packet id and the content together tell a redelivery:
// Mosquitto 2.0.11 goes on sending when all 65,535 packet ids are held, as
// happens with a long queue (see DESIGN.md).
func (w *window) take(id uint16, kind byte, dup bool, sum uint64) (*held, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.byID[id]
	if h != nil && dup && h.sum == sum {
		if h.queued { // its turn comes
			return nil, true
		}
	} else {
		h = nil
	}
	if len(w.queue) >= w.max {
		return nil, false
	}
	again := h != nil
	if !again {
		h = w.hold(id)
		h.kind, h.safe, h.sum = kind, false, sum
	}
	h.queued = true
	w.queue = append(w.queue, h)
	if again {
		w.flush()
		return nil, true
	}
	return h, true
}

// hold returns what is to hold a new message under id: what held the last one,
// if nothing more comes of that.
func (w *window) hold(id uint16) *held {
	if h := w.byID[id]; h != nil && h.safe && !h.queued {
		return h
	}
	h := &held{id: id}
	h.ack = func() { w.done(h) }
	w.byID[id] = h
	return h
}

// forget takes the newest message out again: it was not delivered after all,
// so that its redelivery must be.
func (w *window) forget(h *held) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.queue); n > 0 && w.queue[n-1] == h {
		w.queue = w.queue[:n-1]
		if w.byID[h.id] == h {
			w.byID[h.id] = nil
		}
	}
}

// done notes that h is safe.
func (w *window) done(h *held) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h.safe = true
	w.flush()
}

// flush acknowledges what is safe up to the first message that is not.
func (w *window) flush() {
	for len(w.queue) > 0 && w.queue[0].safe {
		h := w.queue[0]
		w.queue[0] = nil
		w.queue = w.queue[1:]
		h.queued = false
		w.conn.ack(h.kind, h.id)
		w.acked.Add(1)
	}
	select {
	case w.room <- struct{}{}:
	default:
	}
}

// size returns how many messages wait.
func (w *window) size() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue)
}
