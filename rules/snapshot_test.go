package rules_test

import (
	"bytes"
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
	defined := func(old, new string) func(tree) {
		return func(s tree) {
			s["defined"] = bytes.Replace(s["defined"].([]byte), []byte(old), []byte(new), 1)
		}
	}
	for name, c := range map[string]struct {
		damage func(tree)
		says   string
	}{
		"another version":     {func(s tree) { s["version"] = 99 }, "version 99; this Heartline reads versions 1 to 5"},
		"no definition":       {func(s tree) { s["defined"] = []byte("null") }, "another number"},
		"half a definition":   {func(s tree) { s["defined"] = s["defined"].([]byte)[:50] }, "cannot be read"},
		"an empty plant":      {defined(`"plants":[{`, `"plants":[null],"x":[{`), "empty plant"},
		"an empty line":       {defined(`"lines":[{"id"`, `"lines":[null],"x":[{"id"`), "empty plant, line or gateway"},
		"too few plants":      {defined(`"plants":[{`, `"plants":[],"x":[{`), "another number"},
		"too few lines":       {func(s tree) { first(s, "plants")["lines"] = []any{} }, "0 lines"},
		"too few machines":    {func(s tree) { first(s, "plants", "lines")["machines"] = []any{} }, "0 machines"},
		"no link":             {func(s tree) { s["links"].(tree)["b"] = nil }, `nothing of broker "b"`},
		"no stranger":         {func(s tree) { s["strangers"].(tree)["q"] = nil }, `nothing of plant "q"`},
		"a window of no line": {func(s tree) { first(first(s, "plants")["windows"], "open")["Lines"] = []any{} }, "do not follow each other"},
		"an unknown phase":    {func(s tree) { first(s, "plants")["memory"].(tree)["phase"].(tree)["phase"] = "half" }, "half"},
		"recent samples":      {func(s tree) { first(s, "plants", "lines", "machines")["recent"] = "A" }, "cannot be read"},
		"a place in none":     {func(s tree) { first(s, "plants", "lines", "machines")["next"] = 9999 }, "damaged"},
	} {
		reads, _ := cbor.DecOptions{DefaultMapType: reflect.TypeFor[tree]()}.DecMode()
		var s tree
		if err := reads.Unmarshal(good, &s); err != nil {
			t.Fatal(err)
		}
		c.damage(s)
		bad, err := cbor.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
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

// Snapshots of earlier versions, as they were written, say the same, but for
// the shift that goes on: they knew none.
func TestEarlierSnapshotsAreRead(t *testing.T) {
	want := savedState(t).Views()
	want[0].Lines[0].Shift = nil
	for _, name := range []string{"testdata/snapshot2.json", "testdata/snapshot3.json"} {
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
