package collector

import (
	"bytes"
	"strings"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/seed-00829101/heartline/plant"
)

// Measurement is where heartbeats are stored.
const Measurement = "heartbeat"

// Names of heartbeat's own fields; a payload's field of such a name is
// renamed by the decoder.
const (
	FieldState   = "state"
	FieldSeq     = "seq"
	FieldArrived = "arrived" // milliseconds since the epoch, our clock
	FieldGateway = "gateway"
	FieldFlags   = "flags" // words, see flagWords
)

var flagWords = []struct {
	flag plant.Flags
	word string
}{
	{plant.BadQuality, "bad_quality"},
	{plant.Retained, "retained"},
	{plant.Delta, "delta"},
	{plant.NoDeviceTime, "no_device_time"},
}

// flagTexts[f] is what is stored for flags f.
var flagTexts = func() (texts [16]string) {
	for f := range texts {
		var words []string
		for _, w := range flagWords {
			if plant.Flags(f).Has(w.flag) {
				words = append(words, w.word)
			}
		}
		texts[f] = strings.Join(words, " ")
	}
	return texts
}()

// flagsOf is the inverse of flagTexts.
var flagsOf = func() map[string]plant.Flags {
	out := map[string]plant.Flags{}
	for f, text := range flagTexts {
		out[text] = plant.Flags(f)
	}
	return out
}()

// FlagsOf reads the flags that are stored as text; unknown words are none.
func FlagsOf(text string) plant.Flags { return flagsOf[text] }

// LineEncoder writes samples as line protocol. The zero LineEncoder is ready.
// Not safe for concurrent use.
type LineEncoder struct{ enc lineprotocol.Encoder }

// Encode returns s as one line, stamped with stamp, without a newline at its
// end. The bytes are valid until the next call. What line protocol cannot
// write is a CodeInvalid error.
func (e *LineEncoder) Encode(s *plant.Sample, stamp plant.Instant) ([]byte, error) {
	e.enc.Reset()
	e.enc.StartLine(Measurement)
	e.enc.AddTag("line", s.Line)
	e.enc.AddTag("machine", s.Machine)
	e.enc.AddTag("plant", s.Plant)
	e.enc.AddField(FieldArrived, lineprotocol.IntValue(int64(s.Arrived)/int64(time.Millisecond)))
	if text := flagTexts[s.Flags&15]; text != "" {
		e.addString(FieldFlags, text)
	}
	if s.Gateway != "" {
		e.addString(FieldGateway, s.Gateway)
	}
	if s.HasSeq {
		e.enc.AddField(FieldSeq, lineprotocol.IntValue(int64(s.Seq)))
	}
	if s.State != "" {
		e.addString(FieldState, s.State)
	}
	for i := range s.Fields {
		if v, ok := value(&s.Fields[i]); ok {
			e.enc.AddField(s.Fields[i].Name, v)
		} else {
			return nil, plant.Errorf(plant.CodeInvalid, "field %q holds a value that line protocol cannot write", s.Fields[i].Name)
		}
	}
	e.enc.EndLine(stamp.Time())
	if err := e.enc.Err(); err != nil {
		e.enc.ClearErr()
		return nil, plant.Errorf(plant.CodeInvalid, "cannot be written as line protocol: %w", err)
	}
	return bytes.TrimSuffix(e.enc.Bytes(), []byte("\n")), nil
}

func (e *LineEncoder) addString(name, text string) {
	if v, ok := lineprotocol.StringValue(text); ok {
		e.enc.AddField(name, v)
	}
}

func value(f *plant.Field) (lineprotocol.Value, bool) {
	switch f.Kind {
	case plant.Int:
		return lineprotocol.IntValue(f.Int), true
	case plant.String:
		return lineprotocol.StringValue(f.Str)
	case plant.Bool:
		return lineprotocol.BoolValue(f.Bool), true
	}
	return lineprotocol.FloatValue(f.Float)
}
