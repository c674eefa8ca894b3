package rules_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// savedState is a small state of everything: a plant with a machine and a
// gateway, and a machine that nobody enrolled.
func savedState(t *testing.T) *rules.State {
	t.Helper()
	p := newPlay(t, clock("08:50"), oneLine(gateway), quick())
	for at := clock("09:00"); at < clock("09:20"); at = at.Add(10 * time.Second) {
		p.total(at, at, "m", 5)
	}
	p.sample(clock("09:20"), &plant.Sample{Plant: "q", Line: "l", Machine: "m", Stamp: clock("09:20")})
	return p.state
}

func saved(t *testing.T) []byte {
	t.Helper()
	data, err := savedState(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tree is a part of a decoded snapshot.
type tree = map[string]any

// whole are the parts of a snapshot with one plant of one line of one machine.
type whole struct {
	head, plant   tree
	place         byte
	count         byte
	machine, more []byte
}

// cut takes a part that follows its length from the front of data.
func cut(t *testing.T, data *[]byte) []byte {
	t.Helper()
	n, size := binary.Uvarint(*data)
	if size <= 0 {
		t.Fatal("no length")
	}
	part := (*data)[size : size+int(n)]
	*data = (*data)[size+int(n):]
	return part
}

func takeApart(t *testing.T, data []byte) (w whole) {
	t.Helper()
	reads, _ := cbor.DecOptions{DefaultMapType: reflect.TypeFor[tree]()}.DecMode()
	data = bytes.TrimPrefix(data, []byte("HLS6"))
	if err := reads.Unmarshal(cut(t, &data), &w.head); err != nil {
		t.Fatal(err)
	}
	item := cut(t, &data)
	w.place, item = item[0], item[1:]
	if err := reads.Unmarshal(cut(t, &item), &w.plant); err != nil {
		t.Fatal(err)
	}
	w.count, item = item[0], item[1:]
	w.machine = bytes.Clone(cut(t, &item))
	return w
}

func (w *whole) together(t *testing.T) []byte {
	t.Helper()
	part := func(b []byte, part any) []byte {
		text, isBytes := part.([]byte)
		if !isBytes {
			var err error
			if text, err = cbor.Marshal(part); err != nil {
				t.Fatal(err)
			}
		}
		return append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	item := part(append(part([]byte{w.place}, w.plant), w.count), w.machine)
	return append(part(part([]byte("HLS6"), w.head), item), w.more...)
}

// first goes down a snapshot, into the first element of each list.
func first(in any, path ...string) tree {
	for _, key := range path {
		in = in.(tree)[key].([]any)[0]
	}
	return in.(tree)
}

func TestDamagedSnapshotsAreRefused(t *testing.T) {
	good := saved(t)
	if _, err := rules.Unmarshal(good); err != nil {
		t.Fatalf("a good snapshot: %v", err)
	}
	defined := func(old, new string) func(*whole) {
		return func(s *whole) {
			s.head["defined"] = bytes.Replace(s.head["defined"].([]byte), []byte(old), []byte(new), 1)
		}
	}
	for name, c := range map[string]struct {
		damage func(*whole)
		says   string
	}{
		"another version":     {func(s *whole) { s.head["version"] = 99 }, "version 99; this Heartline reads versions 1 to 6"},
		"no definition":       {func(s *whole) { s.head["defined"] = []byte("null") }, "no registry"},
		"half a definition":   {func(s *whole) { s.head["defined"] = s.head["defined"].([]byte)[:50] }, "cannot be read"},
		"an empty plant":      {defined(`"plants":[{`, `"plants":[null],"x":[{`), "empty plant"},
		"an empty line":       {defined(`"lines":[{"id"`, `"lines":[null],"x":[{"id"`), "empty plant, line or gateway"},
		"too few plants":      {defined(`"plants":[{`, `"plants":[],"x":[{`), "has not"},
		"one plant fewer":     {defined(`"plants":[{`, `"plants":[{"id":"more","lines":[]},{`), "1 plants"},
		"too many plants":     {func(s *whole) { s.more = []byte{1, 0} }, "twice"},
		"a plant of no place": {func(s *whole) { s.place = 1 }, "has not"},
		"too few lines":       {func(s *whole) { s.plant["lines"] = []any{} }, "0 lines"},
		"too few machines":    {func(s *whole) { s.count = 0 }, "0 machines"},
		"half a machine":      {func(s *whole) { s.machine = s.machine[:len(s.machine)-1] }, "cannot be read"},
		"no link":             {func(s *whole) { s.head["links"].(tree)["b"] = nil }, `nothing of broker "b"`},
		"no stranger":         {func(s *whole) { s.head["strangers"].(tree)["q"] = nil }, `nothing of plant "q"`},
		"a window of no line": {func(s *whole) { first(s.plant["windows"], "open")["Lines"] = []any{} }, "do not follow each other"},
		"an unknown phase":    {func(s *whole) { s.plant["memory"].(tree)["phase"].(tree)["phase"] = "half" }, "half"},
		"recent samples":      {func(s *whole) { s.machine = []byte{33<<1 | 1, 1, 'A'} }, "damaged (1 bytes)"},
		"a place in none":     {func(s *whole) { s.machine = []byte{35 << 1, 18} }, "damaged"},
	} {
		s := takeApart(t, good)
		c.damage(&s)
		bad, err := s.together(t), error(nil)
		if _, err = rules.Unmarshal(bad); err == nil || plant.CodeOf(err) != plant.CodeDamaged || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v (code %q), want a damaged one that says %q", name, err, plant.CodeOf(err), c.says)
		}
	}
	for n := range good {
		if _, err := rules.Unmarshal(good[:n]); plant.CodeOf(err) != plant.CodeDamaged {
			t.Fatalf("cut to %d bytes of %d: %v", n, len(good), err)
		}
	}
}

// A definition that its reader has already is not made a second time; another of
// the same plants is not taken for it.
func TestASnapshotSharesTheDefinitionThatIsKnown(t *testing.T) {
	data := saved(t)
	first, err := rules.Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	known := first.Definition()
	other := *known
	other.Version = "other"
	for _, c := range []struct {
		known *rules.Definition
		same  bool
	}{{known, true}, {&other, false}, {nil, false}} {
		s, err := rules.Read(bytes.NewReader(data), c.known)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Definition(); (got == c.known) != c.same || got.Version != known.Version {
			t.Errorf("known %v: version %q, shared %v", c.known, got.Version, got == c.known)
		}
		if !bytes.Equal(inOrder(t, marshal(t, s)), inOrder(t, data)) {
			t.Error("it holds something else")
		}
	}
}

// What was taken in with bytes that are no text is in snapshots, and is read
// again.
func TestSnapshotsHoldWhatIsNoText(t *testing.T) {
	p := newPlay(t, clock("08:50"), oneLine(machineM), hotRules("hot", ""))
	p.state.Step(rules.Event{Kind: rules.SampleSeen, At: clock("09:00"), Seq: 9, Sample: &plant.Sample{Plant: "q\xff", Line: "l", Machine: "m", Stamp: clock("09:00"), State: "a\xff"}})
	if _, err := rules.Unmarshal(marshal(t, p.state)); err != nil {
		t.Error(err)
	}
}

// Snapshots of earlier versions, as they were written, say the same, but for
// the shift that goes on: they knew none.
func TestEarlierSnapshotsAreRead(t *testing.T) {
	want := savedState(t).Views()
	want[0].Lines[0].Shift = nil
	for _, name := range []string{"testdata/snapshot2.json", "testdata/snapshot3.json", "testdata/snapshot4.cbor"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := rules.Unmarshal(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, s.Views()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
