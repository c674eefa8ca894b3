package collector

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/seed-00829101/heartline/plant"
)

// Whatever is read, the library reads the same.
func FuzzReadLine(f *testing.F) {
	for _, line := range []string{
		`heartbeat,line=l\ 1,machine=m\,\=,plant=p\1 arrived=5i,good=1i,s="a\"b\\\n\x" 7`,
		`heartbeat,line=l-1,machine=机器,plant=p arrived=5i,flags="delta",seq=4i,state="run, fast = 1",good=-12i,ok=true,t=61.5e3 1700000000123000042`,
		`heartbeat,line=l,machine=m,plant=p=q good=1i 7`, `heartbeat good=1i 7`, `heartbeat,plant=p a=1i,=2i 7`, `heartbeat,plant=p x y=1i 7`,
		`heartbeat,plant=p a="x"y,b=1i 7`, `heartbeat,plant=p a="x 7`, `heartbeat,plant=p a=1e999 7`, `heartbeat,plant=p a=1i`, `heartbeat,plant=p a=1i 7 `,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var r LineReader
		var p PointReader
		var got, want plant.Sample
		if r.Read(&Record{Line: line}, &got) != nil || p.read(line, &want) != nil {
			return // only what LineEncoder wrote must be read, see FuzzEncodeLine
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-library +ours):\n%s", line, diff)
		}
	})
}

// What is written is what the library writes, and read back it is the same.
func FuzzEncodeLine(f *testing.F) {
	f.Add("p", "l-1", "m0001", "running", "temp", "x", int64(5), 61.5, uint64(1700000000123000042))
	f.Add("p,1", "l =", `m\1`, "a \"b\"\n\r\tc\\", "temp °C", `\`, int64(-5), 1e300, uint64(0))
	f.Add("", "\x00", `m\`, "\xff", "\x7f", "\xff", int64(math.MinInt64), math.Inf(1), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, plantID, line, machine, state, field, text string, n int64, x float64, stamp uint64) {
		s := plant.Sample{
			Plant: plantID, Line: line, Machine: machine, Gateway: state, State: state, HasSeq: n%2 == 0, Seq: uint64(n) >> 1,
			Flags: plant.Flags(stamp % 16), Arrived: plant.Instant(n - n%1e6),
			Fields: []plant.Field{
				{Name: "a" + field, Kind: plant.Int, Int: n}, {Name: "b" + field, Float: x},
				{Name: "c" + field, Kind: plant.String, Str: text}, {Name: "d" + field, Kind: plant.Bool, Bool: n > 0},
			},
		}
		s.Fields = s.Fields[stamp%4:]
		var e LineEncoder
		got, err := e.Encode(&s, plant.Instant(stamp))
		want, ok := byLibrary(&s, plant.Instant(stamp))
		if (err == nil) != ok || ok && string(got) != want {
			t.Fatalf("written %q (%v); by the library %q", got, err, want)
		}
		if !ok {
			return
		}
		var r LineReader
		var p PointReader
		var back, byLib plant.Sample
		if err := errors.Join(r.Read(&Record{Line: got}, &back), p.read(got, &byLib)); err != nil {
			t.Fatalf("%q cannot be read: %v", got, err)
		}
		if diff := cmp.Diff(byLib, back); diff != "" {
			t.Errorf("%q (-library +ours):\n%s", got, diff)
		}
	})
}

// byLibrary encodes s as the library does.
func byLibrary(s *plant.Sample, stamp plant.Instant) (string, bool) {
	var e lineprotocol.Encoder
	text := func(name, value string) {
		if v, ok := lineprotocol.StringValue(value); ok && value != "" {
			e.AddField(name, v)
		}
	}
	e.StartLine(Measurement)
	e.AddTag("line", s.Line)
	e.AddTag("machine", s.Machine)
	e.AddTag("plant", s.Plant)
	e.AddField(FieldArrived, lineprotocol.IntValue(int64(s.Arrived)/1e6))
	text(FieldFlags, flagTexts[s.Flags&15])
	text(FieldGateway, s.Gateway)
	if s.HasSeq {
		e.AddField(FieldSeq, lineprotocol.IntValue(int64(s.Seq)))
	}
	text(FieldState, s.State)
	for _, f := range s.Fields {
		v, ok := lineprotocol.NewValue([...]any{f.Float, f.Int, f.Str, f.Bool}[f.Kind])
		if !ok {
			return "", false
		}
		e.AddField(f.Name, v)
	}
	e.EndLine(stamp.Time())
	return strings.TrimSuffix(string(e.Bytes()), "\n"), e.Err() == nil
}
