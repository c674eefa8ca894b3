package mqtt

import (
	"bufio"
	"net"
	"testing"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/seed-00829101/heartline/collector"
)

// acker acknowledges at once, as a loop does that is never busy.
type acker struct{}

func (a *acker) Deliver(m collector.Message) bool { m.Ack(); return true }
func (a *acker) Link(collector.LinkEvent) bool    { return true }

// flood is a broker that sends n messages of 150 bytes, 1,000 in flight, and
// closes done when all were acknowledged.
func flood(b *testing.B, n int, done chan<- struct{}) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		in, out := bufio.NewReaderSize(c, 64<<10), bufio.NewWriterSize(c, 64<<10)
		sent, acked := 0, 0
		for acked < n {
			p, err := packets.ReadPacket(in)
			if err != nil {
				b.Error(err)
				return
			}
			switch p := p.(type) {
			case *packets.ConnectPacket:
				_ = packets.NewControlPacket(packets.Connack).Write(c)
				continue
			case *packets.SubscribePacket:
				_, _ = c.Write([]byte{0x90, 3, byte(p.MessageID >> 8), byte(p.MessageID), 1})
				b.ResetTimer()
			case *packets.PubackPacket:
				acked++
			}
			for ; sent < n && sent-acked < 1000; sent++ {
				m := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
				m.Qos, m.MessageID, m.TopicName, m.Payload = 1, uint16(sent%65535+1), "factory/p/l/m/heartbeat", make([]byte, 150)
				_ = m.Write(out)
			}
			if in.Buffered() == 0 {
				_ = out.Flush()
			}
		}
	}()
	return "tcp://" + l.Addr().String()
}

// BenchmarkReceive is the whole way of a QoS 1 message from the socket to the
// inbox and its PUBACK back, the sending broker's work included.
func BenchmarkReceive(b *testing.B) {
	done := make(chan struct{})
	url := flood(b, b.N, done)
	b.ReportAllocs()
	runAnyway(b, Config{Servers: servers(url), Sources: sources(b, heartbeats)}, &acker{})
	<-done
}

// BenchmarkPlainPaho is the same with paho's own connection, store and Ack.
func BenchmarkPlainPaho(b *testing.B) {
	done := make(chan struct{})
	url := flood(b, b.N, done)
	b.ReportAllocs()
	o := paho.NewClientOptions().AddBroker(url).SetClientID("x").SetCleanSession(false).SetAutoReconnect(false)
	o.SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {})
	c := paho.NewClient(o)
	if token := c.Connect(); token.Wait() && token.Error() != nil {
		b.Fatal(token.Error())
	}
	c.Subscribe("factory/#", 1, nil)
	<-done
	c.Disconnect(100)
}
