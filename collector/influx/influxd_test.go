package influx

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/seed-00829101/heartline/internal/influxdtest"
)

// influxd is a real InfluxDB and the bucket of a test.
type influxd struct {
	*influxdtest.Server
	product
	t  testing.TB
	db string // of this test
}

// shared are the influxds, by version, of all tests that do not kill theirs;
// TestMain ends them.
var (
	shared    = map[string]*influxdtest.Server{}
	sharedIn  string // their directory
	databases int
)

func TestMain(m *testing.M) {
	var err error
	if sharedIn, err = os.MkdirTemp("", "heartline-influx"); err != nil {
		panic(err)
	}
	code := m.Run()
	for _, s := range shared {
		s.Kill()
	}
	_ = os.RemoveAll(sharedIn)
	os.Exit(code)
}

// onEvery runs test once for each version of InfluxDB, as a subtest.
func onEvery(t *testing.T, test func(t *testing.T, version string)) {
	for _, version := range influxdtest.Versions {
		t.Run(version, func(t *testing.T) { test(t, version) })
	}
}

// onEveryInfluxd runs test with the shared influxd of each version.
func onEveryInfluxd(t *testing.T, test func(t *testing.T, d *influxd)) {
	onEvery(t, func(t *testing.T, version string) { test(t, useInfluxd(t, version)) })
}

// useInfluxd returns the shared influxd of a version, with an empty bucket of
// t's own and another for results.
func useInfluxd(t *testing.T, version string) *influxd {
	t.Helper()
	databases++ // -count runs a test again
	d := &influxd{product: products[version], t: t, db: fmt.Sprintf("factory %d", databases), Server: shared[version]}
	if d.Server == nil {
		dir, err := os.MkdirTemp(sharedIn, "")
		if err != nil {
			t.Fatal(err)
		}
		d.Server = influxdtest.New(t, version, dir)
		d.Flux = true
		d.start()
		shared[version] = d.Server
	}
	d.create(d)
	return d
}

// startInfluxd starts one that t may kill.
func startInfluxd(t *testing.T, version string, change ...func(*influxdtest.Server)) *influxd {
	t.Helper()
	d := &influxd{Server: influxdtest.Run(t, version, change...), product: products[version], t: t, db: "factory"}
	d.setUp(d)
	d.create(d)
	return d
}

func (d *influxd) start() {
	d.t.Helper()
	d.Start(d.t)
	d.setUp(d)
}

// do sends a request with the right to everything.
func (d *influxd) do(method, path, kind, body string) *http.Response {
	d.t.Helper()
	req, err := http.NewRequest(method, d.URL+path, strings.NewReader(body))
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
