package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"github.com/seed-00829101/heartline/plant"
)

var start = time.Date(2026, 2, 10, 5, 0, 0, 0, time.UTC)

// beat is a heartbeat as it reads.
type beat struct {
	TS    int64   `json:"ts"`
	Seq   uint64  `json:"seq"`
	State string  `json:"state"`
	Good  uint64  `json:"good"`
	Scrap uint64  `json:"scrap"`
	Temp  float64 `json:"temp"`
}

func parse(t *testing.T, m Message) beat {
	t.Helper()
	var b beat
	dec := json.NewDecoder(bytes.NewReader(m.Payload))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		t.Fatalf("%s: %v", m.Payload, err)
	}
	if b.TS != m.At.UnixMilli() {
		t.Fatalf("%s is due at %d", m.Payload, m.At.UnixMilli())
	}
	return b
}

func newFleet(t *testing.T, cfg FleetConfig) *Fleet {
	t.Helper()
	f, err := NewFleet(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// all returns every message of s.
func all(t *testing.T, s Source) (out []Message) {
	t.Helper()
	for {
		m, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
}

func TestAFleetDependsOnItsSeedAlone(t *testing.T) {
	make := func(seed uint64) []Message {
		return all(t, newFleet(t, FleetConfig{Plants: 3, Machines: 7, Seed: seed, Start: start, End: start.Add(4 * time.Hour)}))
	}
	a, b, c := make(1), make(1), make(2)
	if len(a) != 21*4*360 {
		t.Errorf("%d messages, want %d", len(a), 21*4*360)
	}
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed gives other messages")
	}
	if reflect.DeepEqual(a, c) {
		t.Error("another seed gives the same messages")
	}
	for i := 1; i < len(a); i++ {
		if a[i].At.Before(a[i-1].At) {
			t.Fatalf("message %d is due before the one before it", i)
		}
	}
}

// What a fleet is for: every case a collector meets comes up in a day.
func TestAFleetLivesThroughEverything(t *testing.T) {
	f := newFleet(t, FleetConfig{Plants: 4, Machines: 20, Every: 30 * time.Second, Seed: 7, Start: start, End: start.Add(24 * time.Hour)})
	f.Registry().Index()
	counters, last, states := map[string]plant.Counter{}, map[string]beat{}, map[string]int{}
	cycles := map[string]time.Duration{}
	for _, p := range f.Registry().Plants {
		for _, l := range p.Lines {
			for _, m := range l.Machines {
				counters[Topic(p.ID, l.ID, m)] = l.Counter
				cycles[Topic(p.ID, l.ID, m)] = time.Duration(l.IdealCycle)
			}
		}
	}
	rollovers, resets := 0, 0
	for _, m := range all(t, f) {
		b := parse(t, m)
		states[b.State]++
		k, known := counters[m.Topic]
		if !known {
			t.Fatalf("%s is not in the registry", m.Topic)
		}
		if before, ok := last[m.Topic]; ok {
			made := int64(b.Good) - int64(before.Good)
			most := int64(30*time.Second/cycles[m.Topic]) + 1
			switch {
			case made < 0 && k.Resets && int64(b.Good) <= most:
				resets++
				made = int64(b.Good)
			case made < 0:
				rollovers++
				made += k.Rollover
			}
			if made < 0 || made > most {
				t.Fatalf("%s made %d in 30s (%+v, then %+v)", m.Topic, made, before, b)
			}
			if b.Seq != before.Seq+1 {
				t.Fatalf("%s: number %d follows %d", m.Topic, b.Seq, before.Seq)
			}
		}
		last[m.Topic] = b
	}
	if rollovers < 5 || resets < 5 {
		t.Errorf("%d rollovers, %d resets", rollovers, resets)
	}
	for _, s := range []string{stateRunning, stateStarved, stateFault, stateChangeover, stateHandover} {
		if states[s] < 50 {
			t.Errorf("state %s was seen %d times", s, states[s])
		}
	}
}

// readRegistry reads a plants.yaml strictly.
func readRegistry(t *testing.T, text []byte) *plant.Registry {
	t.Helper()
	var r plant.Registry
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if err := r.Check().Err(); err != nil {
		t.Fatal(err)
	}
	return &r
}

func TestAFleetsRegistryReadsBack(t *testing.T) {
	f := newFleet(t, FleetConfig{Plants: 3, Machines: 13, Start: start, Every: 1500 * time.Millisecond})
	var text bytes.Buffer
	if err := f.WriteRegistry(&text); err != nil {
		t.Fatal(err)
	}
	got := readRegistry(t, text.Bytes())
	opts := cmp.Options{cmpopts.IgnoreUnexported(plant.Registry{}, plant.Plant{}), cmpopts.EquateEmpty(), cmpopts.EquateApprox(1e-12, 0)}
	if diff := cmp.Diff(f.Registry(), got, opts); diff != "" {
		t.Error(diff)
	}
	if n := len(got.Plants[2].Lines); n != 3 {
		t.Errorf("13 machines make %d lines, want 3", n)
	}
}

func TestNewFleetRefuses(t *testing.T) {
	for want, cfg := range map[string]FleetConfig{
		"-1 plants":         {Plants: -1, Start: start},
		"20000 machines a":  {Machines: 20_000, Start: start},
		"machines in all":   {Plants: 90_000, Machines: 100, Start: start},
		"too often":         {Every: time.Microsecond, Start: start},
		"needs the time of": {},
	} {
		if _, err := NewFleet(cfg); plant.CodeOf(err) != plant.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", cfg, err, want)
		}
	}
}

func BenchmarkFleet(b *testing.B) {
	f, err := NewFleet(FleetConfig{Plants: 200, Machines: 50, Start: start})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = f.Next()
	}
}
