package sim

import (
	"encoding/json"
	"strconv"
	"time"
)

// Message is one message and when it is due. It owns its payload.
type Message struct {
	At      time.Time
	Topic   string
	Payload []byte
}

// Source makes messages in the order they are due.
type Source interface {
	// Next returns the next message, io.EOF after the last one. Any other
	// error ends the source as well. Not safe for concurrent use.
	Next() (Message, error)
}

// Topic is where a machine's heartbeats go; the shipped configuration
// subscribes to all such topics.
func Topic(plant, line, machine string) string {
	return "factory/" + plant + "/" + line + "/" + machine + "/heartbeat"
}

// heartbeat is what a simulated machine says.
type heartbeat struct {
	at          time.Time
	seq         uint64
	state       string
	good, scrap uint64
	temp        float64
}

// payload writes h as the JSON that the shipped profile json reads.
func (h *heartbeat) payload() []byte {
	b := make([]byte, 0, 112)
	b = append(b, `{"ts":`...)
	b = strconv.AppendInt(b, h.at.UnixMilli(), 10)
	b = append(b, `,"seq":`...)
	b = strconv.AppendUint(b, h.seq, 10)
	b = append(b, `,"state":"`...)
	b = append(b, h.state...)
	b = append(b, `","good":`...)
	b = strconv.AppendUint(b, h.good, 10)
	b = append(b, `,"scrap":`...)
	b = strconv.AppendUint(b, h.scrap, 10)
	b = append(b, `,"temp":`...)
	b = strconv.AppendFloat(b, h.temp, 'f', 1, 64)
	return append(b, '}')
}

// appendText writes s as a JSON text.
func appendText(b []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("sim: a string cannot fail to marshal: " + err.Error())
	}
	return append(b, text...)
}
