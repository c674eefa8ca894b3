package history

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-00829101/heartline/plant"
)

// maxLine bounds one line of NDJSON.
const maxLine = 1 << 20

// goodQualities are those that the plain JSON profile takes for good.
var goodQualities = []string{"good", "Good", "GOOD", "ok", "OK", "192", "true"}

// Samples reads NDJSON, one object a line, in the order of `at`:
//
//	{"at":ms,"ts":ms,"plant":"p","line":"l","machine":"m","seq":1,"state":"on","quality":"good","good":17}
//	{"at":ms,"plant":"p","gateway":"g","link":"down"}
//	{"at":ms,"listening":false}
//
// Without ts a sample is of its arrival. Every other member of a sample is a
// field: numbers written as whole ones are kept exactly. A member that is null
// is not there; a state may be a number. Not safe for concurrent use.
type Samples struct {
	in     *bufio.Reader
	ended  bool
	line   int
	last   plant.Instant
	buffer bytes.Buffer
	dec    jsontext.Decoder
	sample plant.Sample
	names  map[string]string
}

// NewSamples returns a reader of r.
func NewSamples(r io.Reader) *Samples {
	return &Samples{in: bufio.NewReaderSize(r, maxLine), names: map[string]string{}}
}

var _ Reader = (*Samples)(nil)

// Next implements Reader. Its errors of lines are *BadRow.
func (s *Samples) Next() (Record, error) {
	for !s.ended {
		text, err := s.in.ReadSlice('\n')
		s.line++
		if errors.Is(err, bufio.ErrBufferFull) {
			bad := badRow(s.line, "", text, fmt.Errorf("is longer than %d bytes", maxLine))
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = s.in.ReadSlice('\n')
			}
			s.ended = err != nil
			return Record{}, bad
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return Record{}, err
		}
		s.ended = err != nil
		if s.line == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff")) // as some editors begin a file
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		rec, err := s.read(text)
		if err == nil && rec.At < s.last {
			err = fmt.Errorf("at is %d ms before the line before it; sort the file by at", s.last.Sub(rec.At).Milliseconds())
		}
		if err != nil {
			return rec, badRow(s.line, s.sample.Plant, text, err)
		}
		s.last, rec.Line = rec.At, s.line
		return rec, nil
	}
	return Record{}, io.EOF
}

// said is what the members of one object say besides fields.
type said struct {
	at, ts          int64
	hasAt, hasTS    bool
	link, listening string
}

func (s *Samples) read(text []byte) (Record, error) {
	s.buffer = *bytes.NewBuffer(text)
	s.dec.Reset(&s.buffer)
	s.sample = plant.Sample{Fields: s.sample.Fields[:0]}
	var all said
	if tok, err := s.dec.ReadToken(); err != nil || tok.Kind() != '{' {
		return Record{}, errors.Join(errors.New("is no JSON object"), err)
	}
	for s.dec.PeekKind() != '}' {
		name, err := s.dec.ReadToken()
		if err != nil {
			return Record{}, err
		}
		key := name.String()
		value, err := s.dec.ReadValue()
		if err != nil {
			return Record{}, err
		}
		if err := s.member(&all, key, value); err != nil {
			return Record{}, plant.Errorf(plant.CodeInvalid, "%s: %w", key, err)
		}
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return Record{}, err
	}
	if _, err := s.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return Record{}, errors.New("more follows the object")
	}
	return s.record(&all)
}

func (s *Samples) member(all *said, key string, v jsontext.Value) error {
	if v.Kind() == 'n' {
		return nil
	}
	var err error
	switch key {
	case "at":
		all.at, err = wholeOf(v)
		all.hasAt = true
	case "ts":
		all.ts, err = wholeOf(v)
		all.hasTS = true
	case "seq":
		s.sample.Seq, err = numberOf(v)
		s.sample.HasSeq = err == nil
	case "plant":
		s.sample.Plant, err = s.textOf(v)
	case "line":
		s.sample.Line, err = s.textOf(v)
	case "machine":
		s.sample.Machine, err = s.textOf(v)
	case "gateway":
		s.sample.Gateway, err = s.textOf(v)
	case "state":
		if v.Kind() == '0' { // a code, like UMH's
			s.sample.State = s.name(string(v))
			break
		}
		s.sample.State, err = s.textOf(v)
	case "link":
		all.link, err = s.textOf(v)
	case "listening":
		all.listening = string(v)
	case "quality":
		text := string(v)
		if v.Kind() == '"' {
			text, err = s.textOf(v)
		}
		if !slices.Contains(goodQualities, text) {
			s.sample.Flags |= plant.BadQuality
		}
	default:
		return s.field(key, v)
	}
	return err
}

