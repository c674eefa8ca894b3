package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

func saved(t *testing.T) string {
	t.Helper()
	p := newPlay(t, clock("08:50"), oneLine(gateway), quick())
	for at := clock("09:00"); at < clock("09:20"); at = at.Add(10 * time.Second) {
		p.total(at, at, "m", 5)
	}
	p.sample(clock("09:20"), &plant.Sample{Plant: "q", Line: "l", Machine: "m", Stamp: clock("09:20")})
	data, err := p.state.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestDamagedSnapshotsAreRefused(t *testing.T) {
	good := saved(t)
	if _, err := rules.Unmarshal([]byte(good)); err != nil {
		t.Fatalf("a good snapshot: %v", err)
	}
	for name, c := range map[string]struct{ old, new, says string }{
		"empty":               {good, "", "cannot be read"},
		"truncated":           {good, good[:len(good)/2], "cannot be read"},
		"another version":     {`"version":3`, `"version":99`, "version 99; this Heartline reads versions 1 to 3"},
		"no definition":       {`"definition":{`, `"x":{`, "another number"},
		"an empty plant":      {`"registry":{"plants":[{`, `"registry":{"plants":[null],"x":[{`, "empty plant"},
		"an empty line":       {`"lines":[{"id"`, `"lines":[null],"x":[{"id"`, "empty plant, line or gateway"},
		"too few plants":      {`"registry":{"plants":[{`, `"registry":{"plants":[],"x":[{`, "another number"},
		"too few lines":       {`"lines":[{"memory"`, `"lines":[],"x":[{"memory"`, "0 lines"},
		"too few machines":    {`"machines":[{`, `"machines":[],"x":[{`, "0 machines"},
		"no link":             {`"links":{"b":`, `"links":{"b":null,"x":`, `nothing of broker "b"`},
		"no stranger":         {`"strangers":{"q":`, `"strangers":{"q":null,"x":`, `nothing of plant "q"`},
		"a window of no line": {`"Lines":[{`, `"Lines":[],"x":[{`, "do not follow each other"},
		"an unknown phase":    {`"phase":{"phase":"`, `"phase":{"phase":"half`, "half"},
		"recent samples":      {`"recent":"`, `"recent":"A`, "damaged"},
		"a place in none":     {`"next":`, `"next":9`, "damaged"},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Errorf("%s: the snapshot holds no %s", name, c.old)
			continue
		}
		_, err := rules.Unmarshal([]byte(bad))
		if err == nil || plant.CodeOf(err) != plant.CodeDamaged || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v (code %q), want a damaged one that says %q", name, err, plant.CodeOf(err), c.says)
		}
	}
}
