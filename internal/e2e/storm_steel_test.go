//go:build storm

package e2e

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const steelRegistry = `plants:
  - id: gwangyang
    timezone: Asia/Seoul
    lines:
      - {id: works, unit: kWh, normal: %g/h, interval: 250ms, machines: [meter],
         counter: {field: Usage_kWh, kind: delta, decimal: true, proxy: true}}
`

// Real data moves the live system: a steel works' electricity, a day in 5 s,
// tells the story of its Lunar New Year; and the page's API, the retained
// topic, InfluxDB and the log tell the same one.
func TestStormSteelWorks(t *testing.T) {
	csv := shared(t, "data/steel-2018h1.csv")
	const perDay, day = 4072.2, 5 * time.Second
	registry := writeFile(t, "plants.yaml", fmt.Sprintf(steelRegistry, perDay/day.Hours()))
	rules := writeFile(t, "rules.yaml", "resume: {at: 30%, stop: 20%, window: 5s, hold: 5s, stop_hold: 5s}\n")
	h := serve(t, t.TempDir(), "--registry", registry, "--rules", rules)
	began := time.Now()
	out, err := exec.Command(binary, "simulate", "--url", h.addr.MQTT, "--csv", csv, "--csv-format", "../../configs/steel.csv-format.yaml",
		"--from", "2018-02-12", "--to", "2018-02-24", "--speed", "17280").CombinedOutput()
	if err != nil {
		t.Fatalf("simulate: %v\n%s", err, out)
	}
	t.Logf("%s%s", out, time.Since(began))
	begins := replayBegins(t, string(out))
	type transition struct {
		ID, Kind, To    string
		At              time.Time
		First, Relapsed bool
	}
	var told struct{ Transitions []transition }
	// The last day's window closes when something newer comes; all that is
	// asked for was decided before.
	eventually(t, "the story is told", func() bool {
		h.get("/api/v1/transitions?kind=phase", &told)
		return len(told.Transitions) >= 3
	})
	var story []string
	for i := len(told.Transitions) - 1; i >= 0; i-- {
		x := told.Transitions[i]
		ofDay := 11 + int(x.At.Sub(begins)/day) // the window that ended then
		line := fmt.Sprintf("%s by %d February", x.To, ofDay)
		if x.First {
			line += ", first"
		}
		if x.Relapsed {
			line += ", relapsed"
		}
		story = append(story, line)
		h.awaitLog("phase "+x.To, "id="+x.ID)
	}
	want := "resumed by 12 February, first; stopped by 14 February, relapsed; resumed by 19 February"
	if got := strings.Join(story, "; "); got != want {
		t.Fatalf("the story is %q, want %q", got, want)
	}
	last := told.Transitions[0].At
	var retained struct {
		Phase plant.Phase
		Since time.Time
	}
	host, port := hostPort(t, h.addr.MQTT)
	if err := json.Unmarshal([]byte(run(t, "mosquitto_sub", "-h", host, "-p", port, "-t", "heartline/v1/plants/gwangyang/phase", "-C", "1", "-W", "180")), &retained); err != nil {
		t.Fatal(err)
	}
	if retained.Phase != plant.Resumed || !retained.Since.Equal(last) {
		t.Errorf("the retained topic says %+v, the API %s", retained, last)
	}
	var api struct {
		Plants []struct {
			Phase plant.Phase
			Since time.Time
		}
	}
	h.get("/api/v1/plants", &api)
	if len(api.Plants) != 1 || api.Plants[0].Phase != plant.Resumed || !api.Plants[0].Since.Equal(last) {
		t.Errorf("/api/v1/plants says %+v", api)
	}
	eventually(t, "plant_phase says so", func() bool {
		_, rows := influxQL(t, h.addr.InfluxDB, "factory_verdicts", fmt.Sprintf(`SELECT phase FROM plant_phase WHERE plant='gwangyang' AND time = %d`, last.UnixNano()))
		return len(rows) == 1 && rows[0][1] == "resumed"
	})
	h.stop()
}

func replayBegins(t *testing.T, out string) time.Time {
	t.Helper()
	_, rest, ok := strings.Cut(out, "from ")
	word, _, _ := strings.Cut(rest, " ")
	at, err := time.Parse(time.RFC3339, word)
	if !ok || err != nil {
		t.Fatalf("simulate does not say when it begins (%v):\n%s", err, out)
	}
	return at
}
