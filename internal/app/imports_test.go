package app_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/seed-00829101/heartline/"

// floors says which floor of the house each room is on. A room imports only
// rooms of lower floors: siblings do not know each other.
var floors = map[string]int{
	"plant":                -1,
	"rules/calendar":       0,
	"rules/custom":         0,
	"internal/holidays":    0,
	"internal/renew":       0,
	"rules":                1,
	"collector":            1,
	"configs":              1,
	"history":              1,
	"history/influxdb":     2,
	"logins":               1,
	"backtest":             2,
	"fleet":                2,
	"collector/decode":     2,
	"collector/mqtt":       2,
	"collector/queue":      2,
	"collector/influx":     2,
	"collector/pulse":      2,
	"console":              2,
	"sim":                  2,
	"internal/config":      2,
	"internal/freeport":    -1,
	"internal/influxdtest": 0,
	"internal/influxadmin": 1,
	"internal/embedded":    2,
	"report":               3,
	"internal/doctor":      3,
	"internal/app":         3,
	"scenario":             3,
	"internal/reference":   3,
	"internal/e2e":         4,
	"cmd/heartline":        4,
}

func TestImportsPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-f",
		`{{.ImportPath}} {{join .Imports " "}} tests: {{join .TestImports " "}} {{join .XTestImports " "}}`, module+"...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	seen := 0
	for row := range strings.Lines(string(out)) {
		words := strings.Fields(row)
		room := strings.TrimPrefix(words[0], module)
		floor, ok := floors[room]
		if !ok {
			t.Errorf("%s has no floor: say here where it belongs", room)
			continue
		}
		seen++
		ours := true // as opposed to its tests
		for _, imp := range words[1:] {
			if imp == "tests:" {
				ours = false
				continue
			}
			other, house := strings.CutPrefix(imp, module)
			if house && other != room && floors[other] >= floor {
				t.Errorf("%s imports %s, which is not below it", room, other)
			}
			if first, _, _ := strings.Cut(imp, "/"); room == "plant" && ours && strings.Contains(first, ".") {
				t.Errorf("plant imports %s; it is the leaf and uses the standard library only", imp)
			}
		}
	}
	if seen < 10 {
		t.Errorf("saw %d packages; the test looks at nothing", seen)
	}
}
