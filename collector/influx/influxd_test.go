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

// influxd is a real InfluxDB in a directory of its own.
type influxd struct {
	product
	t     testing.TB
	url   string
	db    string // of this test
	dir   string
	path  string // of its program
	pid   int
	stdin io.Closer // closed: the guard kills influxd
	guard *exec.Cmd
}

// shared are the influxds, by product, of all tests that do not kill theirs;
// TestMain ends them.
var (
	shared    = map[product]*influxd{}
	databases int
)

func TestMain(m *testing.M) {
	code := m.Run()
	for _, d := range shared {
		d.kill()
		os.RemoveAll(d.dir)
	}
	os.Exit(code)
}

// onEvery runs test once for each version of InfluxDB, as a subtest.
func onEvery(t *testing.T, test func(t *testing.T, p product)) {
	for _, p := range products {
		t.Run(p.String(), func(t *testing.T) { test(t, p) })
	}
}

// onEveryInfluxd runs test with the shared influxd of each version.
func onEveryInfluxd(t *testing.T, test func(t *testing.T, d *influxd)) {
	onEvery(t, func(t *testing.T, p product) { test(t, useInfluxd(t, p)) })
}

// useInfluxd returns the shared influxd of a version, with an empty bucket of
// t's own and another for results.
func useInfluxd(t *testing.T, p product) *influxd {
	t.Helper()
	if shared[p] == nil {
		path := findInfluxd(t, p.binary())
		dir, err := os.MkdirTemp("", "heartline-influx")
		if err != nil {
			t.Fatal(err)
		}
		d := &influxd{product: p, t: t, dir: dir, path: path, url: "http://" + freeAddress(t)}
		d.start()
		shared[p] = d
	}
	d := *shared[p]
	databases++ // -count runs a test again
	d.t, d.db = t, fmt.Sprintf("factory %d", databases)
	d.create(&d)
	return &d
}

// startInfluxd starts one that t may kill.
func startInfluxd(t *testing.T, p product) *influxd {
	t.Helper()
	path := findInfluxd(t, p.binary())
	d := &influxd{product: p, t: t, dir: t.TempDir(), path: path, db: "factory", url: "http://" + freeAddress(t)}
	t.Cleanup(d.kill)
	d.start()
	d.create(d)
	return d
}

// findInfluxd finds a program on PATH, or where make puts it.
func findInfluxd(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path, err := filepath.Abs("../../bin/" + name)
	if err == nil {
		_, err = os.Stat(path)
	}
	switch {
	case err == nil:
	case name == "influxd2":
		t.Skip("no influxd2, which needs cargo to build: run make influxd2")
	default:
		t.Fatal("no " + name + ": run make " + name)
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

// start runs influxd under a shell that kills it when this test ends, however
// it ends, and waits until it answers.
func (d *influxd) start() {
	d.t.Helper()
	d.guard = exec.Command("sh", "-c", `log=$0; "$@" 2>>"$log" </dev/null >/dev/null & echo $!; cat >/dev/null; kill -9 $!; wait`)
	d.guard.Args = append(append(d.guard.Args, d.dir+"/log", d.path), d.args(d)...)
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
			if resp.StatusCode == http.StatusOK {
				d.setUp(d)
				return
			}
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

// do sends a request with the right to everything.
func (d *influxd) do(method, path, kind, body string) *http.Response {
	d.t.Helper()
	req, err := http.NewRequest(method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Authorization", "Token "+testToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp
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
	resp := d.do(http.MethodPost, "/query", "application/x-www-form-urlencoded", form.Encode())
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
	if len(answer.Results) == 0 && answer.Error == "" {
		return nil // how 2.x says that there is nothing
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
	result, err := c.api.QueryAPI(c.cfg.Org).Query(context.Background(), flux)
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
