package e2e

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is younger than the retention is stored as heartbeats, each once; bad
// rows and those of strangers are dead letters with their line, once; live
// samples go on meanwhile.
func TestAnImportKeepsWhatItCannotReadAndStoresTheRest(t *testing.T) {
	dir := t.TempDir()
	registry := "plants: [{id: p, lines: [{id: l, normal: 60/h, interval: 1m, machines: [m1, m2], output: sum}]}]\n"
	format := writeFile(t, "f.yaml", "time: at\nvalue: good\nplant: p\nline: l\nmachine_column: m\n")
	h := serve(t, dir, "--registry", writeFile(t, "plants.yaml", registry))
	begin := time.Now().UTC().Add(-48 * time.Hour).Truncate(15 * time.Minute)
	var text strings.Builder
	text.WriteString("m,at,good\n")
	for _, m := range []string{"m1", "m2"} { // one machine after the other
		for i := range 121 {
			fmt.Fprintf(&text, "%s,%s,%d\n", m, begin.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), 100+i)
		}
		text.WriteString("m1,never,5\n\"m1,2026-01-01T00:00:00Z,5\nstranger,2026-01-01T00:00:00Z,5\n")
	}
	file := writeFile(t, "h.csv", text.String())
	for n := range 2 {
		pub(t, h.addr.MQTT, "factory/p/l/m1/heartbeat", fmt.Sprintf(`{"ts":%d,"seq":%d,"good":%d}`, time.Now().UnixMilli(), n, n))
		out, err := importFile(dir, "--csv", file, "--csv-format", format)
		if status := err.(*exec.ExitError).ExitCode(); status != 1 || !strings.Contains(out, "242 stored") {
			t.Fatalf("status %d\n%s", status, out)
		}
		all := h.settled(uint64(249 * (n + 1)))
		if all.DeadLettered != 6 || all.Stored != uint64(243*(n+1)) || all.Duplicate != uint64(6*n) {
			t.Errorf("after import %d the ledger says %+v", n+1, all)
		}
		if n := count(t, h.addr.InfluxDB, "factory", fmt.Sprintf(`SELECT count(good) FROM heartbeat WHERE time < %d`, begin.Add(4*time.Hour).UnixNano())); n != 242 {
			t.Errorf("%d heartbeats are stored, want 242", n)
		}
		_, rows := influxQL(t, h.addr.InfluxDB, "factory_verdicts", fmt.Sprintf(`SELECT made, observed_s FROM output WHERE time <= %d`, begin.Add(2*time.Hour).UnixNano()))
		if len(rows) != 8 {
			t.Errorf("%d points of output, want 8: %v", len(rows), rows)
		}
		for _, r := range rows {
			if fmt.Sprint(r[1]) != "30" || fmt.Sprint(r[2]) != "900" {
				t.Errorf("output %v, want 30 made in 900 s observed", r)
			}
		}
	}
	importFromInfluxDB(t, h, begin)
	list, err := exec.Command(binary, "deadletter", "list", "--data_dir", dir, "--reason", "row").CombinedOutput()
	if err != nil || strings.Count(string(list), "h.csv line") != 6 || !strings.Contains(string(list), "line 123: column at") || !strings.Contains(string(list), "is not in the registry") {
		t.Errorf("%v\n%s", err, list)
	}
	h.stop()
}

// Files that make no sense are refused as a whole, with what to do.
func TestAnImportThatMakesNoSenseIsRefused(t *testing.T) {
	dir := t.TempDir()
	h := serve(t, dir, "--registry", writeFile(t, "plants.yaml", "plants: [{id: p, lines: [{id: l, machines: [m], counter: {kind: total}}]}]\n"))
	good := "at,good\n2026-01-01T00:00:00Z,5\n2026-01-01T00:01:00Z,6\n"
	for _, tc := range []struct{ format, text, want string }{
		{"time: at\nvalue: good\nplant: q\nline: l\nmachine: m\n", good, "plant q is not in the registry"},
		{"time: at\nvalue: good\nfield: made\nplant: p\nline: l\nmachine: m\n", good, `counts the field "good"`},
		{"time: at\nvalue: good\nkind: delta\nplant: p\nline: l\nmachine: m\n", good, "counts a total by the registry, and a delta"},
		{"time: at\nvalue: good\nplant: p\nline: l\nmachine: m\n", "at,good\nx,1\n", "no row can be read; the first: h.csv: line 2: column at"},
		{"time: at\nvalue: good\nplant: p\nline: l\nmachine: m\n", "at,good\n", "there is no row to import"},
		{"time: when\nvalue: good\nplant: p\nline: l\nmachine: m\n", good, `no column "when"`},
	} {
		out, err := importFile(dir, "--csv", writeFile(t, "h.csv", tc.text), "--csv-format", writeFile(t, "f.yaml", tc.format))
		if e, ok := err.(*exec.ExitError); !ok || e.ExitCode() != 2 || !strings.Contains(out, tc.want) {
			t.Errorf("%v\n%s\nwant %q and status 2", err, out, tc.want)
		}
	}
	fits := writeFile(t, "f.yaml", "time: at\nvalue: good\nplant: p\nline: l\nmachine_column: m\n")
	mixed := writeFile(t, "h.csv", "m,at,good\nm,2026-01-01T00:00:00Z,5\nx,2026-01-01T00:00:00Z,5\n")
	out, err := importFile(dir, "--csv", mixed, "--csv-format", fits, "--max-bad", "0")
	if e, ok := err.(*exec.ExitError); !ok || e.ExitCode() != 2 || !strings.Contains(out, "more than --max-bad 0; nothing was taken") {
		t.Errorf("%v\n%s", err, out)
	}
	if got := h.settled(0); got.Received != 0 {
		t.Errorf("something was taken: %+v", got)
	}
	// It is no longer in the way of another one; one that runs is.
	if out, err := importFile(dir, "--csv", mixed, "--csv-format", fits); err == nil || !strings.Contains(out, "1 dead letters") {
		t.Errorf("%v\n%s", err, out)
	}
	resp, err := http.Post(h.addr.HTTP+"/api/v1/imports", "application/json", strings.NewReader(`{"name":"other.csv","machines":[{"plant":"p","line":"l","machine":"m","fields":["good"]}]}`))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", err, resp)
	}
	_ = resp.Body.Close()
	if out, err := importFile(dir, "--csv", mixed, "--csv-format", fits); err == nil || !strings.Contains(out, "other.csv is being imported") {
		t.Errorf("%v\n%s", err, out)
	}
	h.stop()
	if out, err := importFile(filepath.Join(dir, "none"), "--csv", writeFile(t, "h.csv", good), "--csv-format", writeFile(t, "f.yaml", "time: at\nvalue: good\nplant: p\nline: l\nmachine: m\n")); err == nil || !strings.Contains(out, "no Heartline runs") {
		t.Errorf("%v\n%s", err, out)
	}
}
