package influx

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// testToken may do everything on 2.7; 1.8 has no users here and ignores it. With
// a colon 2.7 would take it for user and password.
const testToken = "secret-token"

// product is what differs between the versions of InfluxDB.
type product interface {
	fmt.Stringer
	binary() string
	args(d *influxd) []string
	setUp(d *influxd)                              // after each start
	create(d *influxd)                             // the buckets d.db and d.db_verdicts
	keepFor(d *influxd, keep, shard time.Duration) // retention of d.db
	createCommand(bucket string) string            // as Check advises it
}

var products = []product{v1{}, v2{}}

// v1 is InfluxDB 1.8; maxValues is its max-values-per-tag, 0: none.
type v1 struct{ maxValues int }

func (v1) String() string { return "1.8" }
func (v1) binary() string { return "influxd" }
func (v1) setUp(*influxd) {}

func (p v1) args(d *influxd) []string {
	index := "tsi1"
	if p.maxValues > 0 {
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
`, d.dir+"/meta", d.dir+"/data", d.dir+"/wal", index, p.maxValues, strings.TrimPrefix(d.url, "http://"))
	if err := os.WriteFile(d.dir+"/influxd.conf", []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return []string{"-config", d.dir + "/influxd.conf"}
}

func (v1) create(d *influxd) {
	d.t.Helper()
	d.query("CREATE DATABASE " + strconv.Quote(d.db))
	d.query("CREATE DATABASE " + strconv.Quote(d.db+"_verdicts"))
}

func (v1) keepFor(d *influxd, keep, shard time.Duration) {
	d.t.Helper()
	d.query(fmt.Sprintf(`ALTER RETENTION POLICY autogen ON %q DURATION %s SHARD DURATION %s`, d.db, keep, shard))
}

func (v1) createCommand(bucket string) string {
	return fmt.Sprintf(`influx -execute 'CREATE DATABASE %q'`, bucket)
}

// v2 is InfluxDB 2.7.
type v2 struct{}

func (v2) String() string { return "2.7" }
func (v2) binary() string { return "influxd2" }

func (v2) args(d *influxd) []string {
	return []string{
		"--reporting-disabled", "--log-level", "error", "--http-bind-address", strings.TrimPrefix(d.url, "http://"),
		"--bolt-path", d.dir + "/influxd.bolt", "--sqlite-path", d.dir + "/influxd.sqlite", "--engine-path", d.dir + "/engine",
	}
}

// setUp makes the first user, the organisation and the token, once.
func (p v2) setUp(d *influxd) {
	d.t.Helper()
	var state struct{ Allowed bool }
	p.call(d, http.MethodGet, "/api/v2/setup", nil, &state)
	if state.Allowed {
		p.call(d, http.MethodPost, "/api/v2/setup", map[string]any{
			"username": "tests", "password": "tests-tests", "org": "heartline", "bucket": "first", "token": testToken,
		}, nil)
	}
}

func (p v2) create(d *influxd) {
	d.t.Helper()
	var orgs struct{ Orgs []struct{ ID string } }
	p.call(d, http.MethodGet, "/api/v2/orgs?org=heartline", nil, &orgs)
	for _, bucket := range []string{d.db, d.db + "_verdicts"} {
		// InfluxQL finds a bucket under its own name.
		p.call(d, http.MethodPost, "/api/v2/buckets", map[string]any{"orgID": orgs.Orgs[0].ID, "name": bucket}, nil)
	}
}

func (p v2) keepFor(d *influxd, keep, shard time.Duration) {
	d.t.Helper()
	rule := map[string]any{"type": "expire", "everySeconds": keep.Seconds(), "shardGroupDurationSeconds": shard.Seconds()}
	p.call(d, http.MethodPatch, "/api/v2/buckets/"+p.bucketID(d, d.db), map[string]any{"retentionRules": []any{rule}}, nil)
}

func (p v2) bucketID(d *influxd, bucket string) string {
	d.t.Helper()
	var found struct{ Buckets []struct{ ID string } }
	p.call(d, http.MethodGet, "/api/v2/buckets?org=heartline&name="+url.QueryEscape(bucket), nil, &found)
	return found.Buckets[0].ID
}

func (v2) createCommand(bucket string) string {
	return fmt.Sprintf("influx bucket create --org heartline --name '%s'", bucket)
}

// call sends in and reads out as JSON.
func (v2) call(d *influxd, method, path string, in, out any) {
	d.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		d.t.Fatal(err)
	}
	resp := d.do(method, path, "application/json", string(body))
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s", resp.Status, text)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		d.t.Fatalf("%s %s: %v", method, path, err)
	}
}
