package mqtt

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
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

// What comes through the splitter is what paho reads alone, up to the first packet
// that is none, however the stream is cut.
func FuzzSplitter(f *testing.F) {
	for _, seed := range []string{
		"\x30\x03\x00\x01a\xd0\x00", "\x32\x07\x00\x01a\x00\x05xy\x3b\x05\x00\x01a\x00\x01", "\x90\x03\x00\x07\x01\x34\x06\x00\x00\x00\x01xy",
		"\x36\x05\x00\x01a\x00\x01", "\x30\x02\x00\x05", "\x32\x03\x00\x01a", "\x30\x00", "\x30\x01\x00", "\x30\x83\x80\x00\x00\x01a", "\x00\x00",
		"\x20\x02\x00\x00\x30\x80\x01" + strings.Repeat("\x00\x10abcdefghijklmnop", 7) + "\x30",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, in []byte, cut uint8) {
		// Paho makes room for whatever length is said, and reads one of five bytes.
		whole := bufio.NewReader(bytes.NewReader(in))
		for h, err := (splitter{in: whole}), error(nil); err == nil; {
			var head, body int
			if _, head, body, err = h.header(); errors.Is(err, errPacket) || body > 1<<16 {
				return
			}
			_, _ = whole.Discard(head + body)
		}
		var want []string
		plain := bytes.NewReader(in)
		p, err := packets.ReadPacket(plain)
		for ; err == nil; p, err = packets.ReadPacket(plain) {
			if m, ok := p.(*packets.PublishPacket); ok && m.Qos == 3 {
				break // as MQTT wants it
			}
			want = append(want, p.String())
		}
		var got []string
		s := splitter{in: bufio.NewReaderSize(&cutter{in, int(cut)}, 16), take: func(m *publish) {
			same := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
			same.TopicName, same.Payload, same.MessageID = string(m.topic), m.payload, m.id
			same.Qos, same.Dup, same.Retain = m.qos, m.dup, m.retained
			same.RemainingLength = 2 + len(m.topic) + len(m.payload) + 2*min(int(m.qos), 1)
			got = append(got, same.String())
		}}
		for p, err = packets.ReadPacket(&s); err == nil; p, err = packets.ReadPacket(&s) {
			got = append(got, p.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q, ended by %v (-paho alone +through the splitter):\n%s", in, err, diff)
		}
	})
}

// cutter gives at most size bytes at once, then one less, and so on.
type cutter struct {
	rest []byte
	size int
}

func (c *cutter) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), max(c.size, 1))], c.rest)
	c.rest, c.size = c.rest[n:], c.size-1
	return n, nil
}
