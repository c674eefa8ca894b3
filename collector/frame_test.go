package collector_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

func sampleAt(ms int64) plant.Sample {
	return plant.Sample{
		Plant: "shaoxing-07", Line: "dye 1,=\"x", Machine: "机器\\m", Gateway: "gw-1", Broker: "embedded",
		Stamp: plant.Instant(ms * 1e6), Unit: plant.Millisecond, Arrived: plant.Instant((ms + 7) * 1e6),
		Seq: 42, HasSeq: true, State: "running", Flags: plant.Delta | plant.BadQuality, Scale: 2.5,
		Fields: []plant.Field{
			{Name: "alarm", Kind: plant.Bool, Bool: true},
			{Name: "good", Kind: plant.Int, Int: 9007199254740993},
			{Name: "note", Kind: plant.String, Str: "a \"b\"\nc"},
			{Name: "temp °C", Kind: plant.Float, Float: 61.5},
		},
	}
}

func readBack(t *testing.T, data []byte) (samples []plant.Sample, controls []collector.Control) {
	t.Helper()
	f, err := collector.ReadFrame(data)
	if err != nil {
		t.Fatal(err)
	}
	var r collector.LineReader
	for rec, err := range f.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Control != nil {
			controls = append(controls, *rec.Control)
			continue
		}
		var s plant.Sample
		if err := r.Read(&rec, &s); err != nil {
			t.Fatalf("line %s: %v", rec.Line, err)
		}
		samples = append(samples, s)
	}
	return samples, controls
}

func TestFrameGivesBackWhatWasAdded(t *testing.T) {
	var b collector.FrameBuilder
	one, two := sampleAt(1700000000123), sampleAt(1700000000124)
	two.Broker, two.HasSeq, two.Seq, two.Scale, two.Flags = "second", false, 0, 0, 0
	link := collector.Control{Kind: collector.ControlGateway, Plant: "shaoxing-07", Gateway: "gw-1"}
	for _, s := range []plant.Sample{one, two} {
		if err := b.AddSample(&s, collector.Stamp(&s, 123456789), "factory", collector.Packet{}); err != nil {
			t.Fatal(err)
		}
		if err := b.AddControl(link); err != nil {
			t.Fatal(err)
		}
	}
	b.Seal(1)
	data := b.Seal(plant.Instant(5 * time.Second)) // a later stamp replaces the first
	f, err := collector.ReadFrame(data)
	if err != nil {
		t.Fatal(err)
	}
	if f.At != plant.Instant(5*time.Second) {
		t.Errorf("at is %d", f.At)
	}
	samples, controls := readBack(t, data)
	if diff := cmp.Diff([]plant.Sample{one, two}, samples); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]collector.Control{link, link}, controls); diff != "" {
		t.Errorf("controls (-want +got):\n%s", diff)
	}
}

