package mqtt

import "github.com/eclipse/paho.mqtt.golang/packets"

// noStore is a paho.Store that keeps nothing: inbound messages are kept by
// the broker until we acknowledge them, and status values are published anew
// on every connection.
type noStore struct{}

func (noStore) Open()                             {}
func (noStore) Put(string, packets.ControlPacket) {}
func (noStore) Get(string) packets.ControlPacket  { return nil }
func (noStore) All() []string                     { return nil }
func (noStore) Del(string)                        {}
func (noStore) Close()                            {}
func (noStore) Reset()                            {}
