package influx

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/seed-00829101/heartline/internal/influxdtest"
)

// testToken may do everything on 2.7; 1.8 has no users here and ignores it. With
// a colon 2.7 would take it for user and password.
const testToken = "secret-token"

// product is what differs between the versions of InfluxDB.
type product interface {
	setUp(d *influxd)                              // after each start
	create(d *influxd)                             // the buckets d.db and d.db_verdicts
	keepFor(d *influxd, keep, shard time.Duration) // retention of d.db
	createCommand(bucket string) string            // as Check advises it
}

var products = map[string]product{influxdtest.V1: v1{}, influxdtest.V2: v2{}}

// v1 is InfluxDB 1.8, v2 is 2.7.
type (
	v1 struct{}
	v2 struct{}
)

func (v1) setUp(*influxd) {}

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