// frameOf returns a sealed frame of n samples: few are plain, many packed.
func frameOf(t *testing.T, n int) []byte {
	t.Helper()
	var b collector.FrameBuilder
	for i := range n {
		s := sampleAt(1700000000123 + int64(i))
		if err := b.AddSample(&s, s.Stamp, "factory", collector.Packet{}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Seal(1)
}

func TestFrameWithAnyByteFlippedIsRefused(t *testing.T) {
	for _, n := range []int{0, 20} {
		data := frameOf(t, n)
		for i := range data {
			data[i] ^= 0x40
			if _, err := collector.ReadFrame(data); plant.CodeOf(err) != plant.CodeDamaged {
				t.Fatalf("%d samples, byte %d flipped: error %v, want one of code damaged", n, i, err)
			}
			data[i] ^= 0x40
		}
		for i := range data {
			if _, err := collector.ReadFrame(data[:i]); plant.CodeOf(err) != plant.CodeDamaged {
				t.Fatalf("%d samples, cut to %d bytes: error %v, want one of code damaged", n, i, err)
			}
		}
	}
}

// Samples of one machine differ little: a frame of many is packed, and one
// reader gives each frame back whole.
func TestFramesOfManySamplesArePacked(t *testing.T) {
	var r collector.FrameReader
	for _, n := range []int{500, 0, 20} {
		data := frameOf(t, n)
		if n == 500 && len(data) > n*60 {
			t.Errorf("%d samples take %d bytes", n, len(data))
		}
		f, err := r.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		var lines collector.LineReader
		got := 0
		for rec, err := range f.Records() {
			var s plant.Sample
			if err != nil || lines.Read(&rec, &s) != nil {
				t.Fatalf("%d samples: record %d: %v", n, got, err)
			}
			if want := sampleAt(1700000000123 + int64(got)); !cmp.Equal(want, s) {
				t.Fatalf("%d samples, %d: %s", n, got, cmp.Diff(want, s))
			}
			got++
		}
		if got != n {
			t.Errorf("%d samples of %d", got, n)
		}
	}
}

// An upgrade finds frames of the version before, which were never packed.
func TestFramesOfTheVersionBeforeAreRead(t *testing.T) {
	data := frameOf(t, 0)
	resum := func() {
		binary.BigEndian.PutUint64(data[len(data)-8:], xxhash.Sum64(data[:len(data)-8]))
	}
	data[2] = 2
	resum()
	if f, err := collector.ReadFrame(data); err != nil || f.At != 1 {
		t.Errorf("version 2: %v, %v", f, err)
	}
	for _, c := range []struct{ at, value byte }{{2, 1}, {2, 4}, {3, 2}} {
		was := data[c.at]
		data[c.at] = c.value
		resum()
		if _, err := collector.ReadFrame(data); plant.CodeOf(err) != plant.CodeDamaged {
			t.Errorf("byte %d is %d: error %v, want one of code damaged", c.at, c.value, err)
		}
		data[c.at] = was
	}
}

func TestSampleThatLineProtocolCannotWriteLeavesTheFrameAsItWas(t *testing.T) {
	var b collector.FrameBuilder
	good, bad := sampleAt(1), sampleAt(2)
	bad.Machine = "two\nlines"
	if err := b.AddSample(&good, good.Stamp, "factory", collector.Packet{}); err != nil {
		t.Fatal(err)
	}
	if err := b.AddSample(&bad, bad.Stamp, "factory", collector.Packet{}); plant.CodeOf(err) != plant.CodeInvalid {
		t.Errorf("error %v, want one of code invalid", err)
	}
	if err := b.AddSample(&good, good.Stamp+1, "factory", collector.Packet{}); err != nil {
		t.Fatal(err)
	}
	if samples, _ := readBack(t, b.Seal(1)); len(samples) != 2 {
		t.Errorf("%d samples, want 2", len(samples))
	}
}

func TestStampIsTheSameAtRedeliveryAndTellsDifferentSamplesApart(t *testing.T) {
	var h collector.Hasher
	a := sampleAt(1700000000123)
	again := sampleAt(1700000000123)
	again.Arrived, again.Broker = again.Arrived+1e9, "another"
	if x, y := collector.Stamp(&a, h.Sum(&a)), collector.Stamp(&again, h.Sum(&again)); x != y {
		t.Errorf("redelivered sample is stored at %d, the first at %d", y, x)
	}
	if got := collector.Stamp(&a, 0); got != a.Stamp+42 {
		t.Errorf("stamp %d, want the sequence number in the digits below the millisecond", got)
	}
	a.HasSeq, again.HasSeq = false, false
	again.Fields[1].Int++
	if collector.Stamp(&a, h.Sum(&a)) == collector.Stamp(&again, h.Sum(&again)) {
		t.Error("two different samples of one millisecond share a stamp")
	}
	for _, unit := range []plant.Unit{plant.Nanosecond, plant.Microsecond, plant.Millisecond, plant.Second} {
		s := plant.Sample{Unit: unit, Stamp: -3 * plant.Instant(time.Second)}
		if got := collector.DeviceStamp(collector.Stamp(&s, ^uint64(0)), unit); got != s.Stamp {
			t.Errorf("unit %v: device stamp %d, want %d", unit.Duration(), got, s.Stamp)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	var b collector.FrameBuilder
	s := sampleAt(1700000000123)
	_ = b.AddSample(&s, s.Stamp, "factory", collector.Packet{})
	_ = b.AddControl(collector.Control{Kind: collector.ControlListening})
	f.Add(b.Seal(1))
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := collector.ReadFrame(data)
		if err != nil {
			return
		}
		var r collector.LineReader
		for rec, err := range frame.Records() {
			if err == nil && rec.Control == nil {
				_ = r.Read(&rec, &s)
			}
		}
	})
}

// usual is a sample as most are: nothing in its line is escaped.
func usual() plant.Sample {
	s := sampleAt(1700000000123)
	s.Line, s.Machine, s.Flags, s.Scale = "line-1", "m0001", 0, 0
	s.Fields = []plant.Field{
		{Name: "good", Kind: plant.Int, Int: 1_000_042}, {Name: "order", Kind: plant.String, Str: "2026-0815-4711"},
		{Name: "scrap", Kind: plant.Int, Int: 12}, {Name: "spindle_speed", Float: 1200.25}, {Name: "temperature", Float: 61.5},
	}
	return s
}

func BenchmarkFrameAddSample(b *testing.B) {
	var f collector.FrameBuilder
	s := usual()
	b.ReportAllocs()
	for b.Loop() {
		if f.Size() > collector.DefaultMaxFrame {
			f.Reset()
		}
		if err := f.AddSample(&s, s.Stamp, "factory", collector.Packet{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFrameReadSample(b *testing.B) {
	var f collector.FrameBuilder
	s := usual()
	if err := f.AddSample(&s, s.Stamp, "factory", collector.Packet{}); err != nil {
		b.Fatal(err)
	}
	frame, err := collector.ReadFrame(f.Seal(1))
	if err != nil {
		b.Fatal(err)
	}
	var r collector.LineReader
	b.ReportAllocs()
	for b.Loop() {
		for rec := range frame.Records() {
			if err := r.Read(&rec, &s); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// What no reader would take is refused when it is added, and the frame stays as
// it was.
func TestAFrameGrowsNoLargerThanReadersTake(t *testing.T) {
	var b collector.FrameBuilder
	s := sampleAt(1700000000123)
	s.Fields = []plant.Field{{Name: "note", Kind: plant.String, Str: strings.Repeat("x", 1<<20)}}
	n := 0
	for ; n < 80; n++ {
		s.Stamp++
		if err := b.AddSample(&s, s.Stamp, "factory", collector.Packet{}); err != nil {
			if plant.CodeOf(err) != plant.CodeInvalid {
				t.Errorf("%v", err)
			}
			break
		}
	}
	if n < 50 || n == 80 {
		t.Fatalf("%d samples of a megabyte were taken", n)
	}
	if samples, _ := readBack(t, b.Seal(1)); len(samples) != n {
		t.Errorf("%d samples are read of %d", len(samples), n)
	}
}
