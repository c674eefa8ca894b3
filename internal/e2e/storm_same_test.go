//go:build storm

package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

const sameFloor = `plants:
- id: p
  day_starts: "00:00"
  lines:
  - {id: always, normal: 7200/h, interval: 10s, machines: [m]}
  - {id: halts, normal: 7200/h, interval: 10s, machines: [m]}
  - {id: begins, normal: 7200/h, interval: 10s, machines: [m]}
`

const sameRules = `resume: {at: 75%, stop: 70%, window: 30s, hold: 1m, stop_hold: 30s, lateness: 20s}
stall: {short_stop: 20s, min_running: 10s}
custom:
- {name: stands, each: line, when: "state == 'stalled'", for: 5s}
`

// What a Heartline says that is killed again and again is what a backtest says of
// the heartbeats that it stored: every change of a phase, of a line and of an
// alert, with its times, reasons and figures.
func TestStormKilledSaysWhatABacktestSays(t *testing.T) {
	const seed, kills, seconds = 20261126, 3, 100
	awaitADayWithRoom()
	random := rand.New(rand.NewPCG(seed, 0))
	dir, m := t.TempDir(), startMosquitto(t)
	args := []string{"--config", m.config(t, ""), "--registry", writeFile(t, "plants.yaml", sameFloor), "--rules", writeFile(t, "rules.yaml", sameRules)}
	h := serve(t, dir, args...)
	client := connected(t, m.url())
	defer client.Disconnect(250)

	begin := time.Now().Truncate(time.Millisecond)
	killAt := make([]int, kills)
	for i := range killAt { // not in the first seconds: there is to be something to kill
		killAt[i] = 2 * (10 + i*(seconds-20)/kills + random.IntN(15))
	}
	sent := make(chan int, 2*seconds)
	var last time.Time
	go func() {
		defer close(sent)
		good := map[string]int{}
		tick := time.NewTicker(500 * time.Millisecond) // the machines' pace
		defer tick.Stop()
		for n := range 2 * seconds {
			<-tick.C
			last = time.Now().Truncate(time.Millisecond)
			for _, line := range []string{"always", "halts", "begins"} {
				if line == "always" || line == "halts" && (n < 60 || n > 150) || line == "begins" && n > 45 {
					good[line]++
				}
				client.Publish("factory/p/"+line+"/m/heartbeat", 1, false, fmt.Sprintf(`{"ts":%d,"seq":%d,"state":"running","good":%d}`, last.UnixMilli(), n, good[line]))
			}
			sent <- n
		}
	}()
	for n := range sent {
		if slices.Contains(killAt, n) {
			h.kill()
			h = serve(t, dir, args...)
		}
	}
	// Thirty seconds later all of them are silent: no window is open any more.
	end := last.Add(25 * time.Second)
	var live []string
	eventually(t, "all lines are silent", func() bool {
		live = nil
		unknown := 0
		_, rows := influxQL(t, h.addr.InfluxDB, "factory_verdicts", `SELECT kind, line, rule, "from", "to", reason, evidence FROM transition WHERE basis='first'`)
		for _, r := range rows {
			ns, _ := r[0].(json.Number).Int64()
			x := change{At: plant.Instant(ns)}
			for i, into := range []*string{nil, &x.Kind, &x.Line, &x.Rule, &x.From, &x.To, &x.Reason} {
				if into != nil && r[i] != nil {
					*into = r[i].(string)
				}
			}
			if x.At > plant.InstantOf(end) {
				if x.Kind == plant.KindLine && x.To == "unknown" {
					unknown++
				}
				continue
			}
			live = append(live, x.String())
		}
		return unknown == 3
	})
	played, err := exec.Command(binary, append([]string{"rules", "backtest", "--data_dir", dir, "--output", "json",
		"--from", begin.UTC().Format(time.RFC3339Nano), "--to", end.UTC().Format(time.RFC3339Nano)}, args...)...).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, played)
	}
	var said struct{ Phases, Lines, Alerts []change }
	if err := json.Unmarshal(played, &said); err != nil {
		t.Fatalf("%v: %s", err, played)
	}
	var again []string
	for kind, all := range map[string][]change{plant.KindPhase: said.Phases, plant.KindLine: said.Lines, plant.KindAlert: said.Alerts} {
		for _, x := range all {
			x.Kind = kind
			again = append(again, x.String())
		}
	}
	slices.Sort(live)
	slices.Sort(again)
	if len(live) < 10 || !slices.Equal(live, again) {
		t.Errorf("seed %d: it said\n%s\na backtest says\n%s", seed, strings.Join(live, "\n"), strings.Join(again, "\n"))
	}
	h.stop()
}

// change is one change that the rules told.
type change struct {
	Kind, Line, Rule, From, To, Reason string
	At                                 plant.Instant
}

// String leaves out what a backtest does not say: the reason of a phase.
func (x change) String() string {
	if x.Kind == plant.KindPhase {
		x.Reason = ""
	}
	return fmt.Sprint(x.At, " ", x.Kind, " ", x.Line, " ", x.Rule, " ", x.From, " ", x.To, " ", x.Reason)
}
