package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"os"

	"github.com/seed-00829101/heartline/internal/influxdtest"
)

const manyPlants = "plants: [{id: p, lines: [{id: l, normal: 3000/h, interval: 1m, machines: [m0, m1, m2, m3, m4, m5, m6, m7, m8, m9], output: sum}]}]\n"

// manyRows is a gzipped export of ten machines, a row a minute each, and how
// many rows it has.
func manyRows(t *testing.T, minutes int) (file, format string, rows int) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "many.csv.gz")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	zip := gzip.NewWriter(f)
	fmt.Fprintln(zip, "m,at,good")
	begin := time.Now().UTC().Truncate(15 * time.Minute).Add(-time.Duration(minutes+60) * time.Minute)
	for i := range minutes {
		for m := range 10 {
			fmt.Fprintf(zip, "m%d,%s,%d\n", m, begin.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), 5*i)
			rows++
		}
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return file, writeFile(t, "f.yaml", "time: at\nvalue: good\nplant: p\nline: l\nmachine_column: m\n"), rows
}

// While InfluxDB is away an import waits: it puts no more than its share into
// the queue, live samples are taken, and it comes to its end by itself.
func TestAnImportWaitsForInfluxDBAndFillsNoQueue(t *testing.T) {
	influxdb := influxdtest.Run(t, influxdtest.V1)
	run(t, binary, "setup", "--influxdb.url", influxdb.URL, "--influxdb.token_file", filepath.Join(t.TempDir(), "token"))
	dir := t.TempDir()
	h := serve(t, dir, "--registry", writeFile(t, "plants.yaml", manyPlants), "--influxdb.url", influxdb.URL)
	// A 1.8 that is killed while it makes its first shard cannot open it again.
	eventually(t, "the first verdicts are stored", func() bool {
		return h.metric(`heartline_points_stored_total{what="verdicts"}`) > 0 && h.metric("heartline_queue_waiting_frames") == 0 &&
			count(t, influxdb.URL, "factory_verdicts", `SELECT count(eligible) FROM resumption`) > 0
	})
	influxdb.Kill()
	file, format, rows := manyRows(t, 6000)
	var errs strings.Builder
	cmd := exec.Command(binary, "import", "--data_dir", dir, "--csv", file, "--csv-format", format)
	cmd.Stdout, cmd.Stderr = &errs, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	var all struct{ Sum account }
	eventually(t, "the import is as far as it may get", func() bool {
		h.get("/api/v1/ledger", &all)
		return all.Sum.InFlight > 20_000
	})
	pub(t, h.addr.MQTT, "factory/p/l/m0/heartbeat", fmt.Sprintf(`{"ts":%d,"seq":1,"good":7}`, time.Now().UnixMilli()))
	h.get("/api/v1/ledger", &all)
	if most := uint64(20_000 + 2000 + 1); all.Sum.Received > most {
		t.Errorf("%d samples were taken into the queue, want at most %d", all.Sum.Received, most)
	}
	influxdb.Start(t)
	if err := cmd.Wait(); err != nil || !strings.Contains(errs.String(), fmt.Sprintf("%d stored", rows)) {
		t.Errorf("%v\n%s", err, errs.String())
	}
	if got := h.settled(uint64(rows + 1)); got.Stored != uint64(rows+1) {
		t.Errorf("the ledger says %+v", got)
	}
	h.stop()
}

// An import that a kill -9 cuts off says so; done again, everything is there
// once, and output is what the file says.
func TestAnImportThatWasCutOffIsDoneAgain(t *testing.T) {
	dir := t.TempDir()
	registry := writeFile(t, "plants.yaml", manyPlants)
	h := serve(t, dir, "--registry", registry)
	file, format, rows := manyRows(t, 6000)
	cut := make(chan string, 1)
	go func() {
		out, err := importFile(dir, "--csv", file, "--csv-format", format)
		cut <- fmt.Sprint(err, out)
	}()
	var all struct{ Sum account }
	eventually(t, "a part of it is in", func() bool {
		h.get("/api/v1/ledger", &all)
		return all.Sum.Received > 0
	})
	h.kill()
	if said := <-cut; !strings.Contains(said, "exit status 1") || !strings.Contains(said, "import again") {
		t.Errorf("the import that was cut off says %s", said)
	}
	h = serve(t, dir, "--registry", registry)
	out, err := importFile(dir, "--csv", file, "--csv-format", format)
	if err != nil || !strings.Contains(out, fmt.Sprintf("%d stored", rows)) {
		t.Fatalf("%v\n%s", err, out)
	}
	h.settled(uint64(rows))
	if n := count(t, h.addr.InfluxDB, "factory", `SELECT count(good) FROM heartbeat`); n != rows {
		t.Errorf("%d heartbeats, want %d", n, rows)
	}
	_, slots := influxQL(t, h.addr.InfluxDB, "factory_verdicts", `SELECT made, observed_s FROM output WHERE plant='p'`)
	for i, s := range slots {
		want := "750" // 15 minutes of 5 by ten machines
		if i == len(slots)-1 {
			want = "700" // the last row begins the last minute
		}
		if fmt.Sprint(s[1]) != want {
			t.Errorf("slot %d: made %v in %v s, want %s", i, s[1], s[2], want)
		}
	}
	if len(slots) != 400 {
		t.Errorf("%d slots, want 400", len(slots))
	}
	h.stop()
}

// Heartbeats in InfluxDB say what the file says that they came from: phases and
// line states, to the last digit, and other rules say the same other things.
func TestHeartbeatsPlayedFromInfluxDBSayWhatTheirFileSays(t *testing.T) {
	dir := t.TempDir()
	registry := writeFile(t, "plants.yaml", "plants: [{id: p, lines: [{id: l, normal: 300/h, interval: 1m, machines: [m0, m1], output: sum}]}]\n")
	rules := writeFile(t, "rules.yaml", "resume: {window: 1h, hold: 2h, stop_hold: 1h}\n")
	h := serve(t, dir, "--registry", registry)
	var text strings.Builder
	fmt.Fprintln(&text, "m,at,good")
	begin := time.Now().UTC().Truncate(24 * time.Hour).Add(-72 * time.Hour)
	made := []int{0, 0}
	for i := range 3 * 24 * 60 {
		hour := i / 60 % 24
		if hour == 15 && i%60 > 20 {
			continue // silent
		}
		for m := range made {
			if hour > 5 && hour < 20 && i%(7+m) != 0 && !(hour == 9 && i%60 < 25) {
				made[m] += 2
			}
			fmt.Fprintf(&text, "m%d,%s,%d\n", m, begin.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), made[m])
		}
	}
	file, format := writeFile(t, "h.csv", text.String()), writeFile(t, "f.yaml", "time: at\nvalue: good\nplant: p\nline: l\nmachine_column: m\n")
	if out, err := importFile(dir, "--csv", file, "--csv-format", format); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	play := func(more ...string) string {
		cmd := exec.Command(binary, append([]string{"rules", "backtest", "--data_dir", dir, "--registry", registry, "--rules", rules, "--output", "json"}, more...)...)
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, errs.String())
		}
		return string(out)
	}
	want, got := play("--csv", file, "--csv-format", format), play()
	if got != want || strings.Count(want, `"running"`) < 10 || strings.Count(want, `"resumed"`) < 3 {
		t.Errorf("from InfluxDB\n%s\nfrom the file\n%s", got, want)
	}
	h.stop()
}
