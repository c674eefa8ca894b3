package e2e

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const steelPlants = `plants:
  - id: gwangyang
    timezone: Asia/Seoul
    calendar: week
    lines:
      - {id: works, unit: kWh, interval: 15m, machines: [meter],
         counter: {field: Usage_kWh, kind: delta, decimal: true, proxy: true}}
calendars:
  - {name: week, days: [mon, tue, wed, thu, fri]}
`

// steelRules are those of the data's README, with the mean of January.
const steelRules = "resume: {at: 30%, stop: 20%, window: 1d, hold: 1d, stop_hold: 1d}\n" +
	"baseline: {reference: {from: 2018-01-01, to: 2018-01-31, per: day}}\n"

// importFile runs heartline import and returns what it printed.
func importFile(dir string, args ...string) (string, error) {
	out, err := exec.Command(binary, append([]string{"import", "--data_dir", dir}, args...)...).CombinedOutput()
	return string(out), err
}

// steelRows are the energies of the file by the ends of their quarters, read
// apart from any code of ours.
func steelRows(t *testing.T, file string) map[int64]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("KST", 9*3600)
	out := map[int64]string{}
	for _, r := range rows[1:] {
		at, err := time.ParseInLocation("2/1/2006 15:04", r[0], zone)
		if err != nil {
			t.Fatal(err)
		}
		if at.Hour() == 0 && at.Minute() == 0 {
			at = at.AddDate(0, 0, 1)
		}
		out[at.UnixNano()] = r[1]
	}
	return out
}

