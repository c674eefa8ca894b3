package collector

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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

// LineEncoder writes samples as line protocol: as the library does, in half of
// its time. The zero LineEncoder is ready. Not safe for concurrent use.
type LineEncoder struct{ buf []byte }

// Encode returns s as one line, stamped with stamp, without a newline at its
// end. The bytes are valid until the next call. What line protocol cannot
// write is a CodeInvalid error.
func (e *LineEncoder) Encode(s *plant.Sample, stamp plant.Instant) ([]byte, error) {
	b := append(e.buf[:0], Measurement...)
	for _, tag := range [...]struct{ key, value string }{{",line=", s.Line}, {",machine=", s.Machine}, {",plant=", s.Plant}} {
		var ok bool
		if b, ok = appendName(append(b, tag.key...), tag.value); !ok {
			return nil, errName(tag.value)
		}
	}
	b = appendInt(append(b, " "+FieldArrived+"="...), int64(s.Arrived)/int64(time.Millisecond))
	if text := flagTexts[s.Flags&15]; text != "" {
		b = appendText(append(b, ","+FieldFlags+"="...), text)
	}
	if s.Gateway != "" && utf8.ValidString(s.Gateway) {
		b = appendText(append(b, ","+FieldGateway+"="...), s.Gateway)
	}
	if s.HasSeq {
		b = appendInt(append(b, ","+FieldSeq+"="...), int64(s.Seq))
	}
	if s.State != "" && utf8.ValidString(s.State) {
		b = appendText(append(b, ","+FieldState+"="...), s.State)
	}
	for i := range s.Fields {
		var err error
		if b, err = appendField(b, &s.Fields[i]); err != nil {
			return nil, err
		}
	}
	e.buf = strconv.AppendInt(append(b, ' '), int64(stamp), 10)
	return e.buf, nil
}

func appendField(b []byte, f *plant.Field) ([]byte, error) {
	b, ok := appendName(append(b, ','), f.Name)
	if !ok {
		return b, errName(f.Name)
	}
	b = append(b, '=')
	switch {
	case f.Kind == plant.Int:
		return appendInt(b, f.Int), nil
	case f.Kind == plant.Bool:
		return strconv.AppendBool(b, f.Bool), nil
	case f.Kind == plant.String && utf8.ValidString(f.Str):
		return appendText(b, f.Str), nil
	case f.Kind == plant.Float && !math.IsNaN(f.Float) && !math.IsInf(f.Float, 0):
		return strconv.AppendFloat(b, f.Float, 'g', -1, 64), nil
	}
	return b, plant.Errorf(plant.CodeInvalid, "field %q holds a value that line protocol cannot write", f.Name)
}

func appendInt(b []byte, n int64) []byte { return append(strconv.AppendInt(b, n, 10), 'i') }

// appendName appends a tag's value or a field's key; false: it can be neither.
func appendName(b []byte, name string) ([]byte, bool) {
	for i := range len(name) {
		c := name[i]
		switch {
		case c < ' ' || c == 0x7f:
			return b, false
		case c == ' ' || c == ',' || c == '=':
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return b, name != "" && name[len(name)-1] != '\\' && utf8.ValidString(name)
}

func errName(name string) error {
	return plant.Errorf(plant.CodeInvalid, "the name %q cannot be written as line protocol: it is empty, holds a control character or what is not UTF-8, or ends in a backslash", name)
}

// appendText appends a string field's value.
func appendText(b []byte, text string) []byte {
	b = append(b, '"')
	for i := range len(text) {
		c := text[i]
		if j := strings.IndexByte(textEscapes, c); j >= 0 {
			b = append(b, '\\', textEscaped[j])
		} else {
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// Each character of textEscapes is a backslash and the one of textEscaped.
const (
	textEscapes = "\\\"\n\r\t"
	textEscaped = `\"nrt`
)
