package decode

import (
	"strings"
	"testing"
)

// A path is looked up whole: without a bound on its length each of these
// members costs the length of all names above it.
func TestLongPathsAreNotLookedUp(t *testing.T) {
	payload := strings.Repeat(`{"`+strings.Repeat("n", 8000)+`":`, 60) + `{` + manyFields(900) + `}` + strings.Repeat("}", 60)
	for _, p := range allShipped(t) {
		d := newDecoder(t, p)
		samples, failures := d.Decode(nil, message(payload))
		if len(samples) != 0 || len(failures) != 1 {
			t.Errorf("%s: %d samples, failures %v", p.Name, len(samples), failures)
		}
		for path := range d.layouts[0].members {
			if len(path) > maxPath {
				t.Errorf("%s remembers a path of %d bytes", p.Name, len(path))
			}
		}
	}
	for path := range pathsOf([]byte(payload)) {
		if len(path) > maxPath+8000 {
			t.Fatalf("a path of %d bytes", len(path))
		}
	}
}

func TestAnExcludedObjectMayHoldLongPaths(t *testing.T) {
	p := profile(t, "name: x\nformat: json\nexclude: [meta]\n")
	payload := `{` + ts + `,"good":1,"meta":{"` + strings.Repeat("n", 600) + `":{"x":1}}}`
	samples, failures := newDecoder(t, p).Decode(nil, message(payload))
	if len(samples) != 1 || len(failures) != 0 || len(samples[0].Fields) != 1 {
		t.Error(samples, failures)
	}
}
