package collector

import "github.com/cespare/xxhash/v2"

// packets remembers the packets whose samples say neither time nor number:
// a broker that redelivers one uses its packet id again and sets DUP.
type packets map[string]map[uint16]uint64 // by broker and packet id

// of is what tells m from its redelivery; zero where nothing does.
func (p packets) of(m *Message) Packet {
	if m.QoS == 0 || m.PacketID == 0 {
		return Packet{}
	}
	var sum xxhash.Digest
	sum.Reset()
	_, _ = sum.WriteString(m.Topic)
	_, _ = sum.Write([]byte{0})
	_, _ = sum.Write(m.Payload)
	return Packet{m.PacketID, sum.Sum64()}
}

// redelivered reports whether m is one that was taken before.
func (p packets) redelivered(m *Message, packet Packet) bool {
	if !m.Dup || packet.ID == 0 {
		return false
	}
	hash, ok := p[m.Broker][packet.ID]
	return ok && hash == packet.Hash
}

// remember notes that the packet was taken.
func (p *packets) remember(broker string, packet Packet) {
	if packet.ID == 0 {
		return
	}
	if *p == nil {
		*p = packets{}
	}
	if (*p)[broker] == nil {
		(*p)[broker] = map[uint16]uint64{}
	}
	(*p)[broker][packet.ID] = packet.Hash
}
