package mqtt

import (
	"strings"
	"testing"
)

// Topics are hostile: as many of the longest as there may be must not fill the memory.
func TestRoutesOfLongTopicsAreNotRemembered(t *testing.T) {
	cfg := Config{Servers: []Server{{Name: "b", URL: "tcp://127.0.0.1:1"}}, Sources: sources(t, "factory/{plant}/#")}
	l := newLink(&cfg, 0, newRecorder(t), new(board))
	for _, plant := range []string{"p", strings.Repeat("p", 60_000)} {
		if r := l.route([]byte("factory/" + plant + "/x")); r.source != 0 || r.levels.Plant != plant {
			t.Errorf("source %d, plant of %d bytes, want source 0 and %d", r.source, len(r.levels.Plant), len(plant))
		}
	}
	if len(l.routes) != 1 {
		t.Errorf("%d routes are remembered, want the short one", len(l.routes))
	}
}
