package mqtt

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/eclipse/paho.mqtt.golang/packets"
	"github.com/google/go-cmp/cmp"
)

// split reads all of in, as paho would, and returns the messages and what is
// left for paho.
func split(in io.Reader, size int) (messages []publish, rest []byte, err error) {
	s := splitter{in: bufio.NewReaderSize(in, size), take: func(m *publish) {
		kept := *m
		kept.topic = bytes.Clone(m.topic)
		messages = append(messages, kept)
	}}
	rest, err = io.ReadAll(&s)
	return messages, rest, err
}

func TestMessagesAreTakenAndTheRestIsLeftForPaho(t *testing.T) {
	var in, others bytes.Buffer
	var want []publish
	for i, size := range []int{0, 1, 120, 130, piece / 8, piece, 3 * piece} {
		m := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
		m.TopicName, m.Payload = "factory/p/l/m/heartbeat", bytes.Repeat([]byte{byte('a' + i)}, size)
		m.Qos, m.Dup, m.Retain = byte(i%3), i%2 == 0, i%2 == 1
		if m.Qos > 0 {
			m.MessageID = uint16(0xfff0 + i)
		}
		want = append(want, publish{[]byte(m.TopicName), m.Payload, m.MessageID, m.Qos, m.Dup, m.Retain})
		suback := packets.NewControlPacket(packets.Suback).(*packets.SubackPacket)
		suback.MessageID, suback.ReturnCodes = uint16(i), make([]byte, 100*i)
		for _, to := range []io.Writer{&in, &others} {
			if err := errors.Join(packets.NewControlPacket(packets.Pingresp).Write(to), suback.Write(to)); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.Write(&in); err != nil {
			t.Fatal(err)
		}
	}
	for name, r := range map[string]io.Reader{
		"at once": bytes.NewReader(in.Bytes()), "byte by byte": iotest.OneByteReader(bytes.NewReader(in.Bytes())),
	} {
		messages, rest, err := split(r, 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, messages, cmp.AllowUnexported(publish{})); diff != "" {
			t.Errorf("%s: messages (-want +got):\n%s", name, diff)
		}
		if !bytes.Equal(rest, others.Bytes()) {
			t.Errorf("%s: paho reads other packets than those that came between the messages", name)
		}
	}
}

func TestWhatIsNoPublishIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"a length of five bytes":    {"\x30\xff\xff\xff\xff\x01", errPacket},
		"no room for a topic":       {"\x30\x01\x00", errPacket},
		"the topic ends outside":    {"\x30\x03\x00\x02a", errPacket},
		"no packet id":              {"\x32\x03\x00\x01a", errPacket},
		"half a packet id":          {"\x32\x04\x00\x01a\x00", errPacket},
		"QoS 3":                     {"\x36\x05\x00\x01a\x00\x01", errPacket},
		"the connection ends in it": {"\x30\x05\x00\x01a", io.ErrUnexpectedEOF},
	} {
		messages, _, err := split(bytes.NewReader([]byte(c.in)), 64)
		if !errors.Is(err, c.want) || len(messages) > 0 {
			t.Errorf("%s: error %v, %d messages; want %v and none", name, err, len(messages), c.want)
		}
	}
}