// outputs are the points of output, each in one line.
func outputs(t *testing.T, influxdb string) (made map[int64]string, whole []string) {
	t.Helper()
	_, rows := influxQL(t, influxdb, "factory_verdicts", `SELECT made, scrap, observed_s, scheduled_s, downtime_s, expected FROM output WHERE plant='gwangyang' AND line='works'`)
	made = map[int64]string{}
	for _, r := range rows {
		at, err := strconv.ParseInt(fmt.Sprint(r[0]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		made[at] = fmt.Sprint(r[1])
		whole = append(whole, fmt.Sprint(r...))
	}
	return made, whole
}

// A steel works' half year, older than the retention, makes output, exactly
// what the file says, and nothing else; the ledger counts it as expired; a
// second import changes nothing; and no live phase hears of it.
func TestHistoryMakesOutputExactlyAndTwiceChangesNothing(t *testing.T) {
	file := shared(t, "data/steel-2018h1.csv")
	dir := t.TempDir()
	h := serve(t, dir, "--registry", writeFile(t, "plants.yaml", steelPlants), "--rules", writeFile(t, "rules.yaml", steelRules))
	want := steelRows(t, file)
	if len(want) != 17376 {
		t.Fatalf("%d rows", len(want))
	}
	var before []string
	for n := range 2 {
		out, err := importFile(dir, "--csv", file, "--csv-format", "../../configs/steel.csv-format.yaml")
		t.Log(out)
		if err != nil || !strings.Contains(out, "17376 older than the retention") || !strings.Contains(out, "17376 points of output") {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := h.settled(uint64(17376 * (n + 1))); got.Received != uint64(17376*(n+1)) || got.Expired != got.Received {
			t.Errorf("the ledger says %+v", got)
		}
		made, whole := outputs(t, h.addr.InfluxDB)
		wrong := 0
		for at, energy := range want {
			x, _ := strconv.ParseFloat(energy, 64)
			y, err := strconv.ParseFloat(made[at], 64)
			if wrong++; err != nil || x != y {
				t.Errorf("%s: made %q, the file says %q", time.Unix(0, at).UTC(), made[at], energy)
				if wrong > 10 {
					t.FailNow()
				}
				continue
			}
			wrong--
		}
		if len(made) != len(want) {
			t.Errorf("%d points of output, want %d", len(made), len(want))
		}
		if n > 0 && strings.Join(whole, "\n") != strings.Join(before, "\n") {
			t.Error("the second import changed output")
		}
		before = whole
	}
	if n := count(t, h.addr.InfluxDB, "factory", `SELECT count(Usage_kWh) FROM heartbeat`); n != 0 {
		t.Errorf("%d heartbeats were stored", n)
	}
	var told struct{ Transitions []struct{ To string } }
	h.get("/api/v1/transitions", &told)
	if len(told.Transitions) != 0 {
		t.Errorf("the live rules heard of it: %+v", told)
	}
	backtestOfHistory(t, dir, h.addr, file)
	h.stop()
}

// backtestOfHistory: InfluxDB's output gives what the data's README says, and
// what the file gives, to the last digit.
func backtestOfHistory(t *testing.T, dir string, addr addresses, file string) {
	t.Helper()
	args := []string{"rules", "backtest", "--data_dir", dir, "--registry", writeFile(t, "plants.yaml", steelPlants), "--rules", writeFile(t, "rules.yaml", steelRules),
		"--from", "2018-01-01", "--to", "2018-06-30", "--output", "json"}
	play := func(more ...string) (out struct {
		Phases []struct {
			At              time.Time
			From, To        string
			Relapsed, First bool
			Recovery        float64
		}
		Lines []struct{}
	}) {
		cmd := exec.Command(binary, append(slices.Clone(args), more...)...)
		var errs strings.Builder
		cmd.Stderr = &errs
		text, err := cmd.Output()
		if err == nil {
			err = json.Unmarshal(text, &out)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, errs.String())
		}
		return out
	}
	got := play("--write")
	play("--write") // in its place
	if n := count(t, addr.InfluxDB, "factory_verdicts", `SELECT count(phase) FROM plant_phase WHERE basis='backtest' AND plant='gwangyang'`); n != 130 {
		t.Errorf("%d windows are kept, want 130: the weekdays of half a year", n)
	}
	if n := count(t, addr.InfluxDB, "factory_verdicts", `SELECT count("to") FROM transition WHERE basis='backtest' AND kind='phase'`); n != 6 {
		t.Errorf("%d transitions are kept, want 6", n)
	}
	if n := count(t, addr.InfluxDB, "factory_verdicts", `SELECT count(rate) FROM resumption WHERE basis='backtest' AND segment='all'`); n != 180 {
		t.Errorf("figures of %d days are kept, want 180: to the last weekday's end", n)
	}
	if n := count(t, addr.InfluxDB, "factory_verdicts", `SELECT count(rate) FROM resumption WHERE basis='backtest' AND segment='all' AND rate=0 AND time > '2018-01-02' AND time < '2018-04-01'`); n != 5 {
		t.Errorf("the works stood on %d days of February, want 5: the 14th to the 18th", n)
	}
	if shown := baseline(t, dir, "show"); shown.Baselines[0].PerDay < 4072.1 || shown.Baselines[0].PerDay > 4072.3 || shown.Baselines[0].Days != 31 {
		t.Errorf("January's mean is %+v", shown.Baselines)
	}
	var table []string
	for _, p := range got.Phases {
		day := p.At.Add(-time.Second).In(time.FixedZone("KST", 9*3600))
		line := fmt.Sprintf("%s %.3f %s", day.Format("Mon 2006-01-02"), p.Recovery, p.To)
		if p.Relapsed {
			line += " (relapsed)"
		}
		table = append(table, line)
	}
	want := []string{"Mon 2018-01-01 0.086 stopped", "Tue 2018-01-02 0.970 resumed", "Wed 2018-02-14 0.163 stopped (relapsed)",
		"Mon 2018-02-19 1.050 resumed", "Tue 2018-05-01 0.073 stopped (relapsed)", "Wed 2018-05-02 1.097 resumed"}
	if !slices.Equal(table, want) || len(got.Lines) != 0 {
		t.Errorf("over InfluxDB's history\n%s\nwant\n%s", strings.Join(table, "\n"), strings.Join(want, "\n"))
	}
	if direct := play("--csv", file, "--csv-format", "../../configs/steel.csv-format.yaml"); !slices.Equal(direct.Phases, got.Phases) {
		t.Errorf("from the file directly %+v\nfrom InfluxDB %+v", direct.Phases, got.Phases)
	}
}

// importFromInfluxDB: what another Heartline's InfluxDB holds comes over as it
// is, and a query's answer as an export.
func importFromInfluxDB(t *testing.T, from *instance, begin time.Time) {
	t.Helper()
	dir := t.TempDir()
	registry := "plants: [{id: p, lines: [{id: l, normal: 60/h, interval: 1m, machines: [m1, m2], output: sum},\n" +
		"{id: q, machines: [m1, m2], output: sum, counter: {field: good, kind: delta}}]}]\n"
	h := serve(t, dir, "--registry", writeFile(t, "plants.yaml", registry))
	until := begin.Add(3 * time.Hour).Format(time.RFC3339)
	out, err := importFile(dir, "--influxdb", from.addr.InfluxDB, "--db", "factory", "--to", until)
	if err != nil || !strings.Contains(out, "242 stored") {
		t.Fatalf("%v\n%s", err, out)
	}
	query := fmt.Sprintf(`SELECT good FROM heartbeat WHERE time < %d`, begin.Add(3*time.Hour).UnixNano())
	_, want := influxQL(t, from.addr.InfluxDB, "factory", query)
	if _, got := influxQL(t, h.addr.InfluxDB, "factory", query); len(got) != 242 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%d heartbeats came over, and they are not the same", len(got))
	}
	format := writeFile(t, "f.yaml", "time: time\nvalue: good\nkind: delta\nstamp: start\ninterval: 15m\nplant: p\nline: q\nmachine_column: machine\n")
	out, err = importFile(dir, "--influxdb", from.addr.InfluxDB, "--db", "factory", "--csv-format", format, "--query",
		fmt.Sprintf(`SELECT max(good) - min(good) AS good FROM heartbeat WHERE time < %d GROUP BY time(15m), machine fill(none)`, begin.Add(2*time.Hour).UnixNano()))
	if err != nil || !strings.Contains(out, "16 stored") {
		t.Fatalf("%v\n%s", err, out)
	}
	_, rows := influxQL(t, h.addr.InfluxDB, "factory_verdicts", `SELECT made FROM output WHERE line='q'`)
	if len(rows) != 8 || fmt.Sprint(rows[3][1]) != "28" {
		t.Errorf("output %v, want eight quarters of 2 x 14", rows)
	}
	h.stop()
}