func (s *Samples) field(key string, v jsontext.Value) error {
	f := plant.Field{Name: s.name(key)}
	var err error
	switch v.Kind() {
	case 't', 'f':
		f.Kind, f.Bool = plant.Bool, v.Kind() == 't'
	case '"':
		f.Kind = plant.String
		f.Str, err = s.textOf(v)
	case '0':
		if f.Int, err = strconv.ParseInt(string(v), 10, 64); err == nil {
			f.Kind = plant.Int
			break
		}
		f.Float, err = strconv.ParseFloat(string(v), 64)
		if err == nil && math.IsInf(f.Float, 0) {
			err = errors.New("does not fit")
		}
	default:
		err = errors.New("is an object or array, which no field can hold")
	}
	if err == nil {
		s.sample.Fields = append(s.sample.Fields, f)
	}
	return err
}

// record makes a record of what one line said.
func (s *Samples) record(all *said) (Record, error) {
	if !all.hasAt {
		return Record{}, errors.New("at is missing: when it arrived, in milliseconds since 1970")
	}
	rec := Record{At: instantOf(all.at), Plant: s.sample.Plant}
	switch {
	case all.listening != "":
		if all.listening != "true" && all.listening != "false" {
			return rec, errors.New("listening is neither true nor false")
		}
		rec.Kind, rec.Plant, rec.Up = Listening, "", all.listening == "true"
		return rec, nil
	case all.link != "":
		if all.link != "up" && all.link != "down" {
			return rec, errors.New(`link is neither "up" nor "down"`)
		}
		rec.Kind, rec.Gateway, rec.Up = Link, s.sample.Gateway, all.link == "up"
		if rec.Plant == "" || rec.Gateway == "" {
			return rec, errors.New("a link has a plant and a gateway")
		}
		return rec, nil
	}
	x := &s.sample
	if x.Plant == "" || x.Line == "" || x.Machine == "" {
		return rec, errors.New("a sample has a plant, a line and a machine")
	}
	x.Arrived, x.Unit, x.Broker = rec.At, plant.Millisecond, "file"
	if x.Stamp = instantOf(all.ts); !all.hasTS {
		x.Stamp = rec.At
		x.Flags |= plant.NoDeviceTime
	}
	slices.SortFunc(x.Fields, func(a, b plant.Field) int { return strings.Compare(a.Name, b.Name) })
	rec.Sample = x
	return rec, nil
}

func instantOf(ms int64) plant.Instant { return plant.Instant(ms) * plant.Instant(time.Millisecond) }

// wholeOf reads milliseconds. A whole number may be written as 1.7e12, or with
// .0, as some tools do with every number.
func wholeOf(v jsontext.Value) (int64, error) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if f, e := strconv.ParseFloat(string(v), 64); err != nil && e == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		n, err = int64(f), nil
	}
	if err != nil || n > math.MaxInt64/int64(time.Millisecond) || n < -math.MaxInt64/int64(time.Millisecond) {
		return 0, errors.New("is no whole number of milliseconds since 1970")
	}
	return n, nil
}

// numberOf reads a sequence number.
func numberOf(v jsontext.Value) (uint64, error) {
	n, err := strconv.ParseUint(string(v), 10, 64)
	if f, e := strconv.ParseFloat(string(v), 64); err != nil && e == nil && f == math.Trunc(f) && f >= 0 && f < 1<<53 {
		n, err = uint64(f), nil
	}
	if err != nil {
		return 0, errors.New("is no whole number from 0 on")
	}
	return n, nil
}

// textOf reads a text; the same one again costs nothing.
func (s *Samples) textOf(v jsontext.Value) (string, error) {
	if v.Kind() != '"' {
		return "", errors.New("is no text")
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return s.name(string(v[1 : len(v)-1])), nil
	}
	text, err := jsontext.AppendUnquote(nil, v)
	return string(text), err
}

// name returns one string for each text that comes again and again.
func (s *Samples) name(text string) string {
	if known, ok := s.names[text]; ok {
		return known
	}
	text = strings.Clone(text)
	if len(s.names) < 1<<16 {
		s.names[text] = text
	}
	return text
}
