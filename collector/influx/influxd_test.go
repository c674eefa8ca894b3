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
	t      *testing.T
	url    string
	dir    string
	binary string
	pid    int
	stdin  io.Closer // closed: the guard kills influxd
	guard  *exec.Cmd
}

func startInfluxd(t *testing.T, databases ...string) *influxd {
	t.Helper()
	d := &influxd{t: t, dir: t.TempDir(), binary: findInfluxd(t)}
	d.url = "http://" + freeAddress(t)
	d.configure(0)
	t.Cleanup(d.kill)
	d.start()
	for _, db := range databases {
		d.query("CREATE DATABASE " + strconv.Quote(db))
	}
	return d
}

func findInfluxd(t *testing.T) string {
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

func freeAddress(t *testing.T) string {
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
func (d *influxd) query(q string, db ...string) []series {
	d.t.Helper()
	form := url.Values{"q": {q}, "epoch": {"ns"}}
	if len(db) > 0 {
		form.Set("db", db[0])
	}
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
func (d *influxd) count(db, measurement, field string) int {
	d.t.Helper()
	rows := d.query(fmt.Sprintf("SELECT count(%q) FROM %q", field, measurement), db)
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
func (d *influxd) fluxCount(c *Client, db, measurement, field string) int {
	d.t.Helper()
	flux := fmt.Sprintf(`from(bucket: %q) |> range(start: 0, stop: 2100-01-01T00:00:00Z)
		|> filter(fn: (r) => r._measurement == %q and r._field == %q) |> group() |> count()`, db, measurement, field)
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
