package influx

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// influxd is a real InfluxDB 1.8 in a directory of its own.
type influxd struct {
	t      testing.TB
	url    string
	db     string // of this test
	dir    string
	binary string
	pid    int
	stdin  io.Closer // closed: the guard kills influxd
	guard  *exec.Cmd
}

// shared is the influxd of all tests that do not kill theirs; TestMain ends it.
var (
	shared    *influxd
	databases int
)

func TestMain(m *testing.M) {
	code := m.Run()
	if shared != nil {
		shared.kill()
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// useInfluxd returns the shared influxd with an empty database of t's own, and
// another for results.
func useInfluxd(t *testing.T) *influxd {
	t.Helper()
	if shared == nil {
		dir, err := os.MkdirTemp("", "heartline-influx")
		if err != nil {
			t.Fatal(err)
		}
		shared = newInfluxd(t, dir)
		shared.start()
	}
	d := *shared
	databases++ // -count runs a test again
	d.t, d.db = t, fmt.Sprintf("factory %d", databases)
	d.create()
	return &d
}

// startInfluxd starts one that t may kill.
func startInfluxd(t *testing.T, maxValues int) *influxd {
	t.Helper()
	d := newInfluxd(t, t.TempDir())
	d.configure(maxValues)
	t.Cleanup(d.kill)
	d.start()
	d.create()
	return d
}

func newInfluxd(t *testing.T, dir string) *influxd {
	d := &influxd{t: t, dir: dir, db: "factory", binary: findInfluxd(t), url: "http://" + freeAddress(t)}
	d.configure(0)
	return d
}

func (d *influxd) create() {
	d.t.Helper()
	d.query("CREATE DATABASE " + strconv.Quote(d.db))
	d.query("CREATE DATABASE " + strconv.Quote(d.db+"_verdicts"))
}

func findInfluxd(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("influxd"); err == nil {
		return path
	}
	path, err := filepath.Abs("../../bin/influxd")
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatal("no influxd: run make influxd")
	}
	return path
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// configure writes the configuration; maxValues is max-values-per-tag.
func (d *influxd) configure(maxValues int) {
	d.t.Helper()
	index := "tsi1"
	if maxValues > 0 {
		index = "inmem" // the only one that knows this limit
	}
	text := fmt.Sprintf(`reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = %q
[data]
  dir = %q
  wal-dir = %q
  index-version = %q
  max-series-per-database = 0
  max-values-per-tag = %d
[http]
  bind-address = %q
  flux-enabled = true
  log-enabled = false
[monitor]
  store-enabled = false
`, d.dir+"/meta", d.dir+"/data", d.dir+"/wal", index, maxValues, strings.TrimPrefix(d.url, "http://"))
	if err := os.WriteFile(d.dir+"/influxd.conf", []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// start runs influxd under a shell that kills it when this test ends, however
// it ends, and waits until it answers.
func (d *influxd) start() {
	d.t.Helper()
	d.guard = exec.Command("sh", "-c", `"$0" -config "$1" 2>>"$2" </dev/null >/dev/null & echo $!; cat >/dev/null; kill -9 $!; wait`,
		d.binary, d.dir+"/influxd.conf", d.dir+"/log")
	stdin, err := d.guard.StdinPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	stdout, err := d.guard.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.guard.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.stdin = stdin
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		d.t.Fatal(err)
	}
	if d.pid, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		d.t.Fatal(err)
	}
	for range 600 {
		resp, err := http.Get(d.url + "/health")
		if err == nil {
			resp.Body.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(d.dir + "/log")
	d.t.Fatalf("influxd does not answer at %s:\n%s", d.url, log)
}

// kill ends influxd with SIGKILL. It may be started again.
func (d *influxd) kill() {
	if d.pid == 0 {
		return
	}
	syscall.Kill(d.pid, syscall.SIGKILL)
	d.stdin.Close()
	d.guard.Wait()
	d.pid = 0
}

type series struct {
	Columns []string
	Values  [][]any
}

// query runs InfluxQL and returns the rows of its series.
func (d *influxd) query(q string) []series { d.t.Helper(); return d.queryIn(d.db, q) }

func (d *influxd) queryIn(db, q string) []series {
	d.t.Helper()
	form := url.Values{"q": {q}, "epoch": {"ns"}, "db": {db}}
	resp, err := http.PostForm(d.url+"/query", form)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Results []struct {
			Series []series
			Error  string
		}
		Error string
	}
	dec := json.NewDecoder(resp.Body)
	dec.UseNumber()
	if err := dec.Decode(&answer); err != nil {
		d.t.Fatalf("%s: %v", q, err)
	}
	if answer.Error != "" || answer.Results[0].Error != "" {
		d.t.Fatalf("%s: %s%s", q, answer.Error, answer.Results[0].Error)
	}
	return answer.Results[0].Series
}

// count counts the points of measurement by InfluxQL, by a field every one has.
func (d *influxd) count(measurement, field string) int {
	d.t.Helper()
	rows := d.query(fmt.Sprintf("SELECT count(%q) FROM %q", field, measurement))
	if len(rows) == 0 {
		return 0
	}
	n, err := rows[0].Values[0][1].(json.Number).Int64()
	if err != nil {
		d.t.Fatal(err)
	}
	return int(n)
}

// fluxCount counts the same by Flux.
func (d *influxd) fluxCount(c *Client, measurement, field string) int {
	d.t.Helper()
	flux := fmt.Sprintf(`from(bucket: %q) |> range(start: 0, stop: 2100-01-01T00:00:00Z)
		|> filter(fn: (r) => r._measurement == %q and r._field == %q) |> group() |> count()`, d.db, measurement, field)
	result, err := c.api.QueryAPI("").Query(context.Background(), flux)
	if err != nil {
		d.t.Fatal(err)
	}
	defer result.Close()
	n := 0
	for result.Next() {
		n += int(result.Record().Value().(int64))
	}
	if result.Err() != nil {
		d.t.Fatal(result.Err())
	}
	return n
}
