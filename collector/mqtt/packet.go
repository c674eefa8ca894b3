package mqtt

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

var errPacket = errors.New("the broker sent a packet that is no MQTT 3.1.1")

// publish is a PUBLISH packet. Its topic is valid until the next one is read;
// its payload is nobody else's.
type publish struct {
	topic    []byte
	payload  []byte
	id       uint16 // 0 for QoS 0
	qos      byte
	dup      bool
	retained bool
}

// splitter reads what a broker sends: each PUBLISH goes to take, from the
// goroutine that reads; every other packet is left for paho, which would pass
// messages through three goroutines and allocate twenty times for each.
type splitter struct {
	in    *bufio.Reader
	take  func(*publish) // nil: all is left for paho
	rest  int            // bytes of paho's packet that are unread
	spare []byte         // for payloads to come
}

// Read implements io.Reader for paho: it sees no PUBLISH.
func (s *splitter) Read(p []byte) (int, error) {
	for s.take != nil && s.rest == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	if s.take != nil {
		p = p[:min(len(p), s.rest)]
	}
	n, err := s.in.Read(p)
	s.rest -= n
	return n, err
}

// next takes the next packet where it is a PUBLISH, else it tells its size.
func (s *splitter) next() error {
	first, head, body, err := s.header()
	if err != nil {
		return err
	}
	if first>>4 != packets.Publish {
		s.rest = head + body
		return nil
	}
	if _, err := s.in.Discard(head); err != nil {
		return err
	}
	packet := s.room(body)
	if _, err := io.ReadFull(s.in, packet); err != nil {
		return err
	}
	m, err := parse(first, packet)
	if err == nil {
		s.take(&m)
	}
	return err
}

// header looks at a packet's first byte and the lengths of its header and body.
func (s *splitter) header() (first byte, head, body int, err error) {
	for head = 2; head <= 5; head++ {
		b, err := s.in.Peek(head)
		if err != nil {
			return 0, 0, 0, err
		}
		digit := b[head-1]
		body |= int(digit&0x7f) << (7 * (head - 2))
		if digit < 0x80 {
			return b[0], head, body, nil
		}
	}
	return 0, 0, 0, errPacket
}

// parse takes a PUBLISH without its header apart.
func parse(first byte, packet []byte) (publish, error) {
	m := publish{dup: first&8 != 0, qos: first >> 1 & 3, retained: first&1 != 0}
	var ok bool
	if m.topic, packet, ok = cut(packet, 2); ok {
		m.topic, packet, ok = cut(packet, int(binary.BigEndian.Uint16(m.topic)))
	}
	if ok && m.qos > 0 {
		var id []byte
		if id, packet, ok = cut(packet, 2); ok {
			m.id = binary.BigEndian.Uint16(id)
		}
	}
	if !ok || m.qos > 2 {
		return m, errPacket
	}
	m.payload = packet
	return m, nil
}

func cut(b []byte, n int) (front, rest []byte, ok bool) {
	if n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// piece is how much room for payloads is made at once, in bytes.
const piece = 32 << 10

// room returns n bytes of room. Small packets share a piece of memory, which is
// free with the last of them.
func (s *splitter) room(n int) []byte {
	if n > piece/8 {
		return make([]byte, n)
	}
	if n > len(s.spare) {
		s.spare = make([]byte, piece)
	}
	b := s.spare[:n:n]
	s.spare = s.spare[n:]
	return b
}
